// git bundle: refs and their objects in a file.
#include "bundle.h"

#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "net/channel.h"
#include "object-name.h"
#include "object/object.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "walk/revisions.h"

GIT_BUILTIN("bundle", cmd_bundle, kSetupGently)

namespace git {

namespace {

using Args = std::vector<std::string>;

std::string subject_of(Repository& repo, const ObjectId& oid) {
  auto data = repo.odb().read(oid);
  if (!data) return {};
  std::string_view message = ltrim(commit_message(data->data));
  // The first paragraph, in one line.
  std::string subject;
  for (std::string_view line : split_lines(message)) {
    if (trim(line).empty()) break;
    if (!subject.empty()) subject += ' ';
    subject += rtrim(line);
  }
  return subject;
}

class BundleWriter {
 public:
  BundleWriter(Repository& repo, int version) : repo_(repo), version_(version), walk_(repo) {}

  int write(const std::string& path, const Args& rev_args, const Args& pack_options) {
    walk_.setup(rev_args, {});
    if (!walk_.pathspec.empty()) die(_("unrecognized argument: %s"), walk_.pathspec[0]);
    int least = repo_.algo() == HashAlgo::sha1 ? 2 : 3;
    if (walk_.filter.is_set()) least = 3;
    if (version_ < 0) version_ = least;
    if (version_ < least || version_ > 3) die(_("unsupported bundle version %d"), version_);
    tips_ = walk_.pending;
    find_boundary();
    std::string refs = ref_lines();
    std::string header = strf("# v%d git bundle\n", version_);
    if (version_ == 3) {
      header += strf("@object-format=%s\n", hash_name(repo_.algo()));
      if (walk_.filter.is_set()) header += "@filter=" + expand_object_filter(walk_.filter) + "\n";
    }
    header += prerequisites_;
    if (refs.empty()) die("%s", _("Refusing to create empty bundle."));
    header += refs + "\n";
    if (path == "-") {
      out(header);
      flush_out();
      return write_pack(1, pack_options) ? 0 : -1;
    }
    LockFile lock = LockFile::hold_or_die(path);
    lock.write(header);
    int fd = dup(lock.fd());
    if (!write_pack(fd, pack_options)) return -1;
    if (!lock.commit()) die_errno(_("cannot create '%s'"), path);
    return 0;
  }

 private:
  void find_boundary() {
    walk_.boundary = true;
    walk_.prepare();
    while (Commit* commit = walk_.next()) {
      if (!(walk_.flags(commit) & kRevBoundary)) {
        shown_.insert(commit->oid);
        continue;
      }
      prerequisites_ += "-" + commit->oid.hex() + " " + subject_of(repo_, commit->oid) + "\n";
      pack_input_ += "^" + commit->oid.hex() + "\n";
    }
  }

  std::string ref_lines() {
    std::string lines;
    std::set<std::string> written;
    for (const PendingObject& tip : tips_) {
      bool is_negative = tip.flags & kRevUninteresting;
      pack_input_ += (is_negative ? "^" : "") + tip.oid.hex() + "\n";
      if (is_negative) continue;
      ObjectId oid;
      std::string full;
      if (dwim_ref(repo_, tip.name, &oid, &full) != 1) continue;
      // A symbolic ref keeps its own name.
      auto ref = repo_.refs().read(tip.name);
      std::string shown = ref && !ref->symref_target.empty() ? tip.name : full;
      ObjectType type = repo_.odb().type_of(tip.oid);
      if (type == ObjectType::commit && !shown_.count(tip.oid)) {
        warning(_("ref '%s' is excluded by the rev-list options"), tip.name);
        continue;
      }
      if (type == ObjectType::tag && !is_tag_in_range(tip.oid)) continue;
      if (!(oid == tip.oid)) {
        // "v1..v2" names the commit; the tag itself comes along where its commit does.
        auto peeled = peel_to_type(repo_, oid, ObjectType::commit, true);
        if (!peeled || !(*peeled == tip.oid)) continue;
        pack_input_ += oid.hex() + "\n";
      }
      if (!written.insert(shown).second) continue;
      lines += oid.hex() + " " + shown + "\n";
    }
    return lines;
  }

  // --since and --until apply to what a tag was made for.
  bool is_tag_in_range(const ObjectId& oid) {
    if (walk_.max_age < 0 && walk_.min_age < 0) return true;
    auto data = repo_.odb().read(oid);
    auto tag = data ? parse_tag(data->data, repo_.algo()) : make_error(ErrorKind::missing, "");
    if (!tag) return true;
    auto ident = split_ident_line(tag->tagger);
    if (!ident) return true;
    auto date = static_cast<std::int64_t>(ident_time(*ident));
    return (walk_.max_age < 0 || walk_.max_age < date) && (walk_.min_age < 0 || walk_.min_age > date);
  }

  bool write_pack(int fd, const Args& pack_options) {
    ChildProcess child;
    child.git_command = true;
    child.args = {"pack-objects", "--stdout", "--thin", "--delta-base-offset", "--revs"};
    if (walk_.filter.is_set()) child.args.push_back("--filter=" + expand_object_filter(walk_.filter));
    child.args.insert(child.args.end(), pack_options.begin(), pack_options.end());
    child.in = ChildProcess::kPipe;
    child.out = fd == 1 ? ChildProcess::kInherit : fd;
    if (!child.start()) return error("%s", _("Could not spawn pack-objects")) == 0;
    IgnoreSigpipe guard;
    write_in_full(child.in_fd(), pack_input_);
    child.close_in();
    if (child.finish() == 0) return true;
    error("%s", _("pack-objects died"));
    return false;
  }

  Repository& repo_;
  int version_;
  RevWalk walk_;
  std::vector<PendingObject> tips_;
  std::unordered_set<ObjectId, ObjectIdHash> shown_;
  std::string prerequisites_, pack_input_;
};

std::string with_prefix(Invocation& inv, const std::string& path) {
  return path == "-" ? path : prefix_filename(inv.prefix_or_empty(), path);
}

int create(Invocation& inv, const Args& words) {
  bool all_progress = false, implied = false;
  int quiet = -1, progress = -1, version = -1;
  Options options(
      {"git bundle create [-q | --quiet | --progress]\n"
       "                  [--version=<version>] <file> <git-rev-list-args>"});
  options.boolean('q', "quiet", &quiet, N_("do not show progress meter"));
  options.boolean(0, "progress", &progress, N_("show progress meter"));
  options.boolean(0, "all-progress", &all_progress, N_("historical; same as --progress"), kOptHidden);
  options.boolean(0, "all-progress-implied", &implied, N_("historical; does nothing"), kOptHidden);
  options.integer(0, "version", &version, "n", N_("specify bundle format version"));
  Args args = options.parse(words, inv.prefix_or_empty(), kStopAtNonOption);
  if (args.empty()) {
    error("%s", _("need a <file> argument"));
    options.usage_with_options();
  }
  if (!inv.repository) die("%s", _("Need a repository to create a bundle."));
  std::string path = with_prefix(inv, args[0]);
  args.erase(args.begin());
  Args pack_options;
  bool shows_progress = all_progress || (progress >= 0 ? progress > 0 : quiet >= 0 ? !quiet : isatty(2) != 0);
  if (shows_progress && quiet <= 0)
    pack_options = {"--progress", all_progress ? "--all-progress" : "--all-progress-implied"};
  else
    pack_options = {"--quiet"};
  return BundleWriter(inv.repo(), version).write(path, args, pack_options) ? 1 : 0;
}

std::string single_path(Invocation& inv, Options& options, Args& args) {
  if (args.empty()) {
    error("%s", _("need a <file> argument"));
    options.usage_with_options();
  }
  std::string path = with_prefix(inv, args[0]);
  args.erase(args.begin());
  return path;
}

UniqueFd open_or_report(const std::string& path, BundleHeader& header, int* code) {
  auto fd = open_bundle(path, header);
  *code = 0;
  if (fd) return std::move(*fd);
  error("%s", fd.error().message);
  *code = 1;
  return {};
}

int verify(Invocation& inv, const Args& words) {
  bool quiet = false;
  Options options({"git bundle verify [-q | --quiet] <file>"});
  options.boolean('q', "quiet", &quiet, N_("do not show bundle details"));
  Args args = options.parse(words, inv.prefix_or_empty(), kStopAtNonOption);
  std::string path = single_path(inv, options, args);
  if (!inv.repository) {
    error("%s", _("need a repository to verify a bundle"));
    return 1;
  }
  BundleHeader header;
  int code = 0;
  UniqueFd fd = open_or_report(path, header, &code);
  if (code) return code;
  if (!verify_bundle(inv.repo(), header, !quiet, false)) return 1;
  flush_out();
  errf(_("%s is okay\n"), path == "-" ? std::string("<stdin>") : path);
  return 0;
}

int list_heads(Invocation& inv, const Args& words) {
  Options options({"git bundle list-heads <file> [<refname>...]"});
  Args args = options.parse(words, inv.prefix_or_empty(), kStopAtNonOption);
  std::string path = single_path(inv, options, args);
  BundleHeader header;
  int code = 0;
  UniqueFd fd = open_or_report(path, header, &code);
  if (code) return code;
  list_bundle_refs(header, args);
  return 0;
}

int unbundle_command(Invocation& inv, const Args& words) {
  bool progress = false;
  Options options({"git bundle unbundle [--progress] <file> [<refname>...]"});
  options.boolean(0, "progress", &progress, N_("show progress meter"));
  Args args = options.parse(words, inv.prefix_or_empty(), kStopAtNonOption);
  std::string path = single_path(inv, options, args);
  BundleHeader header;
  int code = 0;
  UniqueFd fd = open_or_report(path, header, &code);
  if (code) return code;
  if (!inv.repository) die("%s", _("Need a repository to unbundle."));
  Args index_args;
  if (progress) index_args = {"-v", "--progress-title", _("Unbundling objects")};
  if (unbundle(inv.repo(), header, std::move(fd), index_args, true) != 0) return 1;
  list_bundle_refs(header, args);
  return 0;
}

}  // namespace

int cmd_bundle(Invocation& inv) {
  int which = -1;
  using Function = int (*)(Invocation&, const Args&);
  constexpr std::pair<const char*, Function> kCommands[] = {
      {"create", create}, {"verify", verify}, {"list-heads", list_heads}, {"unbundle", unbundle_command}};
  Options options(
      {"git bundle create [-q | --quiet | --progress]\n"
       "                  [--version=<version>] <file> <git-rev-list-args>",
       "git bundle verify [-q | --quiet] <file>", "git bundle list-heads <file> [<refname>...]",
       "git bundle unbundle [--progress] <file> [<refname>...]"});
  for (int i = 0; i < static_cast<int>(std::size(kCommands)); i++) options.subcommand(kCommands[i].first, &which, i);
  Args args = options.parse(inv.args, inv.prefix_or_empty());
  return kCommands[which].second(inv, args);
}

}  // namespace git
