// git symbolic-ref: read, write and delete symbolic refs (git-symbolic-ref(1)).
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "object-name.h"
#include "refs.h"

GIT_BUILTIN("symbolic-ref", cmd_symbolic_ref, kSetup)

namespace git {
namespace {

// The immediate target or the end of the chain; nullopt (and an exit code) where the name is no symref.
std::optional<std::string> read_target(RefStore& refs, const std::string& name, bool recurse) {
  if (!recurse) {
    std::optional<Ref> ref = refs.read(name);
    if (!ref || ref->symref_target.empty()) return std::nullopt;
    return ref->symref_target;
  }
  std::optional<ResolvedRef> resolved = refs.resolve(name);
  if (!resolved || !resolved->is_symref) return std::nullopt;
  return resolved->name;
}

int show_target(Repository& repo, const std::string& name, bool quiet, bool shorten, bool recurse) {
  RefStore& refs = repo.refs();
  std::optional<Ref> ref = refs.read(name);
  if (!ref || (ref->is_broken && ref->symref_target.empty())) die("No such ref: %s", name);
  std::optional<std::string> target = read_target(refs, name, recurse);
  if (!target) {
    if (!ref->symref_target.empty() && !refs.resolve(name)) die("No such ref: %s", name);
    if (quiet) return 1;
    die("ref %s is not a symbolic ref", name);
  }
  outf("%s\n", shorten ? shorten_unambiguous_ref(repo, *target, false) : *target);
  return 0;
}

int delete_symref(RefStore& refs, const std::string& name, bool quiet) {
  std::optional<Ref> ref = refs.read(name);
  if (!ref || ref->symref_target.empty()) {
    if (quiet) return 1;
    die("Cannot delete %s, not a symbolic ref", name);
  }
  if (name == "HEAD") die("deleting '%s' is not allowed", name);
  Result<void> removed = refs.remove(name, std::nullopt, "", kRefNoDeref);
  return removed ? 0 : (error("%s", removed.error().message), 1);
}

}  // namespace

int cmd_symbolic_ref(Invocation& inv) {
  bool quiet = false, deletes = false, shorten = false, recurse = true;
  std::optional<std::string> message;
  Options options({"git symbolic-ref [-m <reason>] <name> <ref>", "git symbolic-ref [-q] [--short] [--no-recurse] <name>",
                   "git symbolic-ref --delete [-q] <name>"});
  options.boolean('q', "quiet", &quiet, N_("suppress error message for non-symbolic (detached) refs"));
  options.boolean('d', "delete", &deletes, N_("delete symbolic ref"));
  options.boolean(0, "short", &shorten, N_("shorten ref output"));
  options.boolean(0, "recurse", &recurse, N_("recursively dereference (default)"));
  options.string('m', "", &message, "reason", N_("reason of the update"));
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (message && message->empty()) die("Refusing to perform update with empty message");
  RefStore& refs = inv.repo().refs();
  if (deletes) {
    if (args.size() != 1) options.usage_with_options();
    return delete_symref(refs, args[0], quiet);
  }
  if (args.size() == 1) return show_target(inv.repo(), args[0], quiet, shorten, recurse);
  if (args.size() != 2) options.usage_with_options();
  if (args[0] == "HEAD" && !starts_with(args[1], "refs/")) die("Refusing to point HEAD outside of refs/");
  if (!check_refname_format(args[1], kRefnameAllowOneLevel)) die("Refusing to set '%s' to invalid ref '%s'", args[0], args[1]);
  Result<void> made = refs.create_symref(args[0], args[1], message.value_or(""));
  return made ? 0 : (error("%s", made.error().message), 1);
}

}  // namespace git
