// A name is taken apart from its end: "^{type}", "~n" and "^n" first, then "@{...}", then what is left is a whole
// object name, a ref, a describe string or an abbreviation, in that order.  "rev:path", ":path" and ":/text" are tried
// when all of that failed, because ':' can't stand in any of them.
#include "object-name.h"

#include "base/date.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "walk/abbrev.h"
#include "walk/commit-pool.h"
#include "walk/index-peek.h"
#include "walk/message-search.h"
#include "walk/ref-names.h"
#include "walk/tree-lookup.h"

namespace git {
namespace {

struct NameReader {
  Repository& repo;
  NameHint hint;
  bool quiet;

  std::optional<ObjectId> read(std::string_view name, NameHint as) const;
  std::optional<ObjectId> basic(std::string_view name) const;
  std::optional<ObjectId> short_name(std::string_view name, NameHint as, bool silent) const;
  std::optional<ObjectId> peel_onion(std::string_view name) const;
  std::optional<ObjectId> parent(std::string_view name, long n) const;
  std::optional<ObjectId> ancestor(std::string_view name, long n) const;
  std::optional<ObjectId> at_reflog(std::string_view name, const std::string& ref, const ObjectId& now,
                                    std::string_view spec) const;
  Commit* commit(std::string_view name) const;
};

bool is_hex(std::string_view s) {
  for (char c : s)
    if (hex_value(c) < 0) return false;
  return !s.empty();
}

// "a//b" and the like are no refs.
bool is_ambiguous_path(std::string_view name) {
  bool slash = true;
  for (char c : name) {
    if (c == '\0') break;
    if (c == '/') {
      if (slash) return true;
      slash = true;
    } else if (c == '.') {
      continue;
    } else {
      slash = false;
    }
  }
  return slash;
}

std::optional<ObjectId> NameReader::short_name(std::string_view name, NameHint as, bool silent) const {
  if (name.size() < static_cast<std::size_t>(kMinimumAbbrev) || name.size() >= hex_size(repo.algo()) || !is_hex(name))
    return std::nullopt;
  ObjectId oid;
  if (find_short_name(repo, name, as, silent, oid) == ShortName::found) return oid;
  return std::nullopt;
}

std::optional<ObjectId> NameReader::at_reflog(std::string_view name, const std::string& ref, const ObjectId& now,
                                              std::string_view spec) const {
  long nth = -1;
  Timestamp at_time = 0;
  bool digits = !spec.empty();
  for (char c : spec) digits = digits && is_digit(c);
  if (digits && spec.size() <= 8) {
    nth = static_cast<long>(*parse_uint(spec));
  } else {
    bool failed = false;
    at_time = approxidate(spec, &failed);
    if (failed) return std::nullopt;
  }
  // Newest first. `newer_old` is the old value of the entry seen before.
  std::optional<ObjectId> answer;
  std::optional<ReflogEntry> last, newer;
  long count = 0;
  bool has_log = repo.refs().for_each_reflog_entry(ref, true, [&](const ReflogEntry& entry) {
    bool hit = nth >= 0 ? count == nth : entry.time <= at_time;
    if (hit) {
      answer = entry.new_oid;
      DateFormat format{DateMode::rfc2822, false, {}};
      if (nth < 0 && newer && !newer->old_oid.is_null() && newer->old_oid != entry.new_oid)
        warning("log for ref %s has gap after %s", ref, show_date(entry.time, entry.tz, format));
      if (nth < 0 && !newer && entry.time != at_time && entry.new_oid != now) {
        warning("log for ref %s unexpectedly ended on %s", ref, show_date(entry.time, entry.tz, format));
        answer = now;
      }
      last = entry;
      return false;
    }
    count++;
    newer = entry;
    last = entry;
    return true;
  });
  if (answer) return answer;
  if (!has_log || !last) {
    if (nth == 0) return now;
    if (nth < 0 && !has_log) {
      if (quiet) exit_with(128);
      die("log for %s is empty", ref);
    }
    if (nth < 0) {
      if (quiet) exit_with(128);
      die("log for %s is empty", ref);
    }
    if (quiet) exit_with(128);
    die("log for '%s' only has %d entries", name, count);
  }
  if (nth >= 0) {
    if (nth == count && !last->old_oid.is_null()) return last->old_oid;
    if (quiet) exit_with(128);
    die("log for '%s' only has %d entries", name, count);
  }
  if (!quiet) {
    DateFormat format{DateMode::rfc2822, false, {}};
    warning("log for '%s' only goes back to %s", name, show_date(last->time, last->tz, format));
  }
  return last->old_oid.is_null() ? last->new_oid : last->old_oid;
}

std::optional<ObjectId> NameReader::basic(std::string_view name) const {
  const bool warn = warns_about_ambiguous_refs(repo);
  if (name.size() == hex_size(repo.algo()) && is_hex(name)) {
    std::optional<ObjectId> oid = ObjectId::from_hex(lowercase(name), repo.algo());
    if (warn && !quiet && repo.config().get_bool("core.warnambiguousrefs").value_or(true)) {
      bool clash = false;
      for (const std::string& candidate : expand_ref_candidates(name)) clash = clash || repo.refs().exists(candidate);
      if (clash) {
        warning("refname '%s' is ambiguous.", name);
        if (repo.config().get_bool("advice.objectnamewarning").value_or(true))
          err("Git normally never creates a ref that ends with 40 hex characters\n"
              "because it will be ignored when you just specify 40-hex. These refs\n"
              "may be created by mistake. For example,\n\n"
              "  git switch -c $br $(git rev-parse ...)\n\n"
              "where \"$br\" is somehow empty and a 40-hex ref is created. Please\n"
              "examine these refs and maybe delete them. Turn this message off by\n"
              "running \"git config set advice.objectNameWarning false\"\n");
      }
    }
    return oid;
  }
  std::string_view base = name, spec;
  bool has_spec = false, is_prior = false;
  if (name.size() >= 4 && name.back() == '}') {
    for (std::size_t at = name.size() - 3; at-- > 0;) {
      if (name[at] != '@' || name[at + 1] != '{') continue;
      if (at == 0 && name[2] == '-') {
        is_prior = true;
      } else if (!upstream_mark(name.substr(at)) && !push_mark(name.substr(at))) {
        spec = name.substr(at + 2, name.size() - at - 3);
        has_spec = true;
        base = name.substr(0, at);
      }
      break;
    }
  }
  if (!base.empty() && is_ambiguous_path(base)) return std::nullopt;
  std::string prior;
  if (is_prior || starts_with(base, "@{-")) {
    if (interpret_branch_prefix(repo, base, prior, kInterpretLocal) == static_cast<int>(base.size())) {
      if (prior.size() == hex_size(repo.algo()) && is_hex(prior) && !has_spec) return ObjectId::from_hex(prior, repo.algo());
    } else if (is_prior) {
      return std::nullopt;
    }
  }
  ObjectId oid;
  std::string ref;
  int found = 0;
  if (base.empty() && has_spec) {
    found = dwim_ref(repo, "HEAD", &oid, &ref);
    if (!found) {
      if (auto head = repo.refs().resolve("HEAD"); head && repo.refs().has_reflog(head->name)) {
        ref = head->name;
        found = 1;
      }
    }
  } else if (has_spec) {
    found = dwim_log(repo, base, &oid, &ref);
  } else {
    found = dwim_ref(repo, base, &oid, &ref);
  }
  if (!found) return std::nullopt;
  if (warn && !quiet && (found > 1 || short_name(base, NameHint::none, true))) warning("refname '%s' is ambiguous.", base);
  if (!has_spec) return oid;
  return at_reflog(base, ref, oid, spec);
}

Commit* NameReader::commit(std::string_view name) const {
  std::optional<ObjectId> oid = read(name, NameHint::committish);
  return oid ? repo.commits().peel_to_commit(*oid) : nullptr;
}
std::optional<ObjectId> NameReader::parent(std::string_view name, long n) const {
  Commit* c = commit(name);
  if (!c) return std::nullopt;
  if (n == 0) return c->oid;
  if (static_cast<std::size_t>(n) > c->parents.size()) return std::nullopt;
  return c->parents[static_cast<std::size_t>(n - 1)]->oid;
}
std::optional<ObjectId> NameReader::ancestor(std::string_view name, long n) const {
  Commit* c = commit(name);
  while (c && n-- > 0) {
    if (!repo.commits().parse_quietly(c) || c->parents.empty()) return std::nullopt;
    c = c->parents[0];
  }
  if (!c) return std::nullopt;
  return c->oid;
}

std::optional<ObjectId> NameReader::peel_onion(std::string_view name) const {
  if (name.size() < 4 || name.back() != '}') return std::nullopt;
  std::size_t at = name.rfind("^{");
  // The brace must be the one that closes the end.
  while (at != std::string_view::npos && name.find('}', at) != name.size() - 1 && name[at + 2] != '/')
    at = at ? name.rfind("^{", at - 1) : std::string_view::npos;
  if (std::size_t text = name.find("^{/"); text != std::string_view::npos && (at == std::string_view::npos || text < at)) {
    std::size_t close = name.find('}', text);
    if (close == name.size() - 1) at = text;
  }
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view base = name.substr(0, at), kind = name.substr(at + 2, name.size() - at - 3);
  ObjectType type = ObjectType::none;
  NameHint as = hint;
  bool any = false, search = false;
  if (kind == "commit") {
    type = ObjectType::commit;
    as = NameHint::committish;
  } else if (kind == "tag") {
    type = ObjectType::tag;
  } else if (kind == "tree") {
    type = ObjectType::tree;
    as = NameHint::treeish;
  } else if (kind == "blob") {
    type = ObjectType::blob;
  } else if (kind == "object") {
    any = true;
  } else if (kind.empty()) {
    type = ObjectType::none;
    as = NameHint::committish;
  } else if (kind[0] == '/') {
    type = ObjectType::commit;
    search = true;
    as = NameHint::committish;
  } else {
    return std::nullopt;
  }
  std::optional<ObjectId> outer = read(base, as);
  if (!outer) return std::nullopt;
  if (any) return repo.odb().has(*outer) ? outer : std::nullopt;
  if (kind.empty()) {
    ObjectId oid = *outer;
    for (;;) {
      ObjectType t = repo.odb().type_of(oid);
      if (t == ObjectType::bad) return std::nullopt;
      if (t != ObjectType::tag) return oid;
      Result<ObjectData> tag = repo.odb().read(oid);
      if (!tag) return std::nullopt;
      Result<TagHeader> header = parse_tag(tag->data, repo.algo());
      if (!header) return std::nullopt;
      oid = header->object;
    }
  }
  ObjectId oid = *outer;
  ObjectType last = ObjectType::none;
  for (;;) {
    last = repo.odb().type_of(oid);
    if (last == type || last == ObjectType::bad) break;
    if (last == ObjectType::tag) {
      Result<ObjectData> tag = repo.odb().read(oid);
      if (!tag) return std::nullopt;
      Result<TagHeader> header = parse_tag(tag->data, repo.algo());
      if (!header) return std::nullopt;
      oid = header->object;
    } else if (last == ObjectType::commit && type == ObjectType::tree) {
      Commit* c = repo.commits().peel_to_commit(oid);
      if (!c) return std::nullopt;
      oid = repo.commits().tree(c);
    } else {
      error("%s: expected %s type, but the object dereferences to %s type", base, type_name(type), type_name(last));
      return std::nullopt;
    }
  }
  if (last == ObjectType::bad) return std::nullopt;
  if (!search) return oid;
  std::string_view pattern = kind.substr(1);
  if (pattern.empty()) return oid;
  Commit* c = repo.commits().peel_to_commit(oid);
  return c ? find_commit_by_message(repo.commits(), pattern, {c}) : std::nullopt;
}

std::optional<ObjectId> describe_name(const NameReader& reader, std::string_view name) {
  std::size_t g = name.rfind("-g");
  if (g == std::string_view::npos || g == 0 || !is_hex(name.substr(g + 2))) return std::nullopt;
  return reader.short_name(name.substr(g + 2), NameHint::commit, reader.quiet);
}

std::optional<ObjectId> NameReader::read(std::string_view name, NameHint as) const {
  // "x~3", "x^2", "x^"
  std::size_t end = name.size();
  while (end > 0 && is_digit(name[end - 1])) end--;
  if (end > 0 && (name[end - 1] == '^' || name[end - 1] == '~')) {
    std::string_view digits = name.substr(end), base = name.substr(0, end - 1);
    std::optional<std::uint64_t> n = digits.empty() ? 1 : parse_uint(digits);
    if (!n || *n > 0x7fffffff) return std::nullopt;
    long count = static_cast<long>(*n);
    return name[end - 1] == '^' ? parent(base, count) : ancestor(base, count);
  }
  if (auto oid = peel_onion(name)) return oid;
  if (auto oid = basic(name)) return oid;
  if (auto oid = describe_name(*this, name)) return oid;
  return short_name(name, as, quiet);
}

// "./x" and "../x" are seen from the directory the command was started in.
std::string resolve_relative(Repository& repo, std::string_view path, std::string_view prefix) {
  if (!starts_with(path, "./") && !starts_with(path, "../") && path != "." && path != "..") return std::string(path);
  if (!repo.worktree()) die("relative path syntax can't be used outside working tree");
  std::string joined = std::string(prefix) + std::string(path);
  std::optional<std::string> plain = normalize_path(joined);
  if (!plain) die("'%s' is outside repository at '%s'", path, *repo.worktree());
  if (*plain == ".") plain->clear();
  return *plain;
}

// Where the ':' of "rev:path" is, outside braces.
std::size_t find_colon(std::string_view name) {
  int depth = 0;
  for (std::size_t i = 0; i < name.size(); i++) {
    char c = name[i];
    if (i + 2 < name.size() && (c == '@' || c == '^') && name[i + 1] == '{') {
      depth++;
      i++;
    } else if (depth && c == '}') {
      depth--;
    } else if (!depth && c == ':') {
      return i;
    }
  }
  return std::string_view::npos;
}

std::optional<ObjectId> from_index(Repository& repo, std::string_view path, int stage, ObjectContext* context) {
  std::optional<ObjectId> found;
  peek_index(repo, [&](const PeekedEntry& entry) {
    if (entry.path == path && entry.stage == stage) {
      found = entry.oid;
      if (context) context->mode = entry.mode;
      return false;
    }
    return true;
  });
  return found;
}

// ":2:path" -> 2, "path"; ":path" -> 0, "path".
std::pair<int, std::string_view> split_index_name(std::string_view name) {
  if (name.size() >= 3 && name[2] == ':' && name[1] >= '0' && name[1] <= '3') return {name[1] - '0', name.substr(3)};
  return {0, name.substr(1)};
}

}  // namespace

std::optional<ObjectId> get_oid_with_context(Repository& repo, std::string_view name, NameHint hint, ObjectContext* context,
                                             bool quiet, bool follow_symlinks, std::string_view prefix) {
  NameReader reader{repo, hint, quiet};
  if (prefix.empty()) prefix = repo.startup_prefix;
  if (context) *context = {};
  if (name.empty()) return std::nullopt;
  if (name[0] != ':' || name.size() < 2) {
    if (auto oid = reader.read(name, hint)) return oid;
  }
  if (name[0] == ':') {
    if (name.size() > 2 && name[1] == '/') return find_commit_by_message(repo.commits(), name.substr(2), all_ref_commits(repo));
    auto [stage, written] = split_index_name(name);
    std::string path = resolve_relative(repo, written, prefix);
    if (context) context->path = path;
    return from_index(repo, path, stage, context);
  }
  std::size_t colon = find_colon(name);
  if (colon == std::string_view::npos) return std::nullopt;
  NameReader tree_reader{repo, NameHint::treeish, quiet};
  std::optional<ObjectId> tree = tree_reader.read(name.substr(0, colon), NameHint::treeish);
  if (!tree) return std::nullopt;
  std::string path = resolve_relative(repo, name.substr(colon + 1), prefix);
  if (context) context->path = path;
  if (follow_symlinks) {
    SymlinkLookup found = find_tree_entry_following_symlinks(repo.odb(), *tree, path);
    if (context) {
      context->mode = found.mode;
      context->symlink_path = found.result_path;
      context->symlink_result = static_cast<int>(found.kind);
    }
    if (found.kind == SymlinkLookup::Kind::found) return found.oid;
    return std::nullopt;
  }
  std::optional<TreeLookup> entry = find_tree_entry(repo.odb(), *tree, path);
  if (!entry) return std::nullopt;
  if (context) context->mode = entry->mode;
  return entry->oid;
}

std::optional<ObjectId> get_oid(Repository& repo, std::string_view name, NameHint hint, bool quiet) {
  return get_oid_with_context(repo, name, hint, nullptr, quiet);
}
ObjectId get_oid_or_die(Repository& repo, std::string_view name, NameHint hint) {
  if (auto oid = get_oid(repo, name, hint)) return *oid;
  die("Not a valid object name %s", name);
}

Commit* lookup_commit_by_name(Repository& repo, std::string_view name) {
  std::optional<ObjectId> oid = get_oid(repo, name, NameHint::committish);
  return oid ? repo.commits().peel_to_commit(*oid) : nullptr;
}

namespace {

[[noreturn]] void die_missing_in_tree(Repository& repo, std::string_view rev, const std::string& path, std::string_view written,
                                      std::string_view prefix, const ObjectId& tree) {
  (void)written;
  if (path_exists(path_join(repo.worktree().value_or("."), path))) die("path '%s' exists on disk, but not in '%s'", path, rev);
  std::string full = std::string(prefix) + path;
  if (!prefix.empty() && find_tree_entry(repo.odb(), tree, full)) {
    die("path '%s' exists, but not '%s'\nhint: Did you mean '%s:%s' aka '%s:./%s'?", full, path, rev, full, rev, path);
  }
  die("path '%s' does not exist in '%s'", path, rev);
}

[[noreturn]] void die_missing_in_index(Repository& repo, int stage, const std::string& path, std::string_view prefix) {
  int other = -1, full_stage = -1;
  std::string full = std::string(prefix) + path;
  peek_index(repo, [&](const PeekedEntry& entry) {
    if (entry.path == path && other < 0) other = entry.stage;
    if (!prefix.empty() && entry.path == full && full_stage < 0) full_stage = entry.stage;
    return true;
  });
  if (other >= 0) die("path '%s' is in the index, but not at stage %d\nhint: Did you mean ':%d:%s'?", path, stage, other, path);
  if (full_stage >= 0)
    die("path '%s' is in the index, but not '%s'\nhint: Did you mean ':%d:%s' aka ':%d:./%s'?", full, path, full_stage, full,
        full_stage, path);
  if (path_exists(path)) die("path '%s' exists on disk, but not in the index", path);
  die("path '%s' does not exist (neither on disk nor in the index)", path);
}

}  // namespace

void diagnose_wrong_path(Repository& repo, std::string_view name, std::string_view prefix) {
  if (starts_with(name, ":") && !starts_with(name, ":/")) {
    auto [stage, written] = split_index_name(name);
    die_missing_in_index(repo, stage, resolve_relative(repo, written, prefix), prefix);
  }
  std::size_t colon = find_colon(name);
  if (colon != std::string_view::npos && colon > 0) {
    std::string_view rev = name.substr(0, colon);
    NameReader reader{repo, NameHint::treeish, true};
    std::optional<ObjectId> tree = reader.read(rev, NameHint::treeish);
    if (!tree) die("invalid object name '%s'.", rev);
    std::string path = resolve_relative(repo, name.substr(colon + 1), prefix);
    die_missing_in_tree(repo, rev, path, name.substr(colon + 1), prefix, *tree);
  }
}
void die_wrong_path(Repository& repo, std::string_view name, std::string_view prefix) {
  diagnose_wrong_path(repo, name, prefix);
  die("bad revision '%s'", name);
}

std::optional<ObjectId> peel_to_type(Repository& repo, const ObjectId& start, ObjectType type, bool quiet) {
  ObjectId oid = start;
  for (;;) {
    ObjectType actual = repo.odb().type_of(oid);
    if (actual == ObjectType::bad) return std::nullopt;
    if (actual == type || type == ObjectType::none) {
      if (actual != ObjectType::tag || type == ObjectType::tag) return oid;
    }
    if (actual == ObjectType::tag) {
      Result<ObjectData> tag = repo.odb().read(oid);
      if (!tag) return std::nullopt;
      Result<TagHeader> header = parse_tag(tag->data, repo.algo());
      if (!header) return std::nullopt;
      oid = header->object;
    } else if (actual == ObjectType::commit && type == ObjectType::tree) {
      Commit* c = repo.commits().peel_to_commit(oid);
      if (!c) return std::nullopt;
      oid = repo.commits().tree(c);
    } else {
      if (!quiet)
        error("%s: expected %s type, but the object dereferences to %s type", start, type_name(type), type_name(actual));
      return std::nullopt;
    }
  }
}

}  // namespace git
