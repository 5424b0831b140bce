// Short names to refs and back: the candidates of git-rev-parse(1) tried in order, "@{-1}", "@{upstream}" and "@"
// replaced first, and the shortest form that still means the same ref.
#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "config.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "walk/ref-names.h"
#include "walk/tracking.h"

namespace git {

bool warns_about_ambiguous_refs(Repository& repo) { return repo.config().get_bool("core.warnambiguousrefs").value_or(true); }

std::optional<std::string> nth_prior_checkout(Repository& repo, long n) {
  if (n <= 0) return std::nullopt;
  std::optional<std::string> found;
  repo.refs().for_each_reflog_entry("HEAD", true, [&](const ReflogEntry& entry) {
    std::string_view message = entry.message;
    if (!skip_prefix(message, "checkout: moving from ")) return true;
    std::size_t to = message.find(" to ");
    if (to == std::string_view::npos) return true;
    if (--n) return true;
    found = std::string(message.substr(0, to));
    return false;
  });
  return found;
}

int upstream_mark(std::string_view text) {
  for (std::string_view mark : {"@{upstream}", "@{u}"})
    if (istarts_with(text, mark)) return static_cast<int>(mark.size());
  return 0;
}
int push_mark(std::string_view text) { return istarts_with(text, "@{push}") ? 7 : 0; }

namespace {

// "@{-3}" at the front: its length and the number.
int prior_mark(std::string_view name, long* n) {
  if (!starts_with(name, "@{-")) return 0;
  std::size_t brace = name.find('}');
  if (brace == std::string_view::npos) return 0;
  std::optional<std::uint64_t> number = parse_uint(name.substr(3, brace - 3));
  if (!number || *number == 0 || *number > 100000000) return 0;
  *n = static_cast<long>(*number);
  return static_cast<int>(brace + 1);
}

}  // namespace

int interpret_branch_prefix(Repository& repo, std::string_view name, std::string& out, unsigned allowed) {
  long n = 0;
  if (int used = prior_mark(name, &n); used && (!allowed || allowed & kInterpretLocal)) {
    std::optional<std::string> branch = nth_prior_checkout(repo, n);
    if (!branch) return -1;
    std::string_view rest = name.substr(static_cast<std::size_t>(used));
    if (rest.empty()) {
      out = *branch;
      return used;
    }
    std::string combined = *branch + std::string(rest);
    std::string inner;
    int more = interpret_branch_prefix(repo, combined, inner, allowed);
    if (more > static_cast<int>(branch->size())) {
      out = inner;
      return used + more - static_cast<int>(branch->size());
    }
    out = *branch;
    return used;
  }
  for (std::size_t at = name.find('@'); at != std::string_view::npos; at = name.find('@', at + 1)) {
    if (at == 0 && (!allowed || allowed & kInterpretHead)) {
      // "@" alone is HEAD; "@{" is somebody else's.
      if (name.size() == 1 || (name[1] != '{' && false)) {
        out = "HEAD";
        return 1;
      }
      if (starts_with(name, "@@{")) {
        std::string inner, combined = "HEAD" + std::string(name.substr(1));
        int more = interpret_branch_prefix(repo, combined, inner, allowed);
        if (more > 4) {
          out = inner;
          return more - 3;
        }
        out = "HEAD";
        return 1;
      }
    }
    int used = upstream_mark(name.substr(at));
    bool is_push = false;
    if (!used) {
      used = push_mark(name.substr(at));
      is_push = used != 0;
    }
    if (!used) continue;
    std::string_view branch = name.substr(0, at);
    if (branch.find(':') != std::string_view::npos) continue;
    std::string base;
    int whole = branch.empty() ? 0 : interpret_branch_prefix(repo, branch, base, kInterpretLocal);
    std::optional<std::string> wanted;
    if (!branch.empty()) wanted = whole == static_cast<int>(branch.size()) ? base : std::string(branch);
    Result<std::string> target = is_push ? branch_push_target(repo, wanted) : branch_upstream(repo, wanted);
    if (!target) die("%s", target.error().message);
    if (allowed) {
      bool local = starts_with(*target, "refs/heads/"), remote = starts_with(*target, "refs/remotes/");
      if (!((local && allowed & kInterpretLocal) || (remote && allowed & kInterpretRemote))) continue;
    }
    out = shorten_unambiguous_ref(repo, *target, warns_about_ambiguous_refs(repo));
    return static_cast<int>(at) + used;
  }
  return -1;
}

std::optional<std::string> interpret_branch_name(Repository& repo, std::string_view name) {
  std::string out;
  if (interpret_branch_prefix(repo, name, out, 0) == static_cast<int>(name.size())) return out;
  return std::nullopt;
}

bool check_branch_ref(Repository& repo, std::string& full, std::string_view name) {
  std::string expanded;
  int used = interpret_branch_prefix(repo, name, expanded, kInterpretLocal);
  if (used < 0) {
    used = 0;
    expanded.clear();
  }
  std::string short_name = expanded + std::string(name.substr(static_cast<std::size_t>(used)));
  full = "refs/heads/" + short_name;
  if (starts_with(name, "-") || short_name == "HEAD" || starts_with(short_name, "-")) return false;
  return check_refname_format(full);
}

int dwim_ref(Repository& repo, std::string_view name, ObjectId* oid, std::string* full, bool) {
  std::optional<std::string> replaced = interpret_branch_name(repo, name);
  std::string_view wanted = replaced ? std::string_view(*replaced) : name;
  bool warn = warns_about_ambiguous_refs(repo);
  int found = 0;
  for (const std::string& candidate : expand_ref_candidates(wanted)) {
    if (!refname_is_safe(candidate) && !is_root_ref_syntax(candidate) && !starts_with(candidate, "refs/") &&
        !check_refname_format(candidate, kRefnameAllowOneLevel))
      continue;
    if (!check_refname_format(candidate, kRefnameAllowOneLevel)) continue;
    std::optional<ResolvedRef> ref = repo.refs().resolve(candidate);
    if (!ref) {
      auto raw = repo.refs().read(candidate);
      if (raw && !raw->symref_target.empty() && candidate != "HEAD")
        warning("ignoring dangling symref %s", candidate);
      else if (raw && raw->is_broken && candidate.find('/') != std::string::npos)
        warning("ignoring broken ref %s", candidate);
      continue;
    }
    if (!ref->exists || ref->oid.is_null()) {
      if (ref->is_symref && candidate != "HEAD") warning("ignoring dangling symref %s", candidate);
      continue;
    }
    if (found++ == 0) {
      if (oid) *oid = ref->oid;
      if (full) *full = ref->name;
    }
    if (!warn) break;
  }
  return found;
}

int dwim_log(Repository& repo, std::string_view name, ObjectId* oid, std::string* full) {
  std::optional<std::string> replaced = interpret_branch_name(repo, name);
  std::string_view wanted = replaced ? std::string_view(*replaced) : name;
  bool warn = warns_about_ambiguous_refs(repo);
  int found = 0;
  for (const std::string& candidate : expand_ref_candidates(wanted)) {
    if (!check_refname_format(candidate, kRefnameAllowOneLevel)) continue;
    std::optional<ResolvedRef> ref = repo.refs().resolve(candidate);
    if (!ref || !ref->exists) continue;
    std::string log;
    if (repo.refs().has_reflog(candidate))
      log = candidate;
    else if (ref->name != candidate && repo.refs().has_reflog(ref->name))
      log = ref->name;
    else
      continue;
    if (found++ == 0) {
      if (oid) *oid = ref->oid;
      if (full) *full = log;
    }
    if (!warn) break;
  }
  return found;
}

std::string shorten_unambiguous_ref(Repository& repo, std::string_view full, bool strict) {
  static constexpr std::string_view kRules[][2] = {
      {"", ""}, {"refs/", ""}, {"refs/tags/", ""}, {"refs/heads/", ""}, {"refs/remotes/", ""}, {"refs/remotes/", "/HEAD"}};
  constexpr std::size_t kCount = std::size(kRules);
  for (std::size_t rule = kCount; rule-- > 1;) {
    std::string_view name = full;
    if (!starts_with(name, kRules[rule][0]) || !ends_with(name, kRules[rule][1])) continue;
    if (name.size() <= kRules[rule][0].size() + kRules[rule][1].size()) continue;
    name.remove_prefix(kRules[rule][0].size());
    name.remove_suffix(kRules[rule][1].size());
    std::size_t end = strict ? kCount : rule;
    bool clash = false;
    for (std::size_t other = 0; other < end && !clash; other++) {
      if (other == rule) continue;
      std::string candidate = std::string(kRules[other][0]) + std::string(name) + std::string(kRules[other][1]);
      if (check_refname_format(candidate, kRefnameAllowOneLevel) && repo.refs().read(candidate)) clash = true;
    }
    if (!clash) return std::string(name);
  }
  return std::string(full);
}

}  // namespace git
