// git show-ref: refs and what they name, as plumbing wants it (git-show-ref(1)).
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "for-each-ref.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"

GIT_BUILTIN("show-ref", cmd_show_ref, kSetup)

namespace git {
namespace {

struct Settings {
  bool quiet = false, deref = false, hash_only = false;
  bool head = false, branches = false, tags = false, verify = false, exists = false;
  int abbrev = 0;
  std::optional<std::string> exclude_existing;
};

std::string shown(Repository& repo, const ObjectId& oid, const Settings& s) {
  return s.abbrev ? unique_abbrev(repo, oid, s.abbrev) : oid.hex();
}

void show_one(Repository& repo, const Ref& ref, const Settings& s) {
  if (!repo.odb().has(ref.oid)) die("git show-ref: bad ref %s (%s)", ref.name, ref.oid);
  if (s.quiet) return;
  std::string hex = shown(repo, ref.oid, s);
  out(s.hash_only ? hex + "\n" : hex + " " + ref.name + "\n");
  if (!s.deref) return;
  if (std::optional<ObjectId> peeled = repo.refs().peel(ref)) {
    hex = shown(repo, *peeled, s);
    out(s.hash_only ? hex + "\n" : hex + " " + ref.name + "^{}\n");
  }
}

// A pattern matches whole components from the end.
bool matches(const std::vector<std::string>& patterns, const std::string& name) {
  for (const std::string& pattern : patterns)
    if (ends_with(name, pattern) && (name.size() == pattern.size() || name[name.size() - pattern.size() - 1] == '/')) return true;
  return patterns.empty();
}

int show_patterns(Repository& repo, const std::vector<std::string>& patterns, const Settings& s) {
  RefStore& refs = repo.refs();
  bool found = false;
  auto show = [&](const Ref& ref) {
    if (!matches(patterns, ref.name)) return true;
    found = true;
    show_one(repo, ref, s);
    return true;
  };
  if (s.head)
    if (std::optional<ObjectId> oid = refs.read_oid("HEAD")) {
      Ref head;
      head.name = "HEAD";
      head.oid = *oid;
      found = true;
      show_one(repo, head, s);
    }
  if (s.branches) refs.for_each("refs/heads/", show);
  if (s.tags) refs.for_each("refs/tags/", show);
  if (!s.branches && !s.tags) refs.for_each("refs/", show);
  if (found) return 0;
  if (s.verify && !s.quiet) die("No match");
  return 1;
}

int verify(Repository& repo, const std::vector<std::string>& names, const Settings& s) {
  if (names.empty()) die("--verify requires a reference");
  for (const std::string& name : names) {
    std::optional<ObjectId> oid;
    if (starts_with(name, "refs/") || refname_is_safe(name)) oid = repo.refs().read_oid(name);
    if (!oid) {
      if (s.quiet) return 1;
      die("'%s' - not a valid ref", name);
    }
    Ref ref;
    ref.name = name;
    ref.oid = *oid;
    show_one(repo, ref, s);
  }
  return 0;
}

// Reads "... <refname>[^{}]" lines and passes on those whose ref isn't here.
int exclude_existing(Repository& repo, const std::string& prefix) {
  LineReader reader(STDIN_FILENO);
  for (std::string line; reader.next(line);) {
    std::string_view name = line;
    strip_suffix(name, "^{}");
    for (std::size_t i = name.size(); i-- > 0;)
      if (is_space(name[i])) {
        name.remove_prefix(i + 1);
        break;
      }
    if (!prefix.empty() && !starts_with(name, prefix)) continue;
    if (!check_refname_format(name)) {
      warning("ref '%s' ignored", name);
      continue;
    }
    if (!repo.refs().exists(name)) out(line + "\n");
  }
  return 0;
}

}  // namespace

int cmd_show_ref(Invocation& inv) {
  Settings s;
  Options options(
      {"git show-ref [--head] [-d | --dereference]\n"
       "             [-s | --hash[=<n>]] [--abbrev[=<n>]] [--branches] [--tags]\n"
       "             [--] [<pattern>...]",
       "git show-ref --verify [-q | --quiet] [-d | --dereference]\n"
       "             [-s | --hash[=<n>]] [--abbrev[=<n>]]\n"
       "             [--] [<ref>...]",
       "git show-ref --exclude-existing[=<pattern>]", "git show-ref --exists <ref>"});
  options.boolean(0, "tags", &s.tags, N_("only show tags (can be combined with --branches)"));
  options.boolean(0, "branches", &s.branches, N_("only show branches (can be combined with --tags)"));
  options.boolean(0, "heads", &s.branches, N_("deprecated synonym for --branches"), kOptHidden);
  options.boolean(0, "exists", &s.exists, N_("check for reference existence without resolving"));
  options.boolean(0, "verify", &s.verify, N_("stricter reference checking, requires exact ref path"));
  options.boolean('h', "", &s.head, N_("show the HEAD reference, even if it would be filtered out"), kOptHidden);
  options.boolean(0, "head", &s.head, N_("show the HEAD reference, even if it would be filtered out"));
  options.boolean('d', "dereference", &s.deref, N_("dereference tags into object IDs"));
  options.callback(
      's', "hash", "n", N_("only show SHA1 hash using <n> digits"),
      [&](const std::optional<std::string>& value, bool unset) {
        s.hash_only = !unset;
        if (unset) s.abbrev = 0;
        if (!value) return true;
        std::optional<std::int64_t> n = parse_int(*value);
        if (!n) return error("option `%s' expects a numerical value", "hash") == 0;
        s.abbrev = *n > 0 ? std::max(4, static_cast<int>(*n)) : 0;
        return true;
      },
      kOptOptionalArg);
  options.abbrev(&s.abbrev);
  options.boolean('q', "quiet", &s.quiet, N_("do not print results to stdout (useful with --verify)"));
  options.callback(
      0, "exclude-existing", "pattern", N_("show refs from stdin that aren't in local repository"),
      [&](const std::optional<std::string>& value, bool unset) {
        s.exclude_existing = unset ? std::nullopt : std::optional<std::string>(value.value_or(""));
        return true;
      },
      kOptOptionalArg | kOptNoNeg);
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty(), kNoInternalHelp);
  die_for_incompatible_opts(
      {{s.exclude_existing.has_value(), "--exclude-existing"}, {s.verify, "--verify"}, {s.exists, "--exists"}});
  if (s.exclude_existing) return exclude_existing(inv.repo(), *s.exclude_existing);
  if (s.verify) return verify(inv.repo(), args, s);
  if (s.exists) {
    if (args.size() != 1) die("--exists requires exactly one reference");
    return show_ref_exists(inv.repo(), args[0]);
  }
  return show_patterns(inv.repo(), args, s);
}

}  // namespace git
