// git refs: everything about refs under one name (git-refs(1)).
#include "refs.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "for-each-ref.h"
#include "object-name.h"
#include "refs-migrate.h"

GIT_BUILTIN("refs", cmd_refs, kSetup)

namespace git {
namespace {

constexpr const char* kMigrateUsage = "git refs migrate --ref-format=<format> [--no-reflog] [--dry-run]";
constexpr const char* kVerifyUsage = "git refs verify [--strict] [--verbose]";
constexpr const char* kListUsage =
    "git refs list [--count=<count>] [--shell|--perl|--python|--tcl]\n"
    "              [(--sort=<key>)...] [--format=<format>]\n"
    "              [--include-root-refs] [--points-at=<object>]\n"
    "              [--merged[=<object>]] [--no-merged[=<object>]]\n"
    "              [--contains[=<object>]] [--no-contains[=<object>]]\n"
    "              [(--exclude=<pattern>)...] [--start-after=<marker>]\n"
    "              [ --stdin | (<pattern>...)]";
constexpr const char* kExistsUsage = "git refs exists <ref>";
constexpr const char* kOptimizeUsage =
    "git refs optimize [--all] [--no-prune] [--auto] [--include <pattern>] [--exclude <pattern>]";
constexpr const char* kCreateUsage = "git refs create [--message=<reason>] [--no-deref] [--create-reflog] <ref> <new-value>";
constexpr const char* kUpdateUsage =
    "git refs update [--message=<reason>] [--no-deref] [--create-reflog] <ref> <new-value> [<old-value>]";
constexpr const char* kDeleteUsage = "git refs delete [--message=<reason>] [--no-deref] <ref> [<old-value>]";
constexpr const char* kRenameUsage = "git refs rename [--message=<reason>] <old-ref> <new-ref>";

int migrate(Invocation& inv, const std::vector<std::string>& args) {
  MigrateRefs wanted;
  std::optional<std::string> format;
  bool reflog = true;
  Options options({kMigrateUsage});
  options.string(0, "ref-format", &format, "format", N_("specify the reference format to convert to"), kOptNoNeg);
  options.boolean(0, "dry-run", &wanted.dry_run, N_("perform a non-destructive dry-run"));
  options.boolean(0, "reflog", &reflog, N_("migrate reflogs"));
  if (!options.parse(args, inv.prefix_or_empty()).empty()) usage("%s", _("too many arguments"));
  if (!format) usage("%s", _("missing --ref-format=<format>"));
  if (*format != "files" && *format != "reftable") return error("unknown ref storage format '%s'", *format) < 0;
  wanted.format = *format;
  wanted.skip_reflog = !reflog;
  Result<std::string> moved = migrate_refs(inv.repo(), wanted);
  if (!moved) return error("%s", moved.error().message) < 0;
  if (wanted.dry_run) outf("Finished dry-run migration of refs, the result can be found at '%s'\n", *moved);
  return 0;
}

int verify(Invocation& inv, const std::vector<std::string>& args) {
  bool strict = false, verbose = false;
  Options options({kVerifyUsage});
  options.boolean(0, "verbose", &verbose, N_("be verbose"));
  options.boolean(0, "strict", &strict, N_("enable strict checking"));
  if (!options.parse(args, inv.prefix_or_empty()).empty()) usage("'git refs verify' takes no arguments");
  return verify_refs(inv.repo(), strict, verbose) ? 0 : 1;
}

int exists(Invocation& inv, const std::vector<std::string>& args) {
  Options options({kExistsUsage});
  std::vector<std::string> rest = options.parse(args, inv.prefix_or_empty());
  if (rest.size() != 1) die("refs exists requires exactly one reference");
  return show_ref_exists(inv.repo(), rest[0]);
}

// ---- create, update, delete, rename ----
struct WriteOptions {
  std::optional<std::string> message;
  bool no_deref = false, create_reflog = false;
  unsigned flags() const {
    return (no_deref ? unsigned{kRefNoDeref} : 0) | (create_reflog ? unsigned{kRefForceCreateReflog} : 0);
  }
};

std::vector<std::string> parse_write(Invocation& inv, const std::vector<std::string>& args, const char* usage_text,
                                     WriteOptions& w, bool with_deref, bool with_reflog) {
  Options options({usage_text});
  options.string(0, "message", &w.message, "reason", N_("reason of the update"));
  if (with_deref) options.boolean(0, "no-deref", &w.no_deref, N_("update <ref> not the one it points to"));
  if (with_reflog) options.boolean(0, "create-reflog", &w.create_reflog, N_("create a reflog"));
  std::vector<std::string> rest = options.parse(args, inv.prefix_or_empty());
  if (w.message && w.message->empty()) die("refusing to perform update with empty message");
  return rest;
}

ObjectId parse_value(Invocation& inv, const std::string& text, const char* what) {
  std::optional<ObjectId> oid = get_oid(inv.repo(), text);
  if (!oid) die("invalid %sobject ID: '%s'", what, text);
  return *oid;
}

void check_name(const std::string& name) {
  if (!check_refname_format(name, kRefnameAllowOneLevel)) die("invalid ref format: %s", name);
}

int apply(Invocation& inv, RefUpdate update) {
  Result<void> done = inv.repo().refs().update(std::move(update));
  return done ? 0 : error("%s", done.error().message) < 0;
}

int create(Invocation& inv, const std::vector<std::string>& args) {
  WriteOptions w;
  std::vector<std::string> rest = parse_write(inv, args, kCreateUsage, w, true, true);
  if (rest.size() != 2) die("create requires reference name and new value");
  check_name(rest[0]);
  RefUpdate update;
  update.name = rest[0];
  update.new_oid = parse_value(inv, rest[1], "");
  if (update.new_oid->is_null()) die("cannot create reference with null new object ID");
  update.old_oid = ObjectId::null(inv.repo().algo());
  update.flags = w.flags();
  update.message = w.message.value_or("");
  return apply(inv, std::move(update));
}

int update(Invocation& inv, const std::vector<std::string>& args) {
  WriteOptions w;
  std::vector<std::string> rest = parse_write(inv, args, kUpdateUsage, w, true, true);
  if (rest.size() < 2 || rest.size() > 3) die("update requires reference name, new value and an optional old value");
  check_name(rest[0]);
  RefUpdate change;
  change.name = rest[0];
  change.new_oid = parse_value(inv, rest[1], "new ");
  if (rest.size() == 3) change.old_oid = parse_value(inv, rest[2], "old ");
  change.flags = w.flags();
  change.message = w.message.value_or("");
  return apply(inv, std::move(change));
}

int remove(Invocation& inv, const std::vector<std::string>& args) {
  WriteOptions w;
  std::vector<std::string> rest = parse_write(inv, args, kDeleteUsage, w, true, false);
  if (rest.empty() || rest.size() > 2) die("delete requires reference name and an optional old value");
  RefUpdate change;
  change.name = rest[0];
  change.new_oid = ObjectId::null(inv.repo().algo());
  if (rest.size() == 2) change.old_oid = parse_value(inv, rest[1], "old ");
  if (change.old_oid && change.old_oid->is_null()) die("cannot delete reference with null old object ID");
  change.flags = w.flags();
  change.message = w.message.value_or("");
  return apply(inv, std::move(change));
}

int rename(Invocation& inv, const std::vector<std::string>& args) {
  WriteOptions w;
  std::vector<std::string> rest = parse_write(inv, args, kRenameUsage, w, false, false);
  if (rest.size() != 2) die("rename requires old and new reference name");
  check_name(rest[0]);
  check_name(rest[1]);
  RefStore& refs = inv.repo().refs();
  if (!refs.read(rest[0])) return error("reference does not exist: '%s'", rest[0]) < 0;
  if (refs.read(rest[1])) return error("reference already exists: '%s'", rest[1]) < 0;
  Result<void> done = refs.rename(rest[0], rest[1], w.message.value_or(""), false);
  return done ? 0 : error("%s", done.error().message) < 0;
}

}  // namespace

int cmd_refs(Invocation& inv) {
  enum Verb : int { kMigrate, kVerify, kList, kExists, kOptimize, kCreate, kUpdate, kDelete, kRename };
  int verb = kMigrate;
  Options options({kMigrateUsage, kVerifyUsage, kListUsage, kExistsUsage, kOptimizeUsage, kCreateUsage, kUpdateUsage,
                   kDeleteUsage, kRenameUsage});
  options.subcommand("migrate", &verb, kMigrate);
  options.subcommand("verify", &verb, kVerify);
  options.subcommand("list", &verb, kList);
  options.subcommand("exists", &verb, kExists);
  options.subcommand("optimize", &verb, kOptimize);
  options.subcommand("create", &verb, kCreate);
  options.subcommand("update", &verb, kUpdate);
  options.subcommand("delete", &verb, kDelete);
  options.subcommand("rename", &verb, kRename);
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  switch (verb) {
    case kVerify:
      return verify(inv, args);
    case kList:
      return for_each_ref_command(inv.repo(), args, inv.prefix_or_empty(), "git refs list");
    case kExists:
      return exists(inv, args);
    case kOptimize:
      return pack_refs_command(inv.repo(), args, inv.prefix_or_empty(), "git refs optimize");
    case kCreate:
      return create(inv, args);
    case kUpdate:
      return update(inv, args);
    case kDelete:
      return remove(inv, args);
    case kRename:
      return rename(inv, args);
    default:
      return migrate(inv, args);
  }
}

}  // namespace git
