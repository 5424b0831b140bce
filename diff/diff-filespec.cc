// Contents of both sides, loaded when somebody looks, and the transformations that need no more than a line or two.
#include "diff/diffcore.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "diff/options.h"
#include "diff/userdiff.h"
#include "hash/hasher.h"
#include "index/convert.h"
#include "index/submodule-head.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

constexpr std::size_t kFirstFewBytes = 8000;

std::string submodule_text(const DiffFilespec& spec) {
  return "Subproject commit " + spec.oid.hex() + (spec.dirty_submodule ? "-dirty" : "") + "\n";
}

std::string read_worktree_file(DiffOptions& options, DiffFilespec& spec) {
  if (spec.is_stdin) return read_fd(0).take_or_die();
  auto st = lstat_path(spec.path);
  if (!st) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    die_errno("stat '%s'", spec.path);
  }
  if (S_ISLNK(st->st_mode)) {
    auto target = read_link(spec.path);
    if (!target) die_errno("readlink(%s)", spec.path);
    return *target;
  }
  if (S_ISDIR(st->st_mode)) return {};
  std::string bytes = read_file(spec.path).take_or_die();
  if (options.repo && !options.no_index)
    if (auto converted = options.converter().to_git(spec.path, bytes)) return *converted;
  return bytes;
}

}  // namespace

PairPtr queue_pair(DiffQueue& queue, FilespecPtr one, FilespecPtr two) {
  auto pair = std::make_shared<DiffPair>();
  pair->one = std::move(one);
  pair->two = std::move(two);
  queue.push_back(pair);
  return pair;
}

bool is_pair_unmodified(const DiffPair& pair) {
  if (pair.is_unmerged) return false;
  const DiffFilespec &one = *pair.one, &two = *pair.two;
  if (one.is_valid() != two.is_valid() || pair.is_mode_changed()) return false;
  if (one.path != two.path) return false;  // a rename
  if (one.oid_valid && two.oid_valid && one.oid == two.oid && !one.dirty_submodule && !two.dirty_submodule) return true;
  return !one.oid_valid && !two.oid_valid;
}

const std::string& load(DiffOptions& options, DiffFilespec& spec) {
  if (spec.data) return *spec.data;
  if (!spec.is_valid() || is_tree_mode(spec.mode)) {
    spec.data.emplace();
  } else if (is_gitlink_mode(spec.mode)) {
    spec.data = submodule_text(spec);
  } else if (spec.oid_valid) {
    auto object = options.repo->odb().read(spec.oid);
    if (!object) die("unable to read %s", spec.oid);
    spec.data = std::move(object->data);
  } else {
    spec.data = read_worktree_file(options, spec);
  }
  spec.size = spec.data->size();
  return *spec.data;
}

std::uint64_t load_size(DiffOptions& options, DiffFilespec& spec) {
  if (spec.size) return *spec.size;
  if (!spec.data && spec.is_valid() && spec.oid_valid && !is_gitlink_mode(spec.mode)) {
    auto info = options.repo->odb().info(spec.oid);
    if (!info) die("unable to read %s", spec.oid);
    spec.size = info->size;
  } else {
    spec.size = load(options, spec).size();
  }
  return *spec.size;
}

void unload(DiffFilespec& spec) {
  if (spec.is_stdin || !spec.is_valid()) return;
  spec.data.reset();
}

bool looks_binary(std::string_view bytes) { return bytes.substr(0, kFirstFewBytes).find('\0') != std::string_view::npos; }

const UserdiffDriver& driver_of(DiffOptions& options, DiffFilespec& spec) {
  if (!spec.driver)
    spec.driver = is_regular_mode(spec.mode) ? &options.userdiff().for_path(spec.path) : &options.userdiff().plain();
  return *spec.driver;
}

// Over core.bigFileThreshold nothing is a text.
static bool is_big(DiffOptions& options, DiffFilespec& spec) {
  if (!options.repo || spec.data || !is_regular_mode(spec.mode) || !spec.oid_valid) return false;
  return load_size(options, spec) > options.repo->odb().options().big_file_threshold;
}

bool is_binary_spec(DiffOptions& options, DiffFilespec& spec) {
  if (spec.binary) return *spec.binary;
  const UserdiffDriver& driver = driver_of(options, spec);
  if (driver.binary)
    spec.binary = *driver.binary;
  else
    spec.binary = spec.is_valid() && (is_big(options, spec) || looks_binary(load(options, spec)));
  return *spec.binary;
}

void fill_oid(DiffOptions& options, DiffFilespec& spec) {
  if (!spec.is_valid()) {
    spec.oid = ObjectId::null(options.algo());
    return;
  }
  if (spec.oid_valid) return;
  if (spec.is_stdin) {
    spec.oid = ObjectId::null(options.algo());
    return;
  }
  if (is_gitlink_mode(spec.mode)) {
    if (auto head = submodule_head(spec.path)) spec.oid = *head;
    return;
  }
  struct stat st;
  if (::lstat(spec.path.c_str(), &st) < 0) die_errno("stat '%s'", spec.path);
  spec.oid = hash_object(options.algo(), "blob", load(options, spec));
}

bool is_really_changed(DiffOptions& options, DiffPair& pair) {
  if (pair.stat_unmatch) return *pair.stat_unmatch;
  DiffFilespec &one = *pair.one, &two = *pair.two;
  // Only a worktree file of the same type and mode can be a false alarm.
  const bool doubtful =
      pair.is_both_valid() && !(one.oid_valid && two.oid_valid) && one.mode == two.mode && !is_gitlink_mode(one.mode);
  pair.stat_unmatch = !doubtful || load_size(options, one) != load_size(options, two) || load(options, one) != load(options, two);
  return *pair.stat_unmatch;
}

void diffcore_skip_stat_unmatch(DiffOptions& options) {
  DiffQueue kept;
  for (PairPtr& pair : options.queue) {
    if (pair->is_unmerged || is_really_changed(options, *pair))
      kept.push_back(std::move(pair));
    else if (!options.no_index)
      options.skipped_stat_unmatch++;
  }
  options.queue = std::move(kept);
}

void diffcore_apply_filter(DiffOptions& options) {
  if (!options.filter) return;
  auto matches = [&](const DiffPair& pair) {
    if (pair.status == 'M') {
      // A broken pair has both letters.
      if (options.filter & filter_bit('M') && !pair.score) return true;
      return pair.score && (options.filter & filter_bit('B')) != 0;
    }
    return (options.filter & filter_bit(pair.status)) != 0;
  };
  if (options.filter & filter_bit('*')) {
    if (std::none_of(options.queue.begin(), options.queue.end(), [&](const PairPtr& p) { return matches(*p); }))
      options.queue.clear();
    return;
  }
  std::erase_if(options.queue, [&](const PairPtr& p) { return !matches(*p); });
}

void resolve_statuses(DiffOptions& options) {
  for (PairPtr& pair : options.queue) {
    DiffFilespec &one = *pair->one, &two = *pair->two;
    pair->status = 0;
    if (pair->is_unmerged)
      pair->status = 'U';
    else if (!one.is_valid())
      pair->status = 'A';
    else if (!two.is_valid())
      pair->status = 'D';
    else if (pair->is_type_changed())
      pair->status = 'T';
    else if (pair->renamed) {
      // A rename may have put a broken pair together again. The last user of a source renames it, the others copy.
      if (one.path == two.path)
        pair->status = 'M';
      else if (--one.rename_used > 0)
        pair->status = 'C';
      else
        pair->status = 'R';
    } else if (one.oid != two.oid || pair->is_mode_changed() || one.dirty_submodule || two.dirty_submodule || one.oid.is_null())
      pair->status = 'M';
    else
      pair->status = 'X';
  }
}

}  // namespace git
