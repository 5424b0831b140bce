// What makes a good ref name (git-check-ref-format(1)), and how short names stand for full ones.
//
// The rules are checked component by component, so that one pass over the name is enough and a reader can
// put each rule beside the manual's list.
#include "base/strings.h"
#include "refs.h"

namespace git {
namespace {

bool is_forbidden_byte(char c) {
  auto u = static_cast<unsigned char>(c);
  return u <= 0x20 || u == 0x7f || c == '~' || c == '^' || c == ':' || c == '?' || c == '[' || c == '\\';
}

// One component between slashes. `*star_left` is cleared by the one '*' that a refspec pattern may have.
bool check_component(std::string_view part, bool* star_left) {
  if (part.empty() || part.front() == '.' || ends_with(part, ".lock")) return false;
  char last = 0;
  for (char c : part) {
    if (is_forbidden_byte(c)) return false;
    if (c == '.' && last == '.') return false;
    if (c == '{' && last == '@') return false;
    if (c == '*') {
      if (!*star_left) return false;
      *star_left = false;
    }
    last = c;
  }
  return true;
}

constexpr std::string_view kRules[][2] = {
    {"", ""}, {"refs/", ""}, {"refs/tags/", ""}, {"refs/heads/", ""}, {"refs/remotes/", ""}, {"refs/remotes/", "/HEAD"}};

}  // namespace

bool check_refname_format(std::string_view name, unsigned flags) {
  if (name == "@") return false;
  bool star_left = (flags & kRefnameRefspecPattern) != 0;
  std::size_t components = 0;
  std::string_view rest = name;
  for (;;) {
    std::size_t slash = rest.find('/');
    if (!check_component(rest.substr(0, slash), &star_left)) return false;
    ++components;
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (name.back() == '.') return false;
  return components > 1 || (flags & kRefnameAllowOneLevel);
}

bool refname_is_safe(std::string_view name) {
  std::string_view rest = name;
  if (skip_prefix(rest, "refs/")) {
    // Nothing that normalization would change, and nothing that climbs.
    if (rest.empty()) return false;
    for (std::string_view part : split(rest, '/'))
      if (part.empty() || part == "." || part == "..") return false;
    return name.find('\0') == std::string_view::npos;
  }
  if (name.empty()) return false;
  for (char c : name)
    if (!(c >= 'A' && c <= 'Z') && c != '_') return false;
  return true;
}

bool is_root_ref_syntax(std::string_view name) {
  for (char c : name)
    if (!(c >= 'A' && c <= 'Z') && c != '-' && c != '_') return false;
  return true;
}

bool is_pseudo_ref(std::string_view name) { return name == "FETCH_HEAD" || name == "MERGE_HEAD"; }

bool is_root_ref(std::string_view name) {
  if (name.empty() || !is_root_ref_syntax(name) || is_pseudo_ref(name)) return false;
  if (ends_with(name, "_HEAD")) return true;
  return name == "HEAD" || name == "AUTO_MERGE" || name == "BISECT_EXPECTED_REV" || name == "NOTES_MERGE_PARTIAL" ||
         name == "NOTES_MERGE_REF" || name == "MERGE_AUTOSTASH";
}

bool is_per_worktree_ref(std::string_view name) {
  return starts_with(name, "refs/worktree/") || starts_with(name, "refs/bisect/") || starts_with(name, "refs/rewritten/") ||
         !starts_with(name, "refs/");
}

std::string_view prettify_refname(std::string_view name) {
  std::string_view rest = name;
  if (skip_prefix(rest, "refs/heads/") || skip_prefix(rest, "refs/tags/") || skip_prefix(rest, "refs/remotes/")) return rest;
  skip_prefix(rest, "refs/");
  return starts_with(name, "refs/") ? name : rest;
}

std::vector<std::string> expand_ref_candidates(std::string_view name) {
  std::vector<std::string> result;
  for (const auto& rule : kRules) result.push_back(std::string(rule[0]).append(name).append(rule[1]));
  return result;
}

bool refname_matches(std::string_view abbreviated, std::string_view full) { return refname_match_rank(abbreviated, full) != 0; }

int refname_match_rank(std::string_view abbreviated, std::string_view full) {
  int rank = static_cast<int>(std::size(kRules));
  for (const auto& rule : kRules) {
    if (full.size() == rule[0].size() + abbreviated.size() + rule[1].size() && starts_with(full, rule[0]) &&
        ends_with(full, rule[1]) && full.substr(rule[0].size(), abbreviated.size()) == abbreviated)
      return rank;
    --rank;
  }
  return 0;
}

}  // namespace git
