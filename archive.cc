// The tree is walked once.  A directory gets its entry just before the first thing inside of it, so that directories of
// which nothing was chosen leave no trace.  Attributes come from the tree itself, unless --worktree-attributes.
#include "archive.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "archive-internal.h"
#include "base/date.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/strings.h"
#include "config.h"
#include "index/attr.h"
#include "index/convert.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "setup.h"
#include "show/pretty.h"
#include "walk/commit-pool.h"
#include "walk/tree-lookup.h"

namespace git {
namespace {

// The built-in formats, then what tar.<format>.command defines.
std::vector<ArchiveFormat> known_formats(Config& config) {
  using Kind = ArchiveFormat::Kind;
  std::vector<ArchiveFormat> formats = {{"tar", Kind::tar, "", true},
                                        {"tgz", Kind::filtered_tar, "git archive gzip", true},
                                        {"tar.gz", Kind::filtered_tar, "git archive gzip", true}};
  for (const ConfigEntry& entry : config.entries()) {
    std::string_view key = entry.key;
    if (!skip_prefix(key, "tar.")) continue;
    std::size_t dot = key.rfind('.');
    if (dot == std::string_view::npos) continue;
    std::string_view name = key.substr(0, dot), what = key.substr(dot + 1);
    if (what != "command" && what != "remote") continue;
    auto same = [&](const ArchiveFormat& f) { return f.kind == Kind::filtered_tar && f.name == name; };
    auto found = std::find_if(formats.begin(), formats.end(), same);
    if (found == formats.end()) {
      formats.push_back({std::string(name), Kind::filtered_tar, "", false});
      found = formats.end() - 1;
    }
    if (what == "command") {
      if (!entry.value) die(_("missing value for '%s'"), entry.key);
      found->command = *entry.value;
    } else {
      found->is_remote_allowed = config.get_bool_or(entry.key, found->is_remote_allowed);
    }
  }
  // One that was only allowed or forbidden is none.
  auto is_empty = [&](const ArchiveFormat& f) {
    return f.kind == Kind::filtered_tar && f.command.empty() && !config.find("tar." + f.name + ".command");
  };
  std::erase_if(formats, is_empty);
  formats.push_back({"zip", Kind::zip, "", true});
  return formats;
}

// "$Format:...$" is replaced (gitattributes(5), "export-subst"). Only the first %(describe) of an archive is expanded, as
// each may be expensive.
class Substitution {
 public:
  Substitution(Repository& repo, Commit* commit) : repo_(repo), commit_(commit) {}
  std::string apply(std::string_view text) {
    static constexpr std::string_view kStart = "$Format:";
    std::string result;
    for (;;) {
      std::size_t at = text.find(kStart);
      if (at == std::string_view::npos) break;
      std::size_t end = text.find('$', at + kStart.size());
      if (end == std::string_view::npos) break;
      result += text.substr(0, at);
      result += expand(text.substr(at + kStart.size(), end - at - kStart.size()));
      text.remove_prefix(end + 1);
    }
    return result += text;
  }

 private:
  std::string expand(std::string_view format) {
    std::string safe;
    for (std::size_t i = 0; i < format.size(); i++) {
      if (format[i] == '%' && i + 1 < format.size() && format[i + 1] == '%') {
        safe += format[i++];
      } else if (starts_with(format.substr(i), "%(describe")) {
        if (has_described_) safe += '%';
        has_described_ = true;
      }
      safe += format[i];
    }
    PrettyContext context;
    context.repo = &repo_;
    return format_commit(context, commit_, safe);
  }

  Repository& repo_;
  Commit* commit_;
  bool has_described_ = false;
};

class Archiver {
 public:
  Archiver(Repository& repo, ArchiveRequest& request, std::string prefix)
      : repo_(repo), request_(request), prefix_(std::move(prefix)), converter_(repo), subst_(repo, request.commit) {
    if (!request_.uses_worktree_attributes) {
      converter_.attribute_reader().set_direction(AttrDirection::index);
      converter_.attribute_reader().set_source(request_.tree);
    }
  }
  AttributeReader& attributes() { return converter_.attribute_reader(); }
  void check_pathspecs(const std::vector<std::string>& args);
  void write(ArchiveWriter& writer);

 private:
  // A directory whose entry is not written yet.
  struct PendingDirectory {
    std::string path;
    ObjectId oid;
  };
  using Visitor = std::function<bool(const std::string& path, const TreeEntry& entry)>;

  bool walk(const ObjectId& tree, const std::string& base, const Pathspec& spec, const Visitor& visit);
  std::string shown(const std::string& path) const;
  void announce(std::string_view path) const {
    if (request_.is_verbose) errf("%s\n", path);
  }
  void write_tree();
  void write_directory(const std::string& path, const ObjectId& oid);
  void write_entry(const std::string& path, const TreeEntry& entry);
  void write_extra(const ArchiveExtraFile& file, std::size_t number);

  Repository& repo_;
  ArchiveRequest& request_;
  std::string prefix_;  // where the command was started: paths are named from there
  Converter converter_;
  Substitution subst_;
  ArchiveWriter* writer_ = nullptr;
  std::vector<PendingDirectory> pending_;
};

// Visits what the pathspec chooses; `visit` says of a directory whether to go into it, of a file whether to go on.
bool Archiver::walk(const ObjectId& tree, const std::string& base, const Pathspec& spec, const Visitor& visit) {
  Result<ObjectData> data = repo_.odb().read_peeled(tree, ObjectType::tree);
  if (!data) die(_("could not read tree %s"), tree);
  TreeReader reader(data->data, repo_.algo());
  TreeEntry entry;
  Interest interest = Interest::no;
  while (reader.next(entry)) {
    if (interest != Interest::all)
      interest = tree_entry_interesting(repo_, spec, base, entry.name, entry.mode, true, &attributes());
    if (interest == Interest::all_not) break;
    if (interest == Interest::no) continue;
    std::string path = base + std::string(entry.name);
    bool goes_on = visit(path, entry);
    if (is_tree_mode(entry.mode)) {
      if (goes_on && !walk(entry.oid, path + "/", spec, visit)) return false;
    } else if (!goes_on) {
      return false;
    }
  }
  if (reader.has_error()) die("%s", reader.error());
  return true;
}

void Archiver::check_pathspecs(const std::vector<std::string>& args) {
  for (const std::string& arg : args) {
    Pathspec one = parse_pathspec(repo_, {arg}, prefix_, kPreferFull);
    bool exists = false, is_outside = false;
    walk(request_.tree, "", one, [&](const std::string& path, const TreeEntry& entry) {
      if (!prefix_.empty() && !starts_with(path + "/", prefix_) && !is_tree_mode(entry.mode)) is_outside = true;
      if (is_tree_mode(entry.mode)) {
        for (const PathspecItem& item : one.items) exists |= !item.is_wild() && (item.match == path || item.match == path + "/");
        return true;
      }
      exists = true;
      return false;
    });
    if (!exists) die(_("pathspec '%s' did not match any files"), arg);
    if (!prefix_.empty() && !is_outside) {
      // "..", say: everything it covers must be below the current directory.
      walk(request_.tree, "", one, [&](const std::string& path, const TreeEntry& entry) {
        if (is_tree_mode(entry.mode)) return true;
        is_outside = is_outside || !starts_with(path, prefix_);
        return !is_outside;
      });
    }
    if (is_outside) die(_("pathspec '%s' matches files outside the current directory"), arg);
  }
}

// Paths in the archive are seen from where the command was started.
std::string Archiver::shown(const std::string& path) const {
  std::string_view rest = path;
  skip_prefix(rest, prefix_);
  return request_.base + std::string(rest);
}

void Archiver::write_directory(const std::string& path, const ObjectId& oid) {
  if (starts_with(prefix_, path + "/")) return;
  std::string name = shown(path) + "/";
  announce(name);
  ArchiveEntry entry;
  entry.path = name;
  entry.oid = oid;
  entry.mode = kModeTree;
  writer_->add(entry);
}

void Archiver::write_entry(const std::string& path, const TreeEntry& tree_entry) {
  if (attributes().get(path, "export-ignore").is_set()) return;
  std::string name = shown(path);
  ArchiveEntry entry;
  entry.oid = tree_entry.oid;
  entry.mode = tree_entry.mode;
  if (is_gitlink_mode(entry.mode)) {
    name += '/';
    announce(name);
    entry.path = name;
    return writer_->add(entry);
  }
  announce(name);
  entry.path = name;
  bool substitutes = request_.commit && attributes().get(path, "export-subst").is_set();
  if (is_regular_mode(entry.mode) && !substitutes) {
    std::optional<ObjectInfo> info = repo_.odb().info(entry.oid);
    if (info && info->size > repo_.odb().options().big_file_threshold) {
      auto stream = repo_.odb().open_stream(entry.oid);
      if (!stream) die(_("cannot stream blob %s"), entry.oid);
      entry.stream = stream->get();
      entry.size = info->size;
      return writer_->add(entry);
    }
  }
  Result<ObjectData> data = repo_.odb().read(entry.oid);
  if (!data) die(_("cannot read '%s'"), entry.oid);
  std::string content = std::move(data->data);
  if (is_regular_mode(entry.mode)) {
    CheckoutMetadata metadata;
    metadata.treeish = request_.commit ? request_.commit->oid : request_.tree;
    metadata.blob = entry.oid;
    if (auto converted = converter_.to_working_tree(path, content, &metadata)) content = std::move(*converted);
    if (substitutes) content = subst_.apply(content);
  }
  entry.content = content;
  entry.size = content.size();
  writer_->add(entry);
}

void Archiver::write_tree() {
  walk(request_.tree, "", request_.pathspec, [&](const std::string& path, const TreeEntry& entry) {
    while (!pending_.empty() && !starts_with(path, pending_.back().path + "/")) pending_.pop_back();
    if (is_tree_mode(entry.mode)) {
      if (attributes().get(path + "/", "export-ignore").is_set()) return false;
      pending_.push_back({path, entry.oid});
      return true;
    }
    // Written ones keep their place in the stack with an empty name.
    for (PendingDirectory& directory : pending_) {
      if (directory.oid.is_null()) continue;
      write_directory(directory.path, directory.oid);
      directory.oid = ObjectId::null(repo_.algo());
    }
    write_entry(path, entry);
    return true;
  });
}

void Archiver::write_extra(const ArchiveExtraFile& file, std::size_t number) {
  std::string content = file.content;
  if (!file.source.empty()) {
    Result<std::string> bytes = read_file(file.source);
    if (!bytes) die(_("cannot read '%s'"), file.source);
    content = std::move(*bytes);
  }
  ArchiveEntry entry;
  // Headers that need a name of their own (long paths) are told apart by a running number.
  entry.oid = *ObjectId::from_hex(strf("%0*x", static_cast<int>(hex_size(repo_.algo())), number + 1), repo_.algo());
  entry.path = file.path;
  entry.mode = file.mode;
  entry.content = content;
  entry.size = content.size();
  announce(file.path);
  writer_->add(entry);
}

void Archiver::write(ArchiveWriter& writer) {
  writer_ = &writer;
  writer.begin();
  if (ends_with(request_.base, "/")) {
    std::string_view base = request_.base;
    while (base.size() > 1 && base[base.size() - 2] == '/') base.remove_suffix(1);
    announce(base);
    ArchiveEntry entry;
    entry.path = base;
    entry.oid = request_.tree;
    entry.mode = kModeTree;
    writer.add(entry);
  }
  write_tree();
  for (std::size_t i = 0; i < request_.extra_files.size(); i++) write_extra(request_.extra_files[i], i);
  writer.finish();
}

// ---- the command line ----

struct CommandLine {
  std::string format, base, output, remote, exec, mtime;
  bool lists = false;
  std::vector<std::string> words;
};

void add_file(ArchiveRequest& request, const std::string& base, const std::string& value, std::string_view prefix) {
  ArchiveExtraFile file;
  file.source = prefix_filename(prefix, value);
  struct stat st;
  if (::stat(file.source.c_str(), &st)) die(_("File not found: %s"), file.source);
  if (!S_ISREG(st.st_mode)) die(_("Not a regular file: %s"), file.source);
  file.mode = canon_mode(st.st_mode);
  file.path = base + std::string(path_basename(file.source));
  request.extra_files.push_back(std::move(file));
}

void add_virtual_file(ArchiveRequest& request, const std::string& base, const std::string& value) {
  ArchiveExtraFile file;
  std::string_view rest = value;
  std::string path;
  if (starts_with(rest, "\"")) {
    auto unquoted = unquote_c_style(rest);
    if (!unquoted) die(_("unclosed quote: '%s'"), value);
    path = *unquoted;
    if (!starts_with(rest, ":")) die(_("missing colon: '%s'"), value);
  } else {
    std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos) die(_("missing colon: '%s'"), value);
    path = rest.substr(0, colon);
    rest.remove_prefix(colon);
  }
  if (path.empty()) die(_("empty file name: '%s'"), value);
  file.path = base + path;
  file.content = rest.substr(1);
  request.extra_files.push_back(std::move(file));
}

CommandLine parse_command_line(ArchiveRequest& request, const std::vector<std::string>& args, std::string_view prefix,
                               bool is_remote) {
  CommandLine line;
  Options options({"git archive [<options>] <tree-ish> [<path>...]", "git archive --list",
                   "git archive --remote <repo> [--exec <cmd>] [<options>] <tree-ish> [<path>...]",
                   "git archive --remote <repo> [--exec <cmd>] --list"});
  options.group("");
  options.string(0, "format", &line.format, N_("fmt"), N_("archive format"));
  options.string(0, "prefix", &line.base, N_("prefix"), N_("prepend prefix to each pathname in the archive"));
  options.callback(0, "add-file", N_("file"), N_("add untracked file to archive"),
                   [&](const std::optional<std::string>& value, bool unset) {
                     if (unset)
                       request.extra_files.clear();
                     else
                       add_file(request, line.base, *value, prefix);
                     return true;
                   });
  options.callback(0, "add-virtual-file", N_("path:content"), N_("add untracked file to archive"),
                   [&](const std::optional<std::string>& value, bool unset) {
                     if (unset)
                       request.extra_files.clear();
                     else
                       add_virtual_file(request, line.base, *value);
                     return true;
                   });
  options.string('o', "output", &line.output, N_("file"), N_("write the archive to this file"));
  options.boolean(0, "worktree-attributes", &request.uses_worktree_attributes, N_("read .gitattributes in working directory"));
  options.boolean('v', "verbose", &request.is_verbose, N_("report archived files on stderr"));
  options.string(0, "mtime", &line.mtime, N_("time"), N_("set modification time of archive entries"));
  options.number(N_("set compression level"), [&](int level) { request.compression_level = level; });
  options.group("");
  options.boolean('l', "list", &line.lists, N_("list supported archive formats"));
  options.group("");
  options.string(0, "remote", &line.remote, N_("repo"), N_("retrieve the archive from remote repository <repo>"));
  options.string(0, "exec", &line.exec, N_("command"), N_("path to the remote git-upload-archive command"));
  line.words = options.parse(args, prefix);
  if (!line.remote.empty()) die("%s", _("Unexpected option --remote"));
  if (!line.exec.empty()) die(_("the option '%s' requires '%s'"), "--exec", "--remote");
  if (!line.output.empty()) die("%s", _("Unexpected option --output"));
  if (is_remote && !request.extra_files.empty())
    die(_("options '%s' and '%s' cannot be used together"), "--add-file", "--remote");
  if (line.lists && !line.words.empty()) die(_("extra command line parameter '%s'"), line.words[0]);
  if (!line.lists && line.words.empty()) options.usage_with_options();
  return line;
}

const ArchiveFormat* find_format(const std::vector<ArchiveFormat>& formats, std::string_view name) {
  for (const ArchiveFormat& format : formats)
    if (format.name == name) return &format;
  return nullptr;
}

void parse_treeish(Repository& repo, ArchiveRequest& request, const CommandLine& line, bool is_remote) {
  const std::string& name = line.words[0];
  if (is_remote && !repo.config().get_bool_or("uploadarchive.allowunreachable", false)) {
    std::string_view ref = std::string_view(name).substr(0, name.find(':'));
    ObjectId oid;
    std::string full;
    if (!dwim_ref(repo, ref, &oid, &full)) die(_("no such ref: %.*s"), static_cast<int>(ref.size()), ref);
  }
  auto oid = get_oid(repo, name);
  if (!oid) die(_("not a valid object name: %s"), name);
  // A name like "tag:dir" names a tree; only what peels to a commit has a time of its own.
  if (repo.odb().type_of(*oid) == ObjectType::commit || repo.odb().type_of(*oid) == ObjectType::tag)
    request.commit = repo.commits().peel_to_commit(*oid);
  if (request.commit) {
    repo.commits().parse_or_die(request.commit);
    request.time = static_cast<std::int64_t>(request.commit->date);
  } else {
    request.time = static_cast<std::int64_t>(current_time());
  }
  if (!line.mtime.empty()) request.time = static_cast<std::int64_t>(approxidate(line.mtime));
  auto tree = repo.odb().read_peeled(*oid, ObjectType::tree, &request.tree);
  if (!tree) die(_("not a tree object: %s"), *oid);
}

}  // namespace

std::string archive_format_of_filename(Config& config, std::string_view name) {
  for (const ArchiveFormat& format : known_formats(config)) {
    std::string_view rest = name;
    if (strip_suffix(rest, format.name) && rest.size() > 1 && rest.back() == '.') return format.name;
  }
  return {};
}

int write_archive(Repository* repo, const std::vector<std::string>& args, std::optional<std::string_view> prefix,
                  const std::string& name_hint, bool is_remote) {
  ArchiveRequest request;
  std::string_view start = prefix.value_or("");
  CommandLine line = parse_command_line(request, args, start, is_remote);
  std::unique_ptr<Config> early;
  if (!repo) early = read_early_config();
  Config& config = repo ? repo->config() : *early;
  std::vector<ArchiveFormat> formats = known_formats(config);
  if (line.lists) {
    for (const ArchiveFormat& format : formats)
      if (!is_remote || format.is_remote_allowed) outf("%s\n", format.name);
    return 0;
  }
  if (!repo) die("not a git repository (or any of the parent directories): %s", ".git");
  if (line.format.empty() && !name_hint.empty()) line.format = archive_format_of_filename(config, name_hint);
  if (line.format.empty()) line.format = "tar";
  const ArchiveFormat* format = find_format(formats, line.format);
  if (!format || (is_remote && !format->is_remote_allowed)) die(_("Unknown archive format '%s'"), line.format);
  if (request.compression_level != -1) {
    bool takes_level = format->kind == ArchiveFormat::Kind::filtered_tar ||
                       (format->kind == ArchiveFormat::Kind::zip && request.compression_level <= 9);
    if (!takes_level) die(_("Argument not supported for format '%s': -%d"), line.format, request.compression_level);
  }
  request.base = line.base;
  parse_treeish(*repo, request, line, is_remote);
  std::vector<std::string> paths(line.words.begin() + 1, line.words.end());
  request.pathspec = parse_pathspec(*repo, paths, start, kPreferCwd);
  Archiver archiver(*repo, request, std::string(start));
  if (!start.empty()) {
    auto entry = find_tree_entry(repo->odb(), request.tree, start.substr(0, start.size() - 1));
    if (!entry || !is_tree_mode(entry->mode)) die("%s", _("current working directory is untracked"));
  }
  archiver.check_pathspecs(paths);
  std::unique_ptr<ArchiveWriter> writer = format->kind == ArchiveFormat::Kind::zip
                                              ? make_zip_writer(*repo, request, archiver.attributes())
                                              : make_tar_writer(*repo, request, *format);
  archiver.write(*writer);
  return 0;
}

}  // namespace git
