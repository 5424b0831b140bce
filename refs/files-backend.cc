// Reading the files store.  Iteration lists the loose names first and takes the packed snapshot afterwards, so that a
// pack-refs running at the same time moves refs from one to the other in front of us, never behind our back; then both
// sorted lists are merged.
#include "refs/files-backend.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_set>

#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "base/trace2.h"

namespace git {

FilesRefStore::FilesRefStore(RefStoreOptions options)
    : RefStore(std::move(options)), packed_(path_join(options_.common_dir, "packed-refs"), options_.algo) {}

std::string FilesRefStore::path_of(std::string_view name) const {
  WorktreeRefName where = parse_worktree_ref(name);
  switch (where.kind) {
    case WorktreeRefName::Kind::current:
      return path_join(options_.git_dir, name);
    case WorktreeRefName::Kind::other:
      return path_join(options_.common_dir, "worktrees/" + where.worktree_id + "/" + std::string(where.bare_name));
    case WorktreeRefName::Kind::main:
    case WorktreeRefName::Kind::shared:
      break;
  }
  return path_join(options_.common_dir, where.bare_name);
}

std::string FilesRefStore::log_path_of(std::string_view name) const {
  WorktreeRefName where = parse_worktree_ref(name);
  std::string log = "logs/" + std::string(where.bare_name);
  switch (where.kind) {
    case WorktreeRefName::Kind::current:
      return path_join(options_.git_dir, log);
    case WorktreeRefName::Kind::other:
      return path_join(options_.common_dir, "worktrees/" + where.worktree_id + "/" + log);
    case WorktreeRefName::Kind::main:
    case WorktreeRefName::Kind::shared:
      break;
  }
  return path_join(options_.common_dir, log);
}

FilesRefStore::Loose parse_loose_ref(std::string_view text, HashAlgo algo) {
  using Kind = FilesRefStore::Loose::Kind;
  FilesRefStore::Loose loose;
  if (skip_prefix(text, "ref:")) {
    loose.kind = Kind::symbolic;
    loose.target = rtrim(ltrim(text));
    return loose;
  }
  auto oid = ObjectId::parse_prefix(text, algo);
  bool good = oid && (text.empty() || is_space(text[0]));
  loose.kind = good ? Kind::direct : Kind::broken;
  if (good) loose.oid = *oid;
  return loose;
}

FilesRefStore::Loose FilesRefStore::read_loose(std::string_view name) const {
  using Kind = Loose::Kind;
  std::string path = path_of(name);
  Loose loose;
  UniqueFd fd = open_fd(path, O_RDONLY | O_NOFOLLOW);
  if (!fd && (errno == ELOOP || errno == EMLINK)) {
    // An old-fashioned symbolic link, or a link to a file that holds the ref.
    std::optional<std::string> link = read_link(path);
    if (link && starts_with(*link, "refs/") && check_refname_format(*link)) {
      loose.kind = Kind::symbolic;
      loose.target = *link;
      return loose;
    }
    fd = open_fd(path, O_RDONLY);
  }
  if (!fd) {
    if (errno != ENOENT && errno != ENOTDIR) loose.kind = Kind::broken;
    return loose;
  }
  char buffer[512];
  std::string text;
  for (;;) {
    ssize_t n = xread(fd.get(), buffer, sizeof buffer);
    if (n < 0) {
      loose.kind = errno == EISDIR ? Kind::directory : Kind::broken;
      return loose;
    }
    if (n == 0) break;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > 65536) break;
  }
  return parse_loose_ref(text, options_.algo);
}

Ref FilesRefStore::make_ref(std::string_view name, const Loose& loose) {
  Ref ref;
  ref.name = name;
  ref.oid = loose.kind == Loose::Kind::direct ? loose.oid : ObjectId::null(options_.algo);
  ref.symref_target = loose.target;
  ref.is_broken = loose.kind == Loose::Kind::broken || (loose.kind == Loose::Kind::direct && loose.oid.is_null());
  return ref;
}

Ref FilesRefStore::make_ref(const PackedEntry& entry) {
  Ref ref;
  ref.name = entry.name;
  ref.oid = entry.oid;
  ref.peeled = entry.peeled;
  ref.peel_known = entry.peel_known;
  ref.is_packed = true;
  ref.is_broken = entry.oid.is_null();
  return ref;
}

std::optional<Ref> FilesRefStore::read(std::string_view name) {
  if (!check_refname_format(name, kRefnameAllowOneLevel) && !refname_is_safe(name)) return std::nullopt;
  WorktreeRefName where = parse_worktree_ref(name);
  bool may_be_packed = starts_with(where.bare_name, "refs/");
  for (int attempt = 0; attempt < 3; ++attempt) {
    Loose loose = read_loose(name);
    if (loose.kind != Loose::Kind::missing && loose.kind != Loose::Kind::directory) {
      Ref ref = make_ref(name, loose);
      return ref;
    }
    if (!may_be_packed) return std::nullopt;
    if (auto entry = packed_.snapshot()->find(where.bare_name)) {
      Ref ref = make_ref(*entry);
      ref.name = name;
      return ref;
    }
    if (loose.kind == Loose::Kind::missing) break;
  }
  return std::nullopt;
}

// ---- iteration ----
namespace {

constexpr std::string_view kPerWorktreeDirs[] = {"refs/bisect/", "refs/rewritten/", "refs/worktree/"};

bool starts_with_any(std::string_view name, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& p) { return starts_with(name, p); });
}

// The first name behind everything that starts with `prefix`; "" where there is none.
std::string behind_prefix(std::string prefix) {
  while (!prefix.empty()) {
    auto last = static_cast<unsigned char>(prefix.back());
    if (last < 0xff) {
      prefix.back() = static_cast<char>(last + 1);
      return prefix;
    }
    prefix.pop_back();
  }
  return prefix;
}

struct DirEntry {
  std::string name;  // full; directories end in '/'
};

bool is_dir_entry(const dirent* entry, const std::string& path) {
  if (entry->d_type == DT_DIR) return true;
  if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK) return false;
  return is_directory(path);
}

}  // namespace

// Lists the names of loose refs below a prefix, in order.
struct FilesRefStore::LooseWalk {
  const FilesRefStore& store;
  std::string_view prefix, start;
  const std::vector<std::string>& exclude;
  std::vector<std::string> names;

  bool wants(std::string_view name, bool is_dir) const {
    if (is_dir) {
      if (!starts_with(name, prefix) && !starts_with(prefix, name)) return false;
      if (!start.empty() && name < start && !starts_with(start, name)) return false;
    } else if (!starts_with(name, prefix) || name < start) {
      return false;
    }
    return !starts_with_any(name, exclude);
  }

  void add_directory_entries(const std::string& dir, std::vector<std::string>& entries) const {
    std::string path = store.path_of(dir);
    DIR* handle = opendir(path.c_str());
    if (!handle) return;
    while (const dirent* entry = readdir(handle)) {
      std::string_view base = entry->d_name;
      if (base[0] == '.' || ends_with(base, ".lock")) continue;
      std::string name = dir + std::string(base);
      bool is_dir = is_dir_entry(entry, path_join(path, base));
      if (is_dir) name += '/';
      if (dir == "refs/" &&
          std::find(std::begin(kPerWorktreeDirs), std::end(kPerWorktreeDirs), name) != std::end(kPerWorktreeDirs))
        continue;
      if (wants(name, is_dir)) entries.push_back(std::move(name));
    }
    closedir(handle);
    if (dir == "refs/")
      for (std::string_view own : kPerWorktreeDirs)
        if (wants(own, true)) entries.emplace_back(own);
  }

  void walk(const std::string& dir) {
    std::vector<std::string> entries;
    add_directory_entries(dir, entries);
    std::sort(entries.begin(), entries.end());
    for (std::string& name : entries) {
      if (name.back() == '/')
        walk(name);
      else
        names.push_back(std::move(name));
    }
  }
};

void FilesRefStore::for_each_raw(std::string_view prefix, const std::function<bool(const Ref&)>& fn,
                                 const std::vector<std::string>& exclude, std::string_view start) {
  std::string_view below = prefix.empty() ? std::string_view("refs/") : prefix;
  if (!starts_with(below, "refs/") && !starts_with(std::string_view("refs/"), below)) return;
  LooseWalk walk{*this, prefix, start, exclude, {}};
  std::size_t slash = below.rfind('/');
  walk.walk(slash == std::string_view::npos || slash < 4 ? "refs/" : std::string(below.substr(0, slash + 1)));

  std::shared_ptr<const PackedSnapshot> snapshot = packed_.snapshot();
  PackedSnapshot::Cursor cursor = snapshot->begin_at(std::max(prefix, start));
  PackedEntry entry;
  bool has_packed = false;
  auto find_next = [&](bool& jumped) {
    while ((has_packed = cursor.next(entry))) {
      if (!starts_with(entry.name, prefix)) {
        has_packed = false;
        return;
      }
      auto excluded =
          std::find_if(exclude.begin(), exclude.end(), [&](const std::string& p) { return starts_with(entry.name, p); });
      if (excluded == exclude.end()) {
        if (!is_per_worktree_ref(entry.name)) return;
        continue;
      }
      std::string next = behind_prefix(*excluded);
      if (next.empty()) {
        has_packed = false;
        return;
      }
      cursor.seek(next);
      jumped = true;
    }
  };
  auto advance = [&] {
    bool jumped = false;
    find_next(jumped);
    if (jumped) trace2::count("packed-refs", "jumps_made");
  };
  auto emit = [&](Ref ref) {
    if (!check_refname_format(ref.name)) {
      if (!refname_is_safe(ref.name)) die("%s refname is dangerous: %s", ref.is_packed ? "packed" : "loose", ref.name);
      ref.is_bad_name = ref.is_broken = true;
      ref.oid = ObjectId::null(options_.algo);
    } else if (!ref.symref_target.empty()) {
      std::optional<ResolvedRef> resolved = resolve(ref.name);
      if (!resolved || !resolved->exists)
        ref.is_broken = true;
      else
        ref.oid = resolved->oid;
    }
    return fn(ref);
  };
  advance();
  for (const std::string& name : walk.names) {
    for (; has_packed && entry.name < name; advance())
      if (!emit(make_ref(entry))) return;
    bool in_both = has_packed && entry.name == name;
    if (check_refname_format(name) || refname_is_safe(name)) {
      Loose loose = read_loose(name);
      if (loose.kind == Loose::Kind::missing || loose.kind == Loose::Kind::directory) {
        // Packed or deleted since we listed it.
        std::optional<Ref> now = read(name);
        if (now && !emit(std::move(*now))) return;
      } else if (!emit(make_ref(name, loose))) {
        return;
      }
    } else {
      die("loose refname is dangerous: %s", name);
    }
    if (in_both) advance();
  }
  for (; has_packed; advance())
    if (!emit(make_ref(entry))) return;
}

void FilesRefStore::for_each_unpacked(std::string_view prefix, const std::function<bool(const Ref&)>& fn) {
  static const std::vector<std::string> kNone;
  LooseWalk walk{*this, prefix, {}, kNone, {}};
  std::size_t slash = prefix.rfind('/');
  walk.walk(slash == std::string_view::npos || slash < 4 ? "refs/" : std::string(prefix.substr(0, slash + 1)));
  for (const std::string& name : walk.names) {
    Loose loose = read_loose(name);
    if (loose.kind == Loose::Kind::missing || loose.kind == Loose::Kind::directory) continue;
    Ref ref = make_ref(name, loose);
    if (!check_refname_format(name)) ref.is_broken = true;
    if (!fn(ref)) return;
  }
}

// Loose refs are read; of the packed ones only those that match, which a loose file may hide.
std::size_t FilesRefStore::for_each_pointing_at(std::string_view prefix, std::span<const ObjectId> oids,
                                                const std::function<bool(const Ref&)>& fn) {
  std::unordered_set<ObjectId, ObjectIdHash> wanted(oids.begin(), oids.end());
  std::size_t count = 0;
  bool goes_on = true;
  for_each_unpacked(prefix, [&](const Ref& ref) {
    ++count;
    if (!ref.is_broken && wanted.count(ref.oid)) goes_on = fn(ref);
    return goes_on;
  });
  if (!goes_on) return count;
  return count + packed_.snapshot()->find_pointing_at(prefix, oids, [&](const PackedEntry& entry) {
    std::optional<Ref> now = read(entry.name);
    return !now || !now->is_packed || fn(*now);
  });
}

void FilesRefStore::for_each_root_ref(const std::function<bool(const Ref&)>& fn) {
  std::vector<std::string> names = list_dir(options_.git_dir);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    if (!is_root_ref(name)) continue;
    std::optional<Ref> ref = read(name);
    if (!ref) continue;
    if (!ref->symref_target.empty()) {
      std::optional<ResolvedRef> resolved = resolve(name);
      if (resolved && resolved->exists)
        ref->oid = resolved->oid;
      else
        ref->is_broken = true;
    }
    if (!fn(*ref)) return;
  }
}

std::string FilesRefStore::find_conflict(std::string_view name, const std::vector<std::string>& skip) {
  auto is_skipped = [&](std::string_view other) { return std::find(skip.begin(), skip.end(), other) != skip.end(); };
  for (std::size_t slash = name.find('/'); slash != std::string_view::npos; slash = name.find('/', slash + 1)) {
    std::string parent(name.substr(0, slash));
    if (parent == "refs" || is_skipped(parent)) continue;
    if (read(parent)) return strf("'%s' exists; cannot create '%s'", parent, name);
  }
  std::string found;
  for_each_raw(std::string(name) + "/",
               [&](const Ref& ref) {
                 if (is_skipped(ref.name)) return true;
                 found = ref.name;
                 return false;
               },
               {}, {});
  return found.empty() ? "" : strf("'%s' exists; cannot create '%s'", found, name);
}

std::unique_ptr<RefTransaction> FilesRefStore::begin(unsigned flags) { return make_files_transaction(*this, flags); }

Result<void> FilesRefStore::create_on_disk() {
  bool is_main = options_.git_dir == options_.common_dir;
  for (const char* dir : {"refs", "refs/heads", "refs/tags"}) {
    std::string path = path_join(is_main ? options_.common_dir : options_.git_dir, dir);
    if (!make_dirs(path)) return make_error(ErrorKind::io, "could not create directory '%s': %s", path, strerror(errno));
    adjust_shared_perm(path, options_.shared_repository);
    if (!is_main) break;
  }
  return {};
}

Result<void> FilesRefStore::remove_on_disk() {
  bool ok = remove_dir_recursively(path_join(options_.common_dir, "refs")) &&
            remove_dir_recursively(path_join(options_.common_dir, "logs")) && remove_file(packed_.path());
  for (const std::string& name : list_dir(options_.git_dir))
    if (is_root_ref(name) && !remove_file(path_join(options_.git_dir, name))) ok = false;
  packed_.forget();
  if (!ok) return make_error(ErrorKind::io, "could not delete refs: %s", strerror(errno));
  return {};
}

void FilesRefStore::remove_empty_ref_dirs(std::string_view name) {
  // refs/heads and the like stay.
  std::size_t first = name.find('/');
  std::size_t second = first == std::string_view::npos ? first : name.find('/', first + 1);
  if (second == std::string_view::npos) return;
  std::string_view keep = name.substr(0, second);
  remove_empty_parents(path_of(name), path_of(keep));
}

bool remove_empty_tree(const std::string& path) {
  for (const std::string& name : list_dir(path)) {
    std::string child = path_join(path, name);
    auto st = lstat_path(child);
    if (!st || !S_ISDIR(st->st_mode) || !remove_empty_tree(child)) return false;
  }
  return rmdir(path.c_str()) == 0 || errno == ENOENT;
}

Result<LockFile> FilesRefStore::lock_path(const std::string& path, long timeout_ms) {
  for (int attempt = 0;; ++attempt) {
    if (!make_leading_dirs(path)) {
      if (attempt < 3 && (errno == ENOENT || errno == EEXIST)) continue;
      return make_error(ErrorKind::io, "unable to create directory for '%s': %s", path, strerror(errno));
    }
    Result<LockFile> lock = LockFile::hold(path, timeout_ms, false);
    if (lock || lock.error().kind != ErrorKind::missing || attempt >= 3) return lock;
  }
}

}  // namespace git
