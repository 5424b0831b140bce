// Refspecs are applied here in their simplest reading: an optional '+', one '*' on each side, '^' excludes.
#include "walk/tracking.h"

#include <vector>

#include "base/strings.h"
#include "config.h"
#include "refs.h"
#include "repository.h"

namespace git {
namespace {

std::optional<std::string> apply_refspec(std::string_view spec, std::string_view name) {
  skip_prefix(spec, "+");
  std::size_t colon = spec.find(':');
  std::string_view from = spec.substr(0, colon);
  std::string_view to = colon == std::string_view::npos ? std::string_view() : spec.substr(colon + 1);
  std::size_t star = from.find('*');
  if (star == std::string_view::npos) {
    if (from != name) return std::nullopt;
    return std::string(to);
  }
  std::string_view head = from.substr(0, star), tail = from.substr(star + 1);
  if (name.size() < head.size() + tail.size() || !starts_with(name, head) || !ends_with(name, tail)) return std::nullopt;
  std::string middle(name.substr(head.size(), name.size() - head.size() - tail.size()));
  std::size_t to_star = to.find('*');
  if (to_star == std::string_view::npos) return std::string(to);
  return std::string(to.substr(0, to_star)) + middle + std::string(to.substr(to_star + 1));
}

std::optional<std::string> map_by_refspecs(const std::vector<std::string>& specs, std::string_view name) {
  for (std::string_view spec : specs)
    if (starts_with(spec, "^") && apply_refspec(spec.substr(1), name)) return std::nullopt;
  for (std::string_view spec : specs) {
    if (starts_with(spec, "^")) continue;
    if (auto mapped = apply_refspec(spec, name); mapped && !mapped->empty()) return mapped;
  }
  return std::nullopt;
}

Error no(std::string message) { return Error{ErrorKind::missing, std::move(message)}; }

// The branch meant, or why there is none.
Result<std::string> resolve_branch(Repository& repo, const std::optional<std::string>& branch) {
  if (branch && !branch->empty() && *branch != "HEAD") return *branch;
  if (auto current = current_branch(repo)) return *current;
  return no("HEAD does not point to a branch");
}

}  // namespace

std::optional<std::string> current_branch(Repository& repo) {
  std::optional<ResolvedRef> head = repo.refs().resolve("HEAD");
  if (!head || !head->is_symref) return std::nullopt;
  std::string_view name = head->name;
  if (!skip_prefix(name, "refs/heads/")) return std::nullopt;
  return std::string(name);
}

std::string branch_remote_name(Repository& repo, std::string_view branch, bool for_push) {
  Config& config = repo.config();
  if (for_push) {
    if (auto name = config.get_string(strf("branch.%s.pushremote", branch))) return *name;
    if (auto name = config.get_string("remote.pushdefault")) return *name;
  }
  if (auto name = config.get_string(strf("branch.%s.remote", branch))) return *name;
  std::vector<std::string> remotes = config.subsections("remote");
  if (remotes.size() == 1 && !for_push) return remotes[0];
  return for_push || !remotes.empty() ? "origin" : "";
}

std::optional<std::string> tracking_ref_for(Repository& repo, std::string_view remote, std::string_view remote_ref) {
  return map_by_refspecs(repo.config().get_strings(strf("remote.%s.fetch", remote)), remote_ref);
}

Result<std::string> branch_upstream(Repository& repo, std::optional<std::string> wanted) {
  Result<std::string> branch = resolve_branch(repo, wanted);
  if (!branch) return branch;
  Config& config = repo.config();
  std::optional<std::string> merge = config.get_string(strf("branch.%s.merge", *branch));
  std::optional<std::string> remote = config.get_string(strf("branch.%s.remote", *branch));
  if (!merge || !remote) {
    if (!repo.refs().exists("refs/heads/" + *branch)) return no(strf("no such branch: '%s'", *branch));
    return no(strf("no upstream configured for branch '%s'", *branch));
  }
  if (*remote == ".") {
    if (starts_with(*merge, "refs/")) return *merge;
    for (const std::string& candidate : expand_ref_candidates(*merge))
      if (repo.refs().exists(candidate)) return candidate;
    return *merge;
  }
  std::string full = starts_with(*merge, "refs/") ? *merge : "refs/heads/" + *merge;
  if (auto tracking = tracking_ref_for(repo, *remote, full)) return *tracking;
  return no(strf("upstream branch '%s' not stored as a remote-tracking branch", *merge));
}

Result<std::string> branch_push_target(Repository& repo, std::optional<std::string> wanted) {
  Result<std::string> branch = resolve_branch(repo, wanted);
  if (!branch) return branch;
  Config& config = repo.config();
  std::string remote = branch_remote_name(repo, *branch, true), full = "refs/heads/" + *branch;
  std::vector<std::string> remotes = config.subsections("remote");
  auto explicit_remote = config.get_string(strf("branch.%s.remote", *branch));
  if (remote.empty()) return no(strf("branch '%s' has no remote for pushing", *branch));
  auto track = [&](const std::string& there) -> Result<std::string> {
    if (remote == ".") return there;
    if (auto tracking = tracking_ref_for(repo, remote, there)) return *tracking;
    return no(strf("push destination '%s' on remote '%s' has no local tracking branch", there, remote));
  };
  std::vector<std::string> push = config.get_strings(strf("remote.%s.push", remote));
  if (!push.empty()) {
    std::optional<std::string> there;
    for (std::string_view spec : push) {
      if (starts_with(spec, "^")) continue;
      std::string_view plain = spec;
      skip_prefix(plain, "+");
      if (plain.find(':') == std::string_view::npos) {
        std::string own = starts_with(plain, "refs/") ? std::string(plain) : "refs/heads/" + std::string(plain);
        there = apply_refspec(own + ":" + own, full);
      } else {
        std::size_t colon = plain.find(':');
        std::string from(plain.substr(0, colon)), to(plain.substr(colon + 1));
        if (!starts_with(from, "refs/")) from = "refs/heads/" + from;
        if (!starts_with(to, "refs/")) to = "refs/heads/" + to;
        there = apply_refspec(from + ":" + to, full);
      }
      if (there) break;
    }
    if (!there) return no(strf("push refspecs for '%s' do not include '%s'", remote, *branch));
    return track(*there);
  }
  if (config.get_bool(strf("remote.%s.mirror", remote)).value_or(false)) return track(full);
  std::string how = config.get_string_or("push.default", "simple");
  if (how == "nothing") return no("push has no destination (push.default is 'nothing')");
  if (how == "matching" || how == "current") return track(full);
  if (how == "upstream" || how == "tracking") return branch_upstream(repo, *branch);
  Result<std::string> up = branch_upstream(repo, *branch);
  if (!up) return up;
  Result<std::string> current = track(full);
  if (!current) return current;
  if (*current != *up) return no("cannot resolve 'simple' push to a single destination");
  return current;
}

}  // namespace git
