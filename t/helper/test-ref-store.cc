// test-tool ref-store <backend> <verb> ...: the store's door, called directly. <backend> is "main", "worktree:<id>" ("main"
// for the main one) or "submodule:<path>", which is for reading only.
#include <cstdlib>

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "refs.h"
#include "repository.h"
#include "setup.h"
#include "t/helper/test-tool.h"
#include "worktree.h"

TEST_TOOL("ref-store", test_ref_store)

namespace git {
namespace {

struct FlagName {
  const char* name;
  unsigned value;
};
constexpr FlagName kFlags[] = {
    {"REF_NO_DEREF", kRefNoDeref},
    {"REF_FORCE_CREATE_REFLOG", kRefForceCreateReflog},
    {"REF_SKIP_OID_VERIFICATION", kRefSkipOidVerification},
    {"REF_SKIP_REFNAME_VERIFICATION", kRefSkipNameCheck},
    {"REF_SKIP_CREATE_REFLOG", kRefSkipReflog},
    {"PACK_REFS_PRUNE", 1},
    {"PACK_REFS_ALL", 2},
};

class StoreTool {
 public:
  StoreTool(Repository& repo, RefStore& refs, bool read_only, std::vector<std::string> args)
      : repo_(repo), refs_(refs), read_only_(read_only), args_(std::move(args)) {}
  int run(const std::string& verb);

 private:
  const std::string& arg(const char* what) {
    if (at_ >= args_.size()) die("%s required", what);
    return args_[at_++];
  }
  unsigned flags() {
    unsigned value = 0;
    for (std::string_view word : split(arg("flags"), ',')) {
      if (std::optional<std::uint64_t> n = parse_uint(word)) {
        value |= static_cast<unsigned>(*n);
        continue;
      }
      bool known = false;
      for (const FlagName& flag : kFlags)
        if (word == flag.name) {
          value |= flag.value;
          known = true;
        }
      if (!known) die("unknown flag \"%s\"", word);
    }
    return value;
  }
  ObjectId oid() {
    std::string text = arg("oid");
    if (text.empty()) return ObjectId::null(repo_.algo());
    std::optional<ObjectId> id = ObjectId::from_hex(text, repo_.algo());
    if (!id) die("cannot parse object name");
    return *id;
  }
  int done(const Result<void>& result) { return result ? 0 : (error("%s", result.error().message), 1); }
  bool show_ref(const Ref& ref, std::size_t skip);
  bool show_entry(const ReflogEntry& e) {
    outf("%s %s %s %d %s%04d%s%s\n", e.old_oid, e.new_oid, e.committer, e.time, e.tz < 0 ? "-" : "+", std::abs(e.tz),
         e.message.empty() ? "" : "\t", e.message);
    return true;
  }
  int write(const std::string& verb);
  int read(const std::string& verb);

  Repository& repo_;
  RefStore& refs_;
  bool read_only_;
  std::vector<std::string> args_;
  std::size_t at_ = 0;
};

bool StoreTool::show_ref(const Ref& ref, std::size_t skip) {
  unsigned bits =
      (ref.symref_target.empty() ? 0u : 1u) | (ref.is_packed ? 2u : 0u) | (ref.is_broken ? 4u : 0u) | (ref.is_bad_name ? 8u : 0u);
  outf("%s %s 0x%x\n", ref.oid, std::string_view(ref.name).substr(skip), bits);
  return true;
}

int StoreTool::read(const std::string& verb) {
  if (verb == "for-each-ref") {
    std::string prefix = args_.empty() ? "" : args_[0];
    refs_.for_each_raw(prefix, [&](const Ref& ref) {
      // What dangles or is broken on disk is left out, what only has a bad name is shown.
      return (ref.is_broken && !ref.is_bad_name) || show_ref(ref, prefix.size());
    });
  } else if (verb == "for-each-ref--exclude") {
    std::string prefix = arg("prefix");
    // Patterns mean whole directories here; those with wildcards are another layer's.
    std::vector<std::string> exclude;
    for (std::size_t i = 1; i < args_.size(); ++i)
      if (!args_[i].empty() && args_[i].find_first_of("*?[\\") == std::string::npos)
        exclude.push_back(args_[i].back() == '/' ? args_[i] : args_[i] + "/");
    refs_.for_each(
        prefix, [&](const Ref& ref) { return show_ref(ref, 0); }, exclude);
  } else if (verb == "resolve-ref") {
    std::string name = arg("refname");
    std::optional<ResolvedRef> resolved = refs_.resolve(name);
    std::optional<Ref> first = refs_.read(resolved ? resolved->name : name);
    unsigned bits = (resolved && resolved->is_symref ? 1u : 0u) | (first && first->is_packed ? 2u : 0u);
    outf("%s %s 0x%x\n", resolved ? resolved->oid : ObjectId::null(repo_.algo()), resolved ? resolved->name : "(null)", bits);
    return resolved ? 0 : 1;
  } else if (verb == "verify-ref") {
    std::string conflict = refs_.find_conflict(arg("refname"));
    if (!conflict.empty()) return error("%s", conflict) < 0;
  } else if (verb == "for-each-reflog") {
    refs_.for_each_reflog([](const std::string& name) {
      outf("%s\n", name);
      return true;
    });
  } else if (verb == "for-each-reflog-ent" || verb == "for-each-reflog-ent-reverse") {
    bool found = refs_.for_each_reflog_entry(arg("refname"), ends_with(verb, "reverse"),
                                             [&](const ReflogEntry& entry) { return show_entry(entry); });
    return found ? 0 : 1;
  } else if (verb == "reflog-exists") {
    return refs_.has_reflog(arg("refname")) ? 0 : 1;
  } else {
    return write(verb);
  }
  return 0;
}

int StoreTool::write(const std::string& verb) {
  if (read_only_) return error("operation %s only allowed for main ref store", verb) < 0;
  if (verb == "pack-refs") {
    unsigned bits = flags();
    RefStore::PackRefsOptions options;
    options.prune = bits & 1;
    options.all = bits & 2;
    return done(refs_.pack_refs(options));
  }
  if (verb == "create-symref") {
    std::string name = arg("refname"), target = arg("target");
    return done(refs_.create_symref(name, target, args_.size() > 2 ? args_[2] : ""));
  }
  if (verb == "delete-refs") {
    unsigned bits = flags();
    std::string message = arg("msg");
    std::unique_ptr<RefTransaction> transaction = refs_.begin();
    for (; at_ < args_.size(); ++at_) {
      RefUpdate update;
      update.name = args_[at_];
      update.new_oid = ObjectId::null(repo_.algo());
      update.flags = bits;
      update.message = message;
      Result<void> added = transaction->add(std::move(update));
      if (!added) return done(added);
    }
    return done(transaction->commit());
  }
  if (verb == "rename-ref") {
    std::string from = arg("oldref"), to = arg("newref");
    return done(refs_.rename(from, to, "", false));
  }
  if (verb == "delete-reflog") return refs_.delete_reflog(arg("refname")) ? 0 : 1;
  if (verb == "create-reflog") return done(refs_.create_reflog(arg("refname")));
  if (verb == "delete-ref") {
    std::string message = arg("msg"), name = arg("refname");
    ObjectId old_oid = oid();
    return done(refs_.remove(name, old_oid, message, flags()));
  }
  if (verb != "update-ref") die("unknown function %s", verb);
  RefUpdate update;
  update.message = arg("msg");
  update.name = arg("refname");
  update.new_oid = oid();
  update.old_oid = oid();
  update.flags = flags();
  return done(refs_.update(std::move(update)));
}

int StoreTool::run(const std::string& verb) { return read(verb); }

}  // namespace

int test_ref_store(std::vector<std::string> args) {
  if (args.size() < 3) die("ref store and function name required");
  SetupResult setup = setup_git_directory(false);
  std::string backend = args[1], verb = args[2];
  std::vector<std::string> rest(args.begin() + 3, args.end());
  std::string_view name;
  if (backend == "main") return StoreTool(*setup.repo, setup.repo->refs(), false, rest).run(verb);
  if (skip_prefix(backend, "submodule:", &name)) {
    std::unique_ptr<Repository> sub = Repository::open(std::string(name)).take_or_die();
    return StoreTool(*sub, sub->refs(), true, rest).run(verb);
  }
  if (!skip_prefix(backend, "worktree:", &name)) die("unknown backend %s", backend);
  for (const Worktree& worktree : list_worktrees(*setup.repo)) {
    if (worktree.id != (name == "main" ? std::string_view() : name)) continue;
    RefStoreOptions options = setup.repo->refs().options();
    options.git_dir = worktree.git_dir;
    std::unique_ptr<RefStore> refs = RefStore::open(std::move(options));
    return StoreTool(*setup.repo, *refs, false, rest).run(verb);
  }
  die("no such worktree: %s", name);
}

}  // namespace git
