// git http-push: push to a server that only stores files, over WebDAV (git-http-push(1)).  Objects go first, each under a
// name of its own and then moved into place, so that a reader never sees half of one; then the refs, locked; then
// info/refs, without which nobody would find them.
#include <map>
#include <unordered_set>

#include "base/error.h"
#include "base/fd.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "http-main.h"
#include "http-push-dav.h"
#include "net/http-discovery.h"
#include "net/url.h"
#include "odb.h"
#include "pack/inflate.h"
#include "push-refs.h"
#include "refs.h"
#include "repository.h"
#include "setup.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"

namespace git {
namespace {

constexpr const char* kUsage = "git http-push [--all] [--dry-run] [--force] [--verbose] <remote> [<head>...]";
constexpr int kMaxDepth = 32;  // of directories below refs/

struct PushCommand {
  bool all = false, dry_run = false, force = false, verbose = false, helper_status = false;
  bool deletes = false, deletes_forcibly = false;
  std::string url;
  std::vector<std::string> specs;
};

class HttpPush {
 public:
  HttpPush(Repository& repo, PushCommand c)
      : repo_(repo), c_(std::move(c)), session_(repo.config(), nullptr, c_.url), dav_(session_) {}
  int run();

 private:
  std::optional<std::string> get(const std::string& name);
  void list_refs();
  void list_loose(const std::string& dir, int depth);
  void read_packed();
  bool push_ref(RemoteRef& ref);
  bool delete_ref(const std::string& name);
  bool send_objects(const ObjectId& tip);
  bool send_object(const ObjectId& oid, const std::string& suffix);
  bool make_directories(const std::string& name);
  bool update_ref(const std::string& name, const ObjectId& oid);
  bool update_info_refs(DavLock& lock);
  bool drop_packed(const std::string& name);
  int delete_branch();
  void report_ok(const std::string& name, const char* note = nullptr) const;
  int report_error(const std::string& name, const char* why) const;

  Repository& repo_;
  PushCommand c_;
  HttpSession session_;
  DavClient dav_;
  std::string path_;                        // of c_.url on its server, decoded
  std::map<std::string, ObjectId> refs_;    // what the server has
  std::map<std::string, ObjectId> packed_;  // in packed-refs, peeled lines left out
  std::string head_;                        // what HEAD points at
  std::unordered_set<ObjectId, ObjectIdHash> sent_;
  std::unordered_set<std::string> collections_;
};

std::optional<std::string> HttpPush::get(const std::string& name) {
  HttpGet how;
  how.no_cache = true;
  std::string body;
  HttpAnswer answer = session_.get(c_.url + name, how, body);
  if (answer.result == HttpResult::ok) return body;
  if (answer.result != HttpResult::missing) die(_("unable to access '%s': %s"), anonymize_url(c_.url + name), answer.message);
  return std::nullopt;
}

void HttpPush::read_packed() {
  packed_.clear();
  auto text = get("packed-refs");
  if (!text) return;
  for (std::string_view line : split_lines(*text)) {
    if (line.empty() || line[0] == '#' || line[0] == '^') continue;
    auto oid = ObjectId::parse_prefix(line, repo_.algo());
    if (oid && skip_prefix(line, " ") && check_refname_format(line)) packed_[std::string(line)] = *oid;
  }
}

void HttpPush::list_refs() {
  if (auto head = get("HEAD")) {
    std::string_view target = rtrim(*head);
    if (skip_prefix(target, "ref: ")) head_ = target;
  }
  read_packed();
  refs_ = packed_;
  list_loose("refs/", 0);
}

void HttpPush::list_loose(const std::string& dir, int depth) {
  if (depth > kMaxDepth) die(_("too many directories below '%s'"), c_.url + dir);
  auto entries = dav_.list(c_.url + dir);
  if (!entries) return;
  for (const DavEntry& entry : *entries) {
    std::string_view name = entry.path;
    // Nothing but what is below the directory we asked about.
    if (!skip_prefix(name, path_) || !starts_with(name, dir)) continue;
    while (strip_suffix(name, "/")) {
    }
    if (!check_refname_format(name, kRefnameAllowOneLevel)) continue;
    if (entry.is_collection) {
      list_loose(std::string(name) + "/", depth + 1);
      continue;
    }
    auto text = get(url_encode(name, "/"));
    if (!text) continue;
    if (auto oid = ObjectId::from_hex(rtrim(*text), repo_.algo())) refs_[std::string(name)] = *oid;
  }
}

void HttpPush::report_ok(const std::string& name, const char* note) const {
  if (c_.helper_status) outf("ok %s%s%s\n", name, note ? " " : "", note ? note : "");
}

int HttpPush::report_error(const std::string& name, const char* why) const {
  if (c_.helper_status)
    outf("error %s %s\n", name, why);
  else
    error(_("failed to push '%s': %s"), name, why);
  return -1;
}

bool HttpPush::make_directories(const std::string& name) {
  for (std::size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
    std::string dir = name.substr(0, slash + 1);
    if (!collections_.insert(dir).second) continue;
    if (!dav_.make_collection(c_.url + dir)) return error(_("unable to create branch path %s"), c_.url + dir) == 0;
  }
  return true;
}

bool HttpPush::send_object(const ObjectId& oid, const std::string& suffix) {
  Result<ObjectData> object = repo_.odb().read(oid, kLookupNoReplace);
  if (!object) return error("%s", object.error().message) == 0;
  std::string whole = strf("%s %d", type_name(object->type), object->data.size());
  whole += '\0';
  whole += object->data;
  std::string hex = oid.hex();
  std::string name = "objects/" + hex.substr(0, 2) + "/" + hex.substr(2);
  if (!make_directories(name)) return false;
  std::string partial = c_.url + name + suffix;
  if (!dav_.put(partial, deflate_bytes(whole, repo_.config().get_int_or("core.compression", -1))) ||
      !dav_.move(partial, c_.url + name))
    return error(_("sending of %s failed: %s"), oid, dav_.error_text()) == 0;
  if (c_.verbose) errf("    sent %s\n", oid);
  return true;
}

// What `tip` reaches and the server's refs don't, as far as we know.
bool HttpPush::send_objects(const ObjectId& tip) {
  ChildProcess lister;
  lister.git_command = true;
  lister.args = {"rev-list", "--objects", "--no-object-names", "--stdin"};
  std::string input = tip.hex() + "\n";
  if (!c_.all)
    for (const auto& [name, oid] : refs_)
      if (repo_.odb().has(oid, kLookupNoFetch)) input += "^" + oid.hex() + "\n";
  CommandOutput listed = pipe_command(lister, input);
  if (listed.code != 0) return error(_("unable to list the objects of %s"), tip) == 0;
  // A name of our own, so that two pushes of one object don't meet.
  std::string suffix = "_" + repo_.odb().hash(ObjectType::blob, strf("%s %d %d", tip, ::getpid(), ::time(nullptr))).hex();
  for (std::string_view line : split_lines(listed.out)) {
    auto oid = ObjectId::from_hex(line.substr(0, line.find(' ')), repo_.algo());
    if (!oid || !sent_.insert(*oid).second) continue;
    if (!send_object(*oid, suffix)) return false;
  }
  return true;
}

bool HttpPush::update_ref(const std::string& name, const ObjectId& oid) {
  if (!make_directories(name)) return false;
  std::string url = c_.url + url_encode(name, "/");
  DavLock lock = dav_.lock(url);
  if (!lock.is_held()) return error(_("unable to lock remote branch %s"), name) == 0;
  if (!dav_.put(url, oid.hex() + "\n", &lock)) return error(_("PUT error: %s"), dav_.error_text()) == 0;
  refs_[name] = oid;
  return lock.release();
}

bool HttpPush::drop_packed(const std::string& name) {
  std::string url = c_.url + "packed-refs";
  DavLock lock = dav_.lock(url);
  auto text = lock.is_held() ? get("packed-refs") : std::nullopt;
  if (!text) return false;
  std::string kept;
  bool is_dropped = false;
  for (std::string_view line : split_lines(*text)) {
    if (!starts_with(line, "^")) is_dropped = ends_with(line, " " + name);
    if (!is_dropped) kept += std::string(line) + "\n";
  }
  return dav_.put(url, kept, &lock) && lock.release();
}

bool HttpPush::delete_ref(const std::string& name) {
  if (name == head_) return error(_("Remote HEAD is %s: it can't be removed"), head_) == 0;
  if (packed_.count(name) && !drop_packed(name)) return false;
  if (auto loose = get(url_encode(name, "/")); loose && !dav_.remove(c_.url + url_encode(name, "/")))
    return error(_("DELETE request failed: %s"), dav_.error_text()) == 0;
  refs_.erase(name);
  return true;
}

bool HttpPush::update_info_refs(DavLock& lock) {
  std::string text;
  for (const auto& [name, oid] : refs_) {
    text += oid.hex() + "\t" + name + "\n";
    Ref ref;
    ref.name = name;
    ref.oid = oid;
    if (repo_.odb().type_of(oid, kLookupNoFetch) != ObjectType::tag) continue;
    if (auto peeled = repo_.refs().peel(ref)) text += peeled->hex() + "\t" + name + "^{}\n";
  }
  return dav_.put(c_.url + "info/refs", text, &lock) && lock.release();
}

bool HttpPush::push_ref(RemoteRef& ref) {
  if (ref.status == PushStatus::uptodate) {
    report_ok(ref.name, "up to date");
    return true;
  }
  switch (ref.status) {
    case PushStatus::none:
      break;
    case PushStatus::reject_nonfastforward:
      return report_error(ref.name, "non-fast forward") == 0;
    case PushStatus::reject_fetch_first:
      return report_error(ref.name, "fetch first") == 0;
    case PushStatus::reject_already_exists:
      return report_error(ref.name, "already exists") == 0;
    default:
      return report_error(ref.name, "needs force") == 0;
  }
  if (c_.dry_run) {
    report_ok(ref.name);
    return true;
  }
  if (ref.is_deletion) {
    if (!delete_ref(ref.name)) return report_error(ref.name, "cannot remove") == 0;
  } else {
    if (c_.verbose) errf("updating '%s'\n  from %s\n  to   %s\n", ref.name, ref.old_oid, ref.new_oid);
    if (!send_objects(ref.new_oid)) return report_error(ref.name, "sending objects failed") == 0;
    if (!update_ref(ref.name, ref.new_oid)) return report_error(ref.name, "cannot lock") == 0;
  }
  report_ok(ref.name);
  return true;
}

// -d and -D: one branch, by any name that means it alone.
int HttpPush::delete_branch() {
  std::string found;
  for (const auto& [name, oid] : refs_) {
    if (!refname_matches(c_.specs[0], name)) continue;
    if (!found.empty()) return error(_("More than one remote branch matches %s"), c_.specs[0]);
    found = name;
  }
  if (found.empty()) return error(_("No remote branch matches %s"), c_.specs[0]);
  if (!c_.deletes_forcibly) {
    auto head = refs_.find(head_);
    if (head_.empty() || head == refs_.end()) return error(_("Remote HEAD is not a symref"));
    Commit* tip = repo_.commits().peel_to_commit(head->second);
    Commit* branch = repo_.commits().peel_to_commit(refs_[found]);
    if (!tip) return error(_("Unable to resolve remote HEAD; git fetch first?"));
    if (!branch) return error(_("Unable to resolve remote branch %s; git fetch first?"), found);
    if (!in_merge_bases(repo_.commits(), branch, tip))
      return error(_("The branch '%s' is not an ancestor of your current HEAD.\nIf you are sure you want to delete it, "
                     "run:\n\t'git http-push -D %s %s'"),
                   found, c_.url, c_.specs[0]);
  }
  if (c_.dry_run) return 0;
  return delete_ref(found) ? 0 : -1;
}

int HttpPush::run() {
  path_ = url_decode(std::string_view(c_.url).substr(c_.url.find('/', c_.url.find("://") + 3)));
  if (!dav_.supports_locks(c_.url)) die(_("no DAV locking support on %s"), c_.url);
  DavLock info_lock;
  if (!c_.dry_run) {
    info_lock = dav_.lock(c_.url + "info/refs");
    if (!info_lock.is_held()) die(_("cannot lock existing info/refs"));
  }
  list_refs();
  bool is_good = true;
  if (c_.deletes || c_.deletes_forcibly) {
    is_good = delete_branch() == 0;
  } else {
    RemoteRefs refs;
    for (const auto& [name, oid] : refs_) {
      RemoteRef ref;
      ref.name = name;
      ref.old_oid = oid;
      refs.push_back(std::move(ref));
    }
    Refspec refspec(false);
    refspec.append(c_.specs);
    if (!match_push_refs(repo_, refs, refspec, 0)) return 1;
    set_push_statuses(repo_, refs, false, c_.force);
    for (RemoteRef& ref : refs) {
      if (!ref.peer && !ref.is_deletion) continue;
      is_good &= push_ref(ref);
      info_lock.refresh();
    }
  }
  if (info_lock.is_held() && !update_info_refs(info_lock)) is_good = error(_("unable to update server info")) == 0;
  // Through a helper the refs' own lines tell what failed.
  return is_good || c_.helper_status ? 0 : 1;
}

PushCommand parse_args(const std::vector<std::string>& args) {
  PushCommand c;
  for (std::size_t i = 1; i < args.size(); i++) {
    const std::string& arg = args[i];
    if (!starts_with(arg, "-")) {
      if (c.url.empty())
        c.url = ends_with(arg, "/") ? arg : arg + "/";
      else
        c.specs.push_back(arg);
    } else if (arg == "--all") {
      c.all = true;
    } else if (arg == "--force") {
      c.force = true;
    } else if (arg == "--dry-run") {
      c.dry_run = true;
    } else if (arg == "--helper-status") {
      c.helper_status = true;
    } else if (arg == "--verbose") {
      c.verbose = true;
    } else if (arg == "-d") {
      c.deletes = true;
    } else if (arg == "-D") {
      c.deletes_forcibly = true;
    } else {
      usage("%s", kUsage);
    }
  }
  bool deletes = c.deletes || c.deletes_forcibly;
  if (c.url.find("://") == std::string::npos) usage("%s", kUsage);
  if (deletes && c.specs.size() != 1) die(_("You must specify only one branch name when deleting a remote branch"));
  return c;
}

int http_push(std::vector<std::string> args) {
  PushCommand c = parse_args(args);
  SetupResult setup = setup_git_directory(false);
  return HttpPush(*setup.repo, std::move(c)).run();
}

}  // namespace
}  // namespace git

int main(int argc, char** argv) { return git::http_main(argc, argv, git::http_push); }
