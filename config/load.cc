// Files are read in the order of their scopes, so that the last value wins.  An include is read where it stands.
#include "config/load.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/env.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "config/reader.h"

namespace git::config {
namespace {

constexpr int kMaxDepth = 10;

std::string bad_line(const ConfigEntry& where, int line) {
  switch (where.origin) {
    case ConfigOrigin::file:
      return strf("bad config line %d in file %s", line, where.file);
    case ConfigOrigin::blob:
      return strf("bad config line %d in blob %s", line, where.file);
    case ConfigOrigin::standard_input:
      return strf("bad config line %d in standard input", line);
    case ConfigOrigin::submodule_blob:
      return strf("bad config line %d in submodule-blob %s", line, where.file);
    case ConfigOrigin::command_line:
      return strf("bad config line %d in command line %s", line, where.file);
    default:
      return strf("bad config line %d in %s", line, where.file);
  }
}

template <class Fn>
Result<void> read_entries(std::string_view text, const ConfigEntry& where, Fn&& fn) {
  Reader reader(text);
  for (;;) {
    Event event = reader.next();
    if (event.kind == EventKind::end) return {};
    if (event.kind == EventKind::error) return Error{ErrorKind::corrupt, bad_line(where, event.line)};
    if (event.kind != EventKind::entry) continue;
    ConfigEntry entry = where;
    entry.key = std::move(event.key);
    entry.value = std::move(event.value);
    entry.line = event.line;
    fn(std::move(entry));
  }
}

bool may_be_absent(int code) { return code == ENOENT || code == ENOTDIR; }

}  // namespace

Result<std::vector<ConfigEntry>> entries_of_text(std::string_view text, const ConfigEntry& where) {
  std::vector<ConfigEntry> entries;
  auto done = read_entries(text, where, [&](ConfigEntry entry) { entries.push_back(std::move(entry)); });
  if (!done) return done.error();
  return entries;
}

Result<void> Loader::add_text(std::string_view text, const ConfigEntry& where) {
  return read_entries(text, where, [&](ConfigEntry entry) { add_entry(std::move(entry)); });
}

bool Loader::add_file(const std::string& path, ConfigScope scope) {
  auto text = read_file(path);
  if (!text) {
    if (text.error().kind != ErrorKind::missing) warning("unable to access '%s': %s", path, std::strerror(errno));
    return false;
  }
  ConfigEntry where;
  where.scope = scope;
  where.origin = ConfigOrigin::file;
  where.file = path;
  add_text(*text, where).or_die();
  return true;
}

void Loader::load_all() {
  if (single_text_) {
    add_text(*single_text_, single_where_).or_die();
    return;
  }
  auto add_optional = [&](const std::string& path, ConfigScope scope, bool eacces_ok) {
    if (::access(path.c_str(), R_OK) == 0) {
      add_file(path, scope);
    } else if (!may_be_absent(errno) && !(eacces_ok && errno == EACCES)) {
      die_errno("unable to access '%s'", path);
    }
  };
  if (!sources_.ignore_system && !env_bool("GIT_CONFIG_NOSYSTEM", false))
    add_optional(system_config_path(), ConfigScope::system, false);
  if (!sources_.ignore_global)
    for (const std::string& path : global_config_paths()) add_optional(path, ConfigScope::global, true);
  if (!sources_.ignore_local && !sources_.common_dir.empty()) {
    add_optional(path_join(sources_.display_dir.empty() ? sources_.common_dir : sources_.display_dir, "config"),
                 ConfigScope::local, false);
    if (sources_.use_worktree_config) add_optional(path_join(sources_.git_dir, "config.worktree"), ConfigScope::worktree, false);
  }
  if (!sources_.ignore_command) add_command_line();
}

void Loader::add_entry(ConfigEntry entry) {
  if (forbid_remote_urls_ && starts_with(entry.key, "remote.") && ends_with(entry.key, ".url"))
    die("remote URLs cannot be configured in file directly or indirectly included by includeIf.hasconfig:remote.*.url");
  bool is_include = sources_.respect_includes && starts_with(entry.key, "include") && ends_with(entry.key, ".path");
  ConfigEntry copy;
  if (is_include) copy = entry;
  entries_.push_back(std::move(entry));
  if (!is_include) return;
  if (copy.key == "include.path") {
    include(copy);
    return;
  }
  std::string_view condition = copy.key;
  if (!skip_prefix(condition, "includeif.") || condition.size() <= std::strlen("path")) return;
  condition.remove_suffix(std::strlen(".path"));
  if (!condition_holds(condition, copy)) return;
  bool saved = forbid_remote_urls_;
  if (starts_with(condition, "hasconfig:remote.*.url:")) forbid_remote_urls_ = true;
  include(copy);
  forbid_remote_urls_ = saved;
}

void Loader::include(const ConfigEntry& entry) {
  if (!entry.value) die_missing_config_value(entry);
  auto expanded = expand_user_path(*entry.value);
  if (!expanded) {
    error("could not expand include path '%s'", *entry.value);
    die_bad_config_variable(entry);
  }
  std::string path = *expanded;
  if (!is_absolute_path(path)) {
    if (entry.origin != ConfigOrigin::file) {
      error("relative config includes must come from files");
      die_bad_config_variable(entry);
    }
    std::size_t slash = entry.file.rfind('/');
    if (slash != std::string::npos) path = entry.file.substr(0, slash + 1) + path;
  }
  if (::access(path.c_str(), R_OK) < 0) {
    if (may_be_absent(errno)) return;
    die_errno("unable to access '%s'", path);
  }
  if (++depth_ > kMaxDepth)
    die("exceeded maximum include depth (%d) while including\n\t%s\nfrom\n\t%s\nThis might be due to circular includes.",
        kMaxDepth, path, entry.origin == ConfigOrigin::file ? entry.file : std::string("the command line"));
  add_file(path, entry.scope);
  depth_--;
}

bool Loader::condition_holds(std::string_view condition, const ConfigEntry& entry) {
  std::string_view rest;
  if (skip_prefix(condition, "gitdir:", &rest)) return match_dir(rest, sources_.git_dir, false, entry);
  if (skip_prefix(condition, "gitdir/i:", &rest)) return match_dir(rest, sources_.git_dir, true, entry);
  if (skip_prefix(condition, "worktree:", &rest)) return match_dir(rest, sources_.worktree, false, entry);
  if (skip_prefix(condition, "worktree/i:", &rest)) return match_dir(rest, sources_.worktree, true, entry);
  if (skip_prefix(condition, "onbranch:", &rest)) return match_branch(std::string(rest));
  if (skip_prefix(condition, "hasconfig:remote.*.url:", &rest)) return match_remote_url(rest);
  return false;
}

bool Loader::match_dir(std::string_view wanted, const std::string& dir, bool fold_case, const ConfigEntry& entry) {
  if (dir.empty()) return false;
  auto expanded = expand_user_path(wanted);
  std::string pattern = expanded ? *expanded : std::string(wanted);
  std::size_t literal = 0;  // so much of the front is a path and no pattern
  if (starts_with(pattern, "./")) {
    if (entry.origin != ConfigOrigin::file) {
      error("relative config include conditionals must come from files");
      return false;
    }
    std::string base = real_path_forgiving(entry.file);
    base = base.substr(0, base.rfind('/'));
    pattern = base + pattern.substr(1);
    literal = base.size() + 1;
  } else if (!is_absolute_path(pattern)) {
    pattern = "**/" + pattern;
  }
  if (ends_with(pattern, "/")) pattern += "**";
  auto matches = [&](const std::string& text) {
    std::string_view p = pattern, t = text;
    if (literal) {
      if (t.size() < literal) return false;
      bool same = fold_case ? iequals(p.substr(0, literal), t.substr(0, literal)) : p.substr(0, literal) == t.substr(0, literal);
      if (!same) return false;
      p.remove_prefix(literal);
      t.remove_prefix(literal);
    }
    return wildmatch(p, t, kWildPathname | (fold_case ? kWildCaseFold : 0u));
  };
  // First with links resolved, then as it was reached.
  return matches(real_path_forgiving(dir)) || matches(absolute_path(dir));
}

bool Loader::match_branch(std::string pattern) {
  if (!sources_.current_branch) return false;
  auto branch = sources_.current_branch();
  if (!branch) return false;
  if (ends_with(pattern, "/")) pattern += "**";
  return wildmatch(pattern, *branch, kWildPathname);
}

bool Loader::match_remote_url(std::string_view pattern) {
  if (!remote_urls_) collect_remote_urls();
  for (const std::string& url : *remote_urls_)
    if (wildmatch(pattern, url, kWildPathname)) return true;
  return false;
}

// The URLs are looked for in a reading of their own, in which no such condition holds.
void Loader::collect_remote_urls() {
  remote_urls_.emplace();
  if (collecting_urls_) return;
  Loader other(sources_);
  other.single_text_ = single_text_;
  other.single_where_ = single_where_;
  other.collecting_urls_ = true;
  other.load_all();
  std::vector<std::string> urls;
  for (const ConfigEntry& entry : other.entries_)
    if (starts_with(entry.key, "remote.") && ends_with(entry.key, ".url") && entry.value) urls.push_back(*entry.value);
  remote_urls_ = std::move(urls);
}

}  // namespace git::config
