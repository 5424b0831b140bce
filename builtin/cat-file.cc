// git cat-file: content, type and size of objects; one at a time here, many in builtin-local batch code below.
#include <algorithm>
#include <unordered_set>

#include "base/command-line.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "diff/diffcore.h"
#include "diff/external.h"
#include "diff/options.h"
#include "fetch-object-info.h"
#include "index/convert.h"
#include "object-name.h"
#include "odb.h"
#include "pack/pack.h"
#include "show/mailmap.h"
#include "walk/object-filter.h"
#include "walk/tree-lookup.h"

GIT_BUILTIN("cat-file", cmd_cat_file, kSetup)

namespace git {
namespace {

struct Batch {
  bool enabled = false, print_contents = false, commands = false;
  bool all_objects = false, unordered = false, follow_symlinks = false, is_default_format = true;
  int buffer_output = -1;
  int transform_mode = 0;  // 'c' or 'w'
  char input_delim = '\n', output_delim = '\n';
  std::string format;
  ObjectFilter filter;
};

// What a format may ask about one object.
struct Item {
  ObjectId oid;
  ObjectInfo info;
  std::uint32_t mode = 0;
  std::string rest;
  const Pack* pack = nullptr;  // with --batch-all-objects: the copy that is meant
  std::uint64_t offset = 0;
};

class CatFile {
 public:
  CatFile(Repository& repo, std::string prefix) : repo_(repo), prefix_(std::move(prefix)) {}
  Batch batch;
  std::optional<std::string> force_path;
  void use_mailmap() { mailmap_ = Mailmap::read(repo_); }

  int show_one(int opt, const std::string& exp_type, const std::string& name);
  int run_batch();

 private:
  void stream_blob(const ObjectId& oid) const;
  std::string filtered(const std::string& path, std::uint32_t mode, const ObjectId& oid);
  std::optional<std::string> textconv(const std::string& path, std::uint32_t mode, const ObjectId& oid);
  std::string mapped(ObjectType type, std::string bytes) const;
  std::optional<ObjectInfo> info_of(const ObjectId& oid, unsigned flags = 0) const;
  void print_tree(const ObjectId& oid) const;
  int show_typed(const std::string& exp_type, ObjectId oid, const std::string& name) const;

  bool is_excluded(const Item& item) const;
  std::string expand(const Item& item) const;
  void one_object(std::string name);
  void report_unresolved(const std::string& name, const ObjectContext& context) const;
  void write_object(const std::string& name, Item& item);
  void print_contents(const std::string& name, const Item& item);
  void all_objects();
  void run_commands();
  void remote_object_info(const std::string& arguments);
  void dispatch(const std::string& command, const std::string& arguments);
  void flush_unless_buffered() const {
    if (!batch.buffer_output) flush_out();
  }
  void line(const std::string& text) const { out(text + batch.output_delim); }

  Repository& repo_;
  std::optional<Mailmap> mailmap_;
  std::string prefix_;
  bool splits_on_space_ = false, needs_info_ = false;
};

// ---- one object ----

void CatFile::stream_blob(const ObjectId& oid) const {
  auto stream = repo_.odb().open_stream(oid);
  if (!stream) die("unable to stream %s to stdout", oid);
  std::string buffer(1u << 16, '\0');
  for (;;) {
    ssize_t n = (*stream)->read(buffer.data(), buffer.size());
    if (n < 0) die("unable to stream %s to stdout", oid);
    if (n == 0) return;
    out(std::string_view(buffer).substr(0, static_cast<std::size_t>(n)));
  }
}

std::string CatFile::filtered(const std::string& path, std::uint32_t mode, const ObjectId& oid) {
  auto object = repo_.odb().read(oid);
  if (!object) die("cannot read object %s '%s'", oid, path);
  if (object->type == ObjectType::blob && (is_regular_mode(mode) || mode == 0)) {
    Converter converter(repo_);
    CheckoutMetadata metadata;
    metadata.blob = oid;
    if (auto converted = converter.to_working_tree(path, object->data, &metadata)) return std::move(*converted);
  }
  return std::move(object->data);
}

std::optional<std::string> CatFile::textconv(const std::string& path, std::uint32_t mode, const ObjectId& oid) {
  DiffOptions diff;
  diff.repo = &repo_;
  diff.config = &repo_.config();
  diff.allow_textconv = true;
  DiffFilespec spec(path);
  spec.fill(oid, true, mode ? mode : kModeBlob);
  const UserdiffDriver* driver = textconv_driver(diff, spec);
  if (!driver) return std::nullopt;
  return run_textconv(diff, *driver, spec);
}

// The people in a commit's or tag's headers as the mailmap knows them.
std::string CatFile::mapped(ObjectType type, std::string bytes) const {
  if (!mailmap_ || (type != ObjectType::commit && type != ObjectType::tag)) return bytes;
  std::string result;
  std::string_view rest = bytes;
  while (!rest.empty() && rest[0] != '\n') {
    std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
    std::string_view whole = rest.substr(0, end + 1), line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    std::size_t space = line.find(' ');
    std::string_view key = line.substr(0, space);
    bool is_person = key == "author" || key == "committer" || key == "tagger";
    auto ident = is_person ? split_ident_line(line.substr(space + 1)) : std::nullopt;
    std::string name, mail;
    if (ident) name = ident->name, mail = ident->mail;
    if (!ident || !mailmap_->map(name, mail)) {
      result += whole;
      continue;
    }
    result += strf("%s %s <%s>", key, name, mail);
    result += whole.substr(whole.rfind('>') + 1);
  }
  result += rest;
  return result;
}

// The size is that of what would be shown.
std::optional<ObjectInfo> CatFile::info_of(const ObjectId& oid, unsigned flags) const {
  auto info = repo_.odb().info(oid, flags);
  if (info && mailmap_ && (info->type == ObjectType::commit || info->type == ObjectType::tag))
    if (auto object = repo_.odb().read(oid, flags)) info->size = mapped(info->type, std::move(object->data)).size();
  return info;
}

// As ls-tree shows it.
void CatFile::print_tree(const ObjectId& oid) const {
  auto tree = repo_.odb().read(oid);
  if (!tree) die("not a tree object");
  bool quote_high = repo_.config().get_bool_or("core.quotepath", true);
  TreeReader reader(tree->data, repo_.algo());
  TreeEntry entry;
  while (reader.next(entry)) {
    std::uint32_t mode = canon_mode(entry.mode);
    outf("%06o %s %s\t%s\n", mode, type_name(type_of_mode(mode)), entry.oid, quote_c_style(entry.name, quote_high));
  }
  if (reader.has_error()) die("%s", reader.error());
}

int CatFile::show_typed(const std::string& exp_type, ObjectId oid, const std::string& name) const {
  ObjectType wanted = parse_type_name(exp_type);
  if (wanted == ObjectType::bad) die("invalid object type \"%s\"", exp_type);
  ObjectDatabase& odb = repo_.odb();
  if (wanted == ObjectType::blob) {
    ObjectType type = odb.type_of(oid);
    while (type == ObjectType::tag) {
      auto data = odb.read(oid);
      auto tag = data ? parse_tag(data->data, repo_.algo()) : Result<TagHeader>(data.error());
      if (!tag) die("%s not a valid tag", oid);
      oid = tag->object;
      type = tag->type;
    }
    if (type == ObjectType::blob) {
      stream_blob(oid);
      return 0;
    }
  }
  auto object = odb.read_peeled(oid, wanted);
  if (!object) die("git cat-file %s: bad file", name);
  out(mapped(object->type, std::move(object->data)));
  return 0;
}

int CatFile::show_one(int opt, const std::string& exp_type, const std::string& name) {
  ObjectContext context;
  auto found = get_oid_with_context(repo_, name, NameHint::none, &context, false, false, prefix_);
  if (!found && name.find(':') != std::string::npos) die_wrong_path(repo_, name, prefix_);
  if (!found) die("Not a valid object name %s", name);
  ObjectId oid = *found;
  ObjectDatabase& odb = repo_.odb();
  if (force_path) context.path = *force_path;
  switch (opt) {
    case 't': {
      auto info = odb.info(oid);
      if (!info) die("git cat-file: could not get object info");
      outf("%s\n", type_name(info->type));
      return 0;
    }
    case 's': {
      auto info = info_of(oid);
      if (!info) die("git cat-file: could not get object info");
      outf("%u\n", info->size);
      return 0;
    }
    case 'e':
      return odb.has(oid) ? 0 : 1;
    case 'w':
    case 'c':
      if (context.path.empty())
        die("git cat-file --%s %s: <object> must be <sha1:path>", opt == 'w' ? "filters" : "textconv", name);
      if (opt == 'w') {
        out(filtered(context.path, context.mode, oid));
        return 0;
      }
      if (auto text = textconv(context.path, context.mode, oid)) {
        out(*text);
        return 0;
      }
      [[fallthrough]];
    case 'p': {
      ObjectType type = odb.type_of(oid);
      if (type == ObjectType::bad) die("Not a valid object name %s", name);
      if (type == ObjectType::tree) {
        print_tree(oid);
        return 0;
      }
      if (type == ObjectType::blob) {
        stream_blob(oid);
        return 0;
      }
      auto object = odb.read(oid);
      if (!object) die("Cannot read object %s", name);
      out(mapped(type, std::move(object->data)));
      return 0;
    }
    default:
      return show_typed(exp_type, oid, name);
  }
}

// ---- many objects ----

std::string CatFile::expand(const Item& item) const {
  std::string text;
  for (std::string_view rest = batch.format; !rest.empty();) {
    std::size_t percent = rest.find('%');
    text += rest.substr(0, percent);
    if (percent == std::string_view::npos) break;
    rest.remove_prefix(percent + 1);
    int high = rest.size() >= 3 ? hex_value(rest[1]) : -1, low = rest.size() >= 3 ? hex_value(rest[2]) : -1;
    if (skip_prefix(rest, "%")) {
      text += '%';
    } else if (skip_prefix(rest, "n")) {
      text += '\n';
    } else if (starts_with(rest, "x") && high >= 0 && low >= 0) {
      text += static_cast<char>(high << 4 | low);
      rest.remove_prefix(3);
    } else if (skip_prefix(rest, "(objectname)")) {
      text += item.oid.hex();
    } else if (skip_prefix(rest, "(objecttype)")) {
      text += type_name(item.info.type);
    } else if (skip_prefix(rest, "(objectsize)")) {
      text += std::to_string(item.info.size);
    } else if (skip_prefix(rest, "(objectsize:disk)")) {
      text += std::to_string(item.info.disk_size);
    } else if (skip_prefix(rest, "(deltabase)")) {
      text += item.info.delta_base.is_null() ? ObjectId::null(repo_.algo()).hex() : item.info.delta_base.hex();
    } else if (skip_prefix(rest, "(objectmode)")) {
      if (item.mode) text += strf("%06o", item.mode);
    } else if (skip_prefix(rest, "(rest)")) {
      text += item.rest;
    } else if (rest.empty() || rest[0] != '(') {
      die("bad cat-file format: element '%s' does not start with '('", rest);
    } else {
      std::size_t end = rest.find(')');
      if (end == std::string_view::npos) die("bad cat-file format: element '%s' does not end in ')'", rest);
      die("bad cat-file format: %%%s", rest.substr(0, end + 1));
    }
  }
  return text;
}

bool CatFile::is_excluded(const Item& item) const {
  switch (batch.filter.kind) {
    case ObjectFilter::Kind::blob_none:
      return item.info.type == ObjectType::blob;
    case ObjectFilter::Kind::blob_limit:
      return item.info.type == ObjectType::blob && item.info.size >= batch.filter.blob_limit;
    case ObjectFilter::Kind::object_type:
      return item.info.type != batch.filter.type;
    default:
      return false;
  }
}

void CatFile::print_contents(const std::string& name, const Item& item) {
  if (item.info.type == ObjectType::blob) {
    if (!batch.transform_mode) return stream_blob(item.oid);
    if (item.rest.empty()) die("missing path for '%s'", item.oid);
    if (batch.transform_mode == 'c') {
      auto text = textconv(item.rest, kModeBlob, item.oid);
      if (!text) return stream_blob(item.oid);
      return out(*text);
    }
    return out(filtered(item.rest, 0100644, item.oid));
  }
  auto object = item.pack ? item.pack->read(item.offset) : repo_.odb().read(item.oid, batch.all_objects ? kLookupNoReplace : 0u);
  if (!object) die("object %s disappeared", name.empty() ? item.oid.hex() : name);
  if (object->type != item.info.type) die("object %s changed type!?", item.oid);
  std::string bytes = mapped(object->type, std::move(object->data));
  if (bytes.size() != item.info.size) die("object %s changed size!?", item.oid);
  out(bytes);
}

void CatFile::write_object(const std::string& name, Item& item) {
  if (needs_info_) {
    std::optional<ObjectInfo> info;
    if (item.pack) {
      if (auto packed = item.pack->info(item.offset)) {
        info.emplace();
        info->type = packed->type;
        info->size = packed->size;
        info->disk_size = packed->disk_size;
        info->delta_base = packed->delta_base;
      }
    } else {
      info = info_of(item.oid, batch.all_objects ? kLookupNoReplace : 0u);
    }
    if (!info) {
      if (is_gitlink_mode(item.mode))
        line(strf("%s submodule", item.oid));
      else
        line(strf("%s missing", name.empty() ? item.oid.hex() : name));
      return flush_unless_buffered();
    }
    item.info = *info;
  }
  if (is_excluded(item)) {
    if (!batch.all_objects) {
      line(strf("%s excluded", name.empty() ? item.oid.hex() : name));
      flush_unless_buffered();
    }
    return;
  }
  if (batch.is_default_format)
    line(strf("%s %s %u", item.oid, type_name(item.info.type), item.info.size));
  else
    line(expand(item));
  if (batch.print_contents) {
    print_contents(name, item);
    out(std::string_view(&batch.output_delim, 1));
  }
  flush_unless_buffered();
}

void CatFile::report_unresolved(const std::string& name, const ObjectContext& context) const {
  using Kind = SymlinkLookup::Kind;
  const std::string_view delim(&batch.output_delim, 1);
  switch (batch.follow_symlinks ? static_cast<Kind>(context.symlink_result) : Kind::missing) {
    case Kind::dangling:
      line(strf("dangling %u%s%s", name.size(), delim, name));
      return;
    case Kind::loop:
      line(strf("loop %u%s%s", name.size(), delim, name));
      return;
    case Kind::not_dir:
      line(strf("notdir %u%s%s", name.size(), delim, name));
      return;
    default:
      break;
  }
  bool is_hex = name.size() >= 4 && name.size() < hex_size(repo_.algo()) &&
                std::all_of(name.begin(), name.end(), [](char c) { return hex_value(c) >= 0; });
  int matches = 0;
  if (is_hex) {
    std::string padded = name + std::string(hex_size(repo_.algo()) - name.size(), '0');
    repo_.odb().for_each_prefixed(*ObjectId::from_hex(padded, repo_.algo()), name.size(),
                                  [&](const ObjectId&) { return ++matches < 2; });
  }
  line(strf("%s %s", name, matches > 1 ? "ambiguous" : "missing"));
}

void CatFile::one_object(std::string name) {
  Item item;
  if (splits_on_space_) {
    std::size_t space = name.find_first_of(" \t");
    if (space != std::string::npos) {
      item.rest = ltrim(std::string_view(name).substr(space));
      name.resize(space);
    }
  }
  ObjectContext context;
  auto oid = get_oid_with_context(repo_, name, NameHint::none, &context, false, batch.follow_symlinks, prefix_);
  if (!oid && !(batch.follow_symlinks && !context.symlink_path.empty())) {
    report_unresolved(name, context);
    return flush_unless_buffered();
  }
  if (batch.follow_symlinks && !context.symlink_path.empty()) {
    line(strf("symlink %u%s%s", context.symlink_path.size(), std::string_view(&batch.output_delim, 1), context.symlink_path));
    return flush_unless_buffered();
  }
  item.oid = *oid;
  item.mode = context.mode;
  write_object(name, item);
}

void CatFile::all_objects() {
  ObjectDatabase& odb = repo_.odb();
  if (batch.unordered) {
    std::unordered_set<ObjectId, ObjectIdHash> seen;
    odb.for_each_loose([&](const ObjectId& oid, const std::string&) {
      if (seen.insert(oid).second) {
        Item item;
        item.oid = oid;
        write_object({}, item);
      }
      return true;
    });
    odb.for_each_packed(
        [&](const ObjectId& oid, const Pack& pack, std::uint32_t position) {
          if (seen.insert(oid).second) {
            Item item;
            item.oid = oid;
            item.pack = &pack;
            item.offset = pack.offset_at(position);
            write_object({}, item);
          }
          return true;
        },
        false, true);
    return;
  }
  std::vector<ObjectId> names;
  odb.for_each_loose([&](const ObjectId& oid, const std::string&) { return names.push_back(oid), true; });
  odb.for_each_packed([&](const ObjectId& oid, const Pack&, std::uint32_t) { return names.push_back(oid), true; });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const ObjectId& oid : names) {
    Item item;
    item.oid = oid;
    write_object({}, item);
  }
}

// "<remote> <oid>...": what another repository says of its objects. Only names and sizes can be asked for.
void CatFile::remote_object_info(const std::string& arguments) {
  auto words = parse_command_line(arguments);
  if (!words) die("%s", words.error().message);
  if (words->size() < 2) die("remote-object-info requires objects");
  // How the other side stores an object isn't told.
  std::string whole_format = batch.format;
  for (const char* atom : {"%(objectsize:disk)", "%(deltabase)"}) batch.format = replace_all(batch.format, atom, "");
  std::vector<ObjectId> oids;
  for (std::size_t i = 1; i < words->size(); i++) {
    const std::string& word = (*words)[i];
    auto oid = ObjectId::from_hex(word, repo_.algo());
    bool is_hex = std::all_of(word.begin(), word.end(), [](char c) { return hex_value(c) >= 0; });
    if (!oid && is_hex && word.size() < hex_size(repo_.algo())) die("remote-object-info does not support short oids");
    if (!oid) die("not a valid object name '%s'", word);
    oids.push_back(*oid);
  }
  auto sizes = fetch_object_info(repo_, (*words)[0], oids);
  for (const ObjectId& oid : oids) {
    auto found = sizes.find(oid);
    if (found == sizes.end()) {
      line(strf("%s missing", oid));
      continue;
    }
    Item item;
    item.oid = oid;
    item.info.size = found->second;
    line(batch.is_default_format ? strf("%s %u", oid, item.info.size) : expand(item));
  }
  batch.format = whole_format;
  flush_unless_buffered();
}

void CatFile::dispatch(const std::string& command, const std::string& arguments) {
  if (command == "remote-object-info") return remote_object_info(arguments);
  batch.print_contents = command == "contents";
  one_object(arguments);
}

void CatFile::run_commands() {
  std::vector<std::pair<std::string, std::string>> queue;
  auto run_queue = [&] {
    for (const auto& [command, arguments] : queue) dispatch(command, arguments);
    queue.clear();
    flush_out();
  };
  LineReader reader(0, batch.input_delim);
  std::string input;
  while (reader.next(input)) {
    if (input.empty()) die("empty command in input");
    if (is_space(input[0])) die("whitespace before command: '%s'", input);
    std::size_t space = input.find(' ');
    std::string command = input.substr(0, space), arguments = space == std::string::npos ? "" : input.substr(space + 1);
    if (command == "flush") {
      if (space != std::string::npos) die("%s takes no arguments", command);
      if (!batch.buffer_output) die("flush is only for --buffer mode");
      run_queue();
      continue;
    }
    if (command != "contents" && command != "info" && command != "remote-object-info") die("unknown command: '%s'", input);
    if (space == std::string::npos) die("%s requires arguments", command);
    if (batch.buffer_output)
      queue.emplace_back(std::move(command), std::move(arguments));
    else
      dispatch(command, arguments);
  }
  if (batch.buffer_output && !env_bool("GIT_TEST_CAT_FILE_NO_FLUSH_ON_EXIT", false)) run_queue();
}

int CatFile::run_batch() {
  if (batch.is_default_format) batch.format = "%(objectname) %(objecttype) %(objectsize)";
  splits_on_space_ = batch.format.find("%(rest)") != std::string::npos || batch.transform_mode;
  Item sample;
  sample.oid = ObjectId::null(repo_.algo());
  expand(sample);  // complains about a bad format before anything is read
  bool trivial = batch.all_objects && !batch.filter.is_set();
  for (const char* atom : {"(objecttype)", "(objectsize)", "(objectsize:disk)", "(deltabase)"})
    if (batch.format.find(atom) != std::string::npos) trivial = false;
  needs_info_ = !trivial || batch.print_contents || batch.is_default_format;
  if (batch.all_objects) {
    all_objects();
  } else if (batch.commands) {
    run_commands();
  } else {
    LineReader reader(0, batch.input_delim);
    std::string name;
    while (reader.next(name)) one_object(name);
  }
  return 0;
}

const char* const kUsage[] = {
    "git cat-file <type> <object>",
    "git cat-file (-e | -p | -t | -s) <object>",
    "git cat-file (--textconv | --filters)\n"
    "             [<rev>:<path|tree-ish> | --path=<path|tree-ish> <rev>]",
    "git cat-file (--batch | --batch-check | --batch-command) [--batch-all-objects]\n"
    "             [--buffer] [--follow-symlinks] [--unordered]\n"
    "             [--textconv | --filters] [-Z]",
};

void check_batch_only(Options& options, const Batch& batch, bool nul_in, bool nul_both) {
  const char* name = batch.follow_symlinks      ? "--follow-symlinks"
                     : batch.buffer_output >= 0 ? "--buffer"
                     : batch.all_objects        ? "--batch-all-objects"
                     : nul_in                   ? "-z"
                     : nul_both                 ? "-Z"
                                                : nullptr;
  if (name) options.usage_msg(strf("'%s' requires a batch mode", name));
}

}  // namespace

int cmd_cat_file(Invocation& inv) {
  CatFile command(inv.repo(), std::string(inv.prefix_or_empty()));
  Batch& batch = command.batch;
  int opt = 0;
  bool use_mailmap = false;
  bool nul_in = false, nul_both = false, allow_unknown_type = false;
  Options options({kUsage[0], kUsage[1], kUsage[2], kUsage[3]});
  options.group("Check object existence or emit object contents");
  options.cmd_mode('e', "", &opt, 'e', "check if <object> exists");
  options.cmd_mode('p', "", &opt, 'p', "pretty-print <object> content");
  options.group("Emit [broken] object attributes");
  options.cmd_mode('t', "", &opt, 't', "show object type (one of 'blob', 'tree', 'commit', 'tag', ...)");
  options.cmd_mode('s', "", &opt, 's', "show object size");
  options.boolean(0, "allow-unknown-type", &allow_unknown_type, "historical option -- no-op", kOptHidden);
  options.boolean(0, "use-mailmap", &use_mailmap, "use mail map file");
  options.alias(0, "mailmap", "use-mailmap");
  options.group("Batch objects requested on stdin (or --batch-all-objects)");
  auto batch_option = [&](const char* name, bool contents, bool commands, const char* help) {
    options.callback(
        0, name, "format", help,
        [&batch, name, contents, commands](const std::optional<std::string>& value, bool) {
          if (batch.enabled) {
            error("only one batch option may be specified");
            return false;
          }
          batch.enabled = true;
          batch.print_contents = contents;
          batch.commands = commands;
          if (value) {
            batch.format = *value;
            batch.is_default_format = false;
          }
          return true;
        },
        kOptOptionalArg | kOptNoNeg);
  };
  batch_option("batch", true, false, "show full <object> or <rev> contents");
  batch_option("batch-check", false, false, "like --batch, but don't emit <contents>");
  options.boolean('z', "", &nul_in, "stdin is NUL-terminated", kOptHidden);
  options.boolean('Z', "", &nul_both, "stdin and stdout is NUL-terminated");
  batch_option("batch-command", false, true, "read commands from stdin");
  options.cmd_mode(0, "batch-all-objects", &opt, 'b', "with --batch[-check]: ignores stdin, batches all known objects");
  options.group("Change or optimize batch output");
  options.boolean(0, "buffer", &batch.buffer_output, "buffer --batch output");
  options.boolean(0, "follow-symlinks", &batch.follow_symlinks, "follow in-tree symlinks");
  options.boolean(0, "unordered", &batch.unordered, "do not order objects before emitting them");
  options.group("Emit object (blob or tree) with conversion or filter (stand-alone, or with batch)");
  options.cmd_mode(0, "textconv", &opt, 'c', "run textconv on object's content");
  options.cmd_mode(0, "filters", &opt, 'w', "run filters on object's content");
  options.string(0, "path", &command.force_path, "blob|tree", "use a <path> for (--textconv | --filters); Not with 'batch'");
  options.callback(0, "filter", "args", "object filtering", [&](const std::optional<std::string>& value, bool unset) {
    if (unset) {
      batch.filter = ObjectFilter();
      return true;
    }
    auto added = add_object_filter(batch.filter, *value);
    if (!added) die("%s", added.error().message);
    return true;
  });
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());

  if (use_mailmap) command.use_mailmap();
  const bool converts = opt == 'c' || opt == 'w';
  switch (batch.filter.kind) {
    case ObjectFilter::Kind::none:
      break;
    case ObjectFilter::Kind::blob_none:
    case ObjectFilter::Kind::blob_limit:
    case ObjectFilter::Kind::object_type:
      if (!batch.enabled) usage("objects filter only supported in batch mode");
      break;
    default:
      usage("objects filter not supported: '%s'", object_filter_config_name(batch.filter.kind));
  }
  if (opt == 'b') batch.all_objects = true;
  if (command.force_path && !converts) options.usage_msg("'--path=<path|tree-ish>' needs '--filters' or '--textconv'");
  if (!batch.enabled) check_batch_only(options, batch, nul_in, nul_both);
  if (nul_in || nul_both) batch.input_delim = '\0';
  if (nul_both) batch.output_delim = '\0';
  if (batch.buffer_output < 0) batch.buffer_output = batch.all_objects;
  if (batch.enabled) {
    if (converts)
      batch.transform_mode = opt;
    else if (opt && opt != 'b')
      options.usage_msg(strf("'-%c' is incompatible with batch mode", static_cast<char>(opt)));
    else if (!args.empty())
      options.usage_msg("batch modes take no arguments");
    return command.run_batch();
  }
  if (opt) {
    if (args.empty() && converts) options.usage_msg(strf("<rev> required with '--%s'", opt == 'c' ? "textconv" : "filters"));
    if (args.empty()) options.usage_msg(strf("<object> required with '-%c'", static_cast<char>(opt)));
    if (args.size() > 1) options.usage_msg("too many arguments");
    return command.show_one(opt, {}, args[0]);
  }
  if (args.empty()) options.usage_with_options();
  if (args.size() != 2) options.usage_msg(strf("only two arguments allowed in <type> <object> mode, not %d", args.size()));
  return command.show_one(0, args[0], args[1]);
}

}  // namespace git
