// Revision arguments (gitrevisions(7)) and the tips that options name (--all, --glob, --reflog ...).
#include <algorithm>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "config.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "setup.h"
#include "walk/commit-reach.h"
#include "walk/index-peek.h"
#include "walk/revisions-internal.h"

namespace git {

using Whence = CmdlineRevision::Whence;

bool RevWalk::add_reference(const ObjectId& oid, std::string_view name, std::string_view path, std::uint32_t mode,
                            std::uint32_t flags) {
  if (reflog_info) {
    add_pending(oid, std::string(name), flags);
    if (!(flags & kRevUninteresting)) return true;
  }
  Commit* known = pool_.find(oid);
  if (!(known && known->is_parsed) && !pool_.odb().has(oid)) {
    if (ignore_missing) return true;
    if (exclude_promisor_objects && pool_.odb().is_promisor_object(oid)) return false;
    if (do_not_die_on_missing_objects) {
      missing_commits.insert(oid);
      return true;
    }
    die("bad object %s", name);
  }
  PendingObject p;
  p.oid = oid;
  p.type = ObjectType::none;
  p.name = std::string(name);
  p.path = std::string(path);
  p.mode = mode;
  p.flags = flags;
  pending.push_back(std::move(p));
  return true;
}

bool RevWalk::add_dotdot(std::string_view arg, std::uint32_t flags, bool cannot_be_filename, bool* handled) {
  std::size_t dots = arg.find("..");
  if (dots == std::string_view::npos) return false;
  if (arg == ".." && !cannot_be_filename) {
    *handled = true;
    return false;
  }
  const bool symmetric = arg.size() > dots + 2 && arg[dots + 2] == '.';
  std::string a_name(arg.substr(0, dots)), b_name(arg.substr(dots + (symmetric ? 3 : 2)));
  if (a_name.empty()) a_name = "HEAD";
  if (b_name.empty()) b_name = "HEAD";
  ObjectContext a_context, b_context;
  std::optional<ObjectId> a = get_oid_with_context(repo_, a_name, NameHint::committish, &a_context, false);
  if (!a) return false;
  std::optional<ObjectId> b = get_oid_with_context(repo_, b_name, NameHint::committish, &b_context, false);
  if (!b) return false;
  *handled = true;
  if (!cannot_be_filename) verify_non_filename(prefix_, std::string(arg), &repo_);
  const std::uint32_t exclude = flags ^ (kRevUninteresting | kRevBottom);
  std::uint32_t a_flags = exclude;
  if (!pool_.odb().has(*a) || !pool_.odb().has(*b)) {
    if (ignore_missing) return true;
    die(symmetric ? "Invalid symmetric difference expression %s" : "Invalid revision range %s", arg);
  }
  if (symmetric) {
    Commit *one = pool_.peel_to_commit(*a), *two = pool_.peel_to_commit(*b);
    if (!one || !two) {
      if (ignore_missing) return true;
      die("Invalid symmetric difference expression %s", arg);
    }
    for (Commit* base : merge_bases(pool_, one, two)) {
      add_cmdline(Whence::merge_base, base->oid, base->oid.hex(), exclude);
      add_reference(base->oid, base->oid.hex(), {}, 0, exclude);
    }
    a_flags = flags | kRevSymmetricLeft;
  }
  add_cmdline(Whence::left, *a, a_name, a_flags);
  add_cmdline(Whence::right, *b, b_name, flags);
  add_reference(*a, a_name, a_context.path, a_context.mode, a_flags);
  add_reference(*b, b_name, b_context.path, b_context.mode, flags);
  return true;
}

bool RevWalk::add_parents_only(std::string_view arg, std::uint32_t flags, int exclude_parent) {
  if (skip_prefix(arg, "^")) flags ^= kRevUninteresting | kRevBottom;
  std::optional<ObjectId> oid = get_oid(repo_, arg, NameHint::committish);
  if (!oid) return false;
  Commit* c = pool_.peel_to_commit(*oid);
  if (!c) {
    return ignore_missing || (exclude_promisor_objects && pool_.odb().is_promisor_object(*oid));
  }
  if (exclude_parent && static_cast<std::size_t>(exclude_parent) > c->parents.size()) return false;
  int n = 0;
  for (Commit* p : c->parents) {
    n++;
    if (exclude_parent && n != exclude_parent) continue;
    add_cmdline(Whence::parents_only, p->oid, arg, flags);
    add_reference(p->oid, arg, {}, 0, flags);
  }
  return true;
}

bool RevWalk::add_argument(std::string_view arg, unsigned how) {
  std::uint32_t flags = not_flags_;
  const bool cannot_be_filename = how & kCannotBeFilename;
  bool handled = false;
  bool added = add_dotdot(arg, flags, cannot_be_filename, &handled);
  if (added || handled) {
    if (added) got_revision = true;
    return added;
  }
  const std::uint32_t exclude = flags ^ (kRevUninteresting | kRevBottom);
  std::string_view base = arg;
  if (std::size_t mark = arg.find("^@"); mark != std::string_view::npos && mark + 2 == arg.size()) {
    if (add_parents_only(arg.substr(0, mark), flags, 0)) {
      got_revision = true;
      return true;
    }
  } else if (mark = arg.find("^!"); mark != std::string_view::npos && mark + 2 == arg.size()) {
    if (add_parents_only(arg.substr(0, mark), exclude, 0)) base = arg.substr(0, mark);
  } else if (mark = arg.find("^-"); mark != std::string_view::npos) {
    std::string_view digits = arg.substr(mark + 2);
    std::optional<std::uint64_t> n = digits.empty() ? std::optional<std::uint64_t>(1) : parse_uint(digits);
    if (!n || *n < 1 || *n > 0x7fffffff) {
      if (!digits.empty()) return false;
    } else if (add_parents_only(arg.substr(0, mark), exclude, static_cast<int>(*n))) {
      base = arg.substr(0, mark);
    }
  }
  std::uint32_t local = 0;
  if (starts_with(base, "^")) {
    local = kRevUninteresting | kRevBottom;
    base.remove_prefix(1);
  }
  ObjectContext context;
  NameHint hint = how & kRequireCommittish ? NameHint::committish : NameHint::none;
  std::optional<ObjectId> oid = get_oid_with_context(repo_, base, hint, &context, false, false, prefix_);
  if (!oid) {
    if (ignore_missing) return true;
    return false;
  }
  if (!cannot_be_filename) verify_non_filename(prefix_, std::string(arg), &repo_);
  add_cmdline(Whence::rev, *oid, base, flags ^ local);
  if (!add_reference(*oid, base, context.path, context.mode, flags ^ local)) return false;
  got_revision = true;
  return true;
}

// ---- refs ----
bool RevWalk::is_excluded(std::string_view full, std::string_view shown) const {
  for (const std::string& pattern : exclusions_.patterns)
    if (wildmatch(pattern, shown)) return true;
  bool hidden = false;
  const std::string& space = repo_.ref_namespace();
  for (std::size_t i = exclusions_.hidden.size(); i-- > 0;) {
    std::string_view pattern = exclusions_.hidden[i], subject = full;
    bool negated = skip_prefix(pattern, "!");
    bool whole = skip_prefix(pattern, "^");
    if (!whole && !space.empty() && !skip_prefix(subject, space)) continue;
    if (starts_with(subject, pattern) && (subject.size() == pattern.size() || subject[pattern.size()] == '/')) {
      hidden = !negated;
      break;
    }
  }
  return hidden;
}
void RevWalk::clear_exclusions() { exclusions_ = {}; }

void RevWalk::handle_ref(const std::string& full, std::string_view shown, const ObjectId& oid, std::uint32_t flags) {
  if (is_excluded(full, shown)) return;
  add_cmdline(Whence::ref, oid, shown, flags);
  add_reference(oid, shown, {}, 0, flags);
}

void RevWalk::add_refs(std::string_view prefix, std::uint32_t flags) {
  repo_.refs().for_each(prefix, [&](const Ref& ref) {
    if (ref.is_broken) {
      if (!starts_with(ref.name, "refs/") || !ignore_missing) warning("ignoring broken ref %s", ref.name);
      return true;
    }
    if (ref.oid.is_null()) {
      if (!ref.symref_target.empty()) return true;
      return true;
    }
    std::string_view shown = ref.name;
    if (prefix != "refs/") shown.remove_prefix(prefix.size());
    handle_ref(ref.name, shown, ref.oid, flags);
    return true;
  });
}

void RevWalk::add_head() {
  if (auto head = repo_.refs().resolve("HEAD"); head && head->exists && !head->oid.is_null())
    handle_ref("HEAD", "HEAD", head->oid, not_flags_);
}

void RevWalk::add_all_refs(std::uint32_t flags) {
  add_refs("refs/", flags);
  if (auto head = repo_.refs().resolve("HEAD"); head && head->exists && !head->oid.is_null())
    handle_ref("HEAD", "HEAD", head->oid, flags);
  if (single_worktree) return;
  for (const std::string& id : list_dir(repo_.common_dir() + "/worktrees")) {
    std::string name = "worktrees/" + id + "/HEAD";
    if (path_join(repo_.common_dir(), "worktrees/" + id) == repo_.git_dir_abs()) continue;
    if (auto head = repo_.refs().resolve(name); head && head->exists && !head->oid.is_null())
      handle_ref(name, name, head->oid, flags);
  }
}

void RevWalk::add_ref_glob(std::string_view pattern, std::string_view prefix, std::uint32_t flags) {
  std::string full;
  if (prefix.empty() && !starts_with(pattern, "refs/")) full = "refs/";
  full += prefix;
  full += pattern;
  if (full.find_first_of("*?[") == std::string::npos) {
    if (full.back() != '/') full += '/';
    full += '*';
  }
  std::size_t special = full.find_first_of("*?[\\");
  std::string start = full.substr(0, full.rfind('/', special) + 1);
  repo_.refs().for_each(start, [&](const Ref& ref) {
    if (ref.is_broken || ref.oid.is_null() || !wildmatch(full, ref.name)) return true;
    std::string_view shown = ref.name;
    if (!prefix.empty()) shown.remove_prefix(prefix.size());
    handle_ref(ref.name, shown, ref.oid, flags);
    return true;
  });
}

void RevWalk::add_reflogs(std::uint32_t flags) {
  auto add = [&](const std::string& name) {
    repo_.refs().for_each_reflog_entry(name, false, [&](const ReflogEntry& e) {
      for (const ObjectId& oid : {e.old_oid, e.new_oid}) {
        if (oid.is_null() || is_excluded(name, name)) continue;
        if (pool_.odb().has(oid)) {
          add_cmdline(Whence::ref, oid, name, flags);
          add_reference(oid, {}, {}, 0, flags);
        } else if (!ignore_missing) {
          warning("reflog of '%s' references pruned commits", name);
        }
      }
      return true;
    });
    return true;
  };
  repo_.refs().for_each_reflog(add);
}

void RevWalk::add_index_objects(std::uint32_t flags) {
  auto add_from = [&](const std::string& index_file) {
    peek_index_file(index_file, repo_.algo(), [&](const PeekedEntry& entry) {
      if (is_gitlink_mode(entry.mode) || !pool_.odb().has(entry.oid, kLookupQuick)) return true;
      PendingObject p;
      p.oid = entry.oid;
      p.type = ObjectType::none;
      p.path = entry.path;
      p.mode = entry.mode;
      p.flags = flags;
      pending.push_back(std::move(p));
      return true;
    });
  };
  add_from(repo_.index_file());
  peek_cache_tree(repo_, [&](const std::string& path, const ObjectId& oid) {
    if (!pool_.odb().has(oid, kLookupQuick)) return;
    PendingObject p;
    p.oid = oid;
    p.type = ObjectType::none;
    p.path = path.empty() ? path : path.substr(0, path.size() - 1);
    p.mode = kModeTree;
    p.flags = flags;
    pending.push_back(std::move(p));
  });
  if (single_worktree) return;
  for (const std::string& id : list_dir(repo_.common_dir() + "/worktrees")) {
    std::string dir = path_join(repo_.common_dir(), "worktrees/" + id);
    if (dir != repo_.git_dir_abs()) add_from(dir + "/index");
  }
  if (repo_.git_dir_abs() != repo_.common_dir()) add_from(repo_.common_dir() + "/index");
}

void RevWalk::add_alternate_refs(std::uint32_t flags) {
  for (const ObjectDatabase::Source& source : pool_.odb().sources()) {
    if (source.is_local || !ends_with(source.path, "/objects")) continue;
    Result<std::unique_ptr<Repository>> other = Repository::open(source.path.substr(0, source.path.size() - 8));
    if (!other) continue;
    (*other)->refs().for_each("refs/", [&](const Ref& ref) {
      if (!ref.oid.is_null() && !ref.is_broken && pool_.odb().has(ref.oid)) {
        add_cmdline(Whence::rev, ref.oid, ".alternate", flags);
        add_reference(ref.oid, ".alternate", {}, 0, flags);
      }
      return true;
    });
  }
}

int RevWalk::parse_pseudo_option(const std::vector<std::string>& args, std::size_t at) {
  std::string_view arg = args[at], value;
  auto valued = [&](std::string_view name, int* used) {
    if (arg == name) {
      if (at + 1 >= args.size()) die("Option '%s' requires a value", name.substr(2));
      value = args[at + 1];
      *used = 2;
      return true;
    }
    if (starts_with(arg, name) && arg.size() > name.size() && arg[name.size()] == '=') {
      value = arg.substr(name.size() + 1);
      *used = 1;
      return true;
    }
    return false;
  };
  auto hidden_clash = [&](std::string_view option) {
    if (exclusions_.hidden_configured) {
      error("options '--exclude-hidden' and '%s' cannot be used together", option);
      exit_with(129);
    }
  };
  int used = 0;
  if (arg == "--all") {
    add_all_refs(not_flags_);
    clear_exclusions();
  } else if (arg == "--branches") {
    hidden_clash(arg);
    add_refs("refs/heads/", not_flags_);
    clear_exclusions();
  } else if (arg == "--bisect") {
    std::string bad, good;
    bad = "bad";
    good = "good";
    if (auto terms = read_file_if_exists(repo_.git_path("BISECT_TERMS"))) {
      std::vector<std::string_view> lines = split_lines(*terms);
      if (lines.size() >= 2) {
        bad = std::string(lines[0]);
        good = std::string(lines[1]);
      }
    }
    auto add = [&](const std::string& prefix, std::uint32_t flags) {
      repo_.refs().for_each(prefix, [&](const Ref& ref) {
        if (!ref.oid.is_null()) handle_ref(ref.name, std::string_view(ref.name).substr(prefix.size()), ref.oid, flags);
        return true;
      });
    };
    add("refs/bisect/" + bad, not_flags_);
    add("refs/bisect/" + good, not_flags_ ^ (kRevUninteresting | kRevBottom));
    bisect = true;
  } else if (arg == "--tags") {
    hidden_clash(arg);
    add_refs("refs/tags/", not_flags_);
    clear_exclusions();
  } else if (arg == "--remotes") {
    hidden_clash(arg);
    add_refs("refs/remotes/", not_flags_);
    clear_exclusions();
  } else if (valued("--glob", &used)) {
    add_ref_glob(value, {}, not_flags_);
    clear_exclusions();
    return used;
  } else if (valued("--exclude", &used)) {
    exclusions_.patterns.push_back(std::string(value));
    return used;
  } else if (valued("--exclude-hidden", &used)) {
    if (value != "fetch" && value != "receive" && value != "uploadpack") die("unsupported section for hidden refs: %s", value);
    if (exclusions_.hidden_configured) die("--exclude-hidden= passed more than once");
    exclusions_.hidden_configured = true;
    for (const ConfigEntry& entry : repo_.config().entries())
      if (entry.value && (entry.key == "transfer.hiderefs" || entry.key == strf("%s.hiderefs", value))) {
        std::string pattern = *entry.value;
        while (!pattern.empty() && pattern.back() == '/') pattern.pop_back();
        exclusions_.hidden.push_back(pattern);
      }
  } else if (skip_prefix(arg, "--branches=", &value)) {
    hidden_clash("--branches");
    add_ref_glob(value, "refs/heads/", not_flags_);
    clear_exclusions();
  } else if (skip_prefix(arg, "--tags=", &value)) {
    hidden_clash("--tags");
    add_ref_glob(value, "refs/tags/", not_flags_);
    clear_exclusions();
  } else if (skip_prefix(arg, "--remotes=", &value)) {
    hidden_clash("--remotes");
    add_ref_glob(value, "refs/remotes/", not_flags_);
    clear_exclusions();
  } else if (arg == "--reflog") {
    add_reflogs(not_flags_);
  } else if (arg == "--indexed-objects") {
    add_index_objects(not_flags_);
  } else if (arg == "--alternate-refs") {
    add_alternate_refs(not_flags_);
  } else if (arg == "--not") {
    not_flags_ ^= kRevUninteresting | kRevBottom;
    return 1;
  } else if (arg == "--no-walk") {
    no_walk = true;
    unsorted_input = false;
    return 1;
  } else if (skip_prefix(arg, "--no-walk=", &value)) {
    no_walk = true;
    if (value == "sorted")
      unsorted_input = false;
    else if (value == "unsorted")
      unsorted_input = true;
    else {
      error("invalid argument to --no-walk");
      exit_with(129);
    }
    return 1;
  } else if (arg == "--do-walk") {
    no_walk = false;
    return 1;
  } else if (arg == "--single-worktree") {
    single_worktree = true;
    return 1;
  } else {
    return 0;
  }
  if (arg != "--exclude-hidden" && !starts_with(arg, "--exclude-hidden")) got_revision = true;
  return 1;
}

void RevWalk::read_stdin_arguments() {
  LineReader lines(0);
  std::string line;
  bool dashdash = false;
  std::uint32_t saved = not_flags_;
  not_flags_ = 0;
  std::vector<std::string> paths;
  while (lines.next(line)) {
    if (line.empty()) break;
    if (dashdash) {
      paths.push_back(line);
      continue;
    }
    if (line == "--") {
      dashdash = true;
      continue;
    }
    if (line[0] == '-') {
      std::vector<std::string> one{line};
      if (line.find(' ') != std::string::npos && !starts_with(line, "--")) die("invalid option '%s' in --stdin mode", line);
      if (parse_pseudo_option(one, 0)) continue;
      if (line == "--end-of-options") continue;
      die("invalid option '%s' in --stdin mode", line);
    }
    if (!add_argument(line, kCannotBeFilename)) die("bad revision '%s'", line);
  }
  if (dashdash)
    while (lines.next(line)) paths.push_back(line);
  pathspec.insert(pathspec.end(), paths.begin(), paths.end());
  not_flags_ = saved;
}

}  // namespace git
