// Each path to one version, or to a conflict.  Paths are taken from last to first, so that by the time a file is
// looked at whose name is also a directory's, it is known whether the directory still has anything in it.
#include "base/strings.h"
#include "merge/ll-merge.h"
#include "merge/merge-ort-internal.h"
#include "merge/ort-submodule.h"
#include "object/object.h"
#include "odb.h"
#include "repository.h"

namespace git {

namespace merge {
namespace {

constexpr std::uint32_t kTypeMask = 0170000;

// Both sides have something here, of different kinds (a link and a file, say).
struct Renaming {
  bool first = false, second = false;
};

void place(Merge& m, const std::string& path, const MergeVersion& version) {
  m.results[path] = version;
  if (!version.is_present()) return;
  for (std::string dir = parent_dir(path); !dir.empty(); dir = parent_dir(dir)) m.used_dirs[dir]++;
}

void record_conflict(Merge& m, const std::string& path, const std::array<MergeVersion, 3>& stages, const MergeVersion& result) {
  m.is_clean = false;
  if (m.depth) return;
  m.conflicted[path] = stages;
  m.conflicted_results[path] = result;
}

void resolve_distinct_types(Merge& m, const std::string& path, PathInfo& info) {
  Renaming rename;
  std::uint32_t a = info.stages[1].mode & kTypeMask, b = info.stages[2].mode & kTypeMask;
  if (is_regular_mode(a))
    rename.first = true;
  else if (is_regular_mode(b))
    rename.second = true;
  else
    rename.first = rename.second = true;
  if (m.depth) {  // a virtual base keeps what both came from
    place(m, path, info.stages[0]);
    m.is_clean = false;
    return;
  }
  std::string a_path = rename.first ? unique_path(m, path, m.options.branch1) : path;
  if (rename.first) m.results[a_path] = {};  // the name is taken from here on
  std::string b_path = rename.second ? unique_path(m, path, m.options.branch2) : path;
  std::vector<std::string> about{path};
  if (rename.first) about.push_back(a_path);
  if (rename.second) about.push_back(b_path);
  if (rename.first && rename.second)
    m.say(about, "CONFLICT (distinct modes)",
          strf(_("CONFLICT (distinct types): %s had different types on each side; renamed both of them so each can be recorded "
                 "somewhere."),
               path));
  else
    m.say(about, "CONFLICT (distinct modes)",
          strf(_("CONFLICT (distinct types): %s had different types on each side; renamed one of them so each can be recorded "
                 "somewhere."),
               path));
  // The base goes with the side of its own kind.
  std::uint32_t o = info.stages[0].mode & kTypeMask;
  std::array<MergeVersion, 3> first{o == a ? info.stages[0] : MergeVersion{}, info.stages[1], {}};
  std::array<MergeVersion, 3> second{o == b ? info.stages[0] : MergeVersion{}, {}, info.stages[2]};
  if (rename.first && rename.second) m.results[path] = {};
  place(m, a_path, info.stages[1]);
  record_conflict(m, a_path, first, info.stages[1]);
  place(m, b_path, info.stages[2]);
  record_conflict(m, b_path, second, info.stages[2]);
}

void resolve_modify_delete(Merge& m, const std::string& path, PathInfo& info) {
  int side = info.stages[1].is_present() ? kSide1 : kSide2;
  const MergeVersion& kept = info.stages[static_cast<std::size_t>(m.depth ? kBase : side)];
  bool only_renamed = info.path_conflict && info.stages[0].oid == info.stages[static_cast<std::size_t>(side)].oid;
  if (!only_renamed)
    m.say({path}, "CONFLICT (modify/delete)",
          strf(_("CONFLICT (modify/delete): %s deleted in %s and modified in %s.  Version %s of %s left in tree."), path,
               m.branch(side == kSide1 ? kSide2 : kSide1), m.branch(side), m.branch(side), path));
  place(m, path, kept);
  record_conflict(m, path, info.stages, kept);
}

bool resolve_both_present(Merge& m, const std::string& path, PathInfo& info) {
  MergeVersion merged;
  bool clean = true;
  if (!merge_contents(m, path, info.stages, info.names, 0, merged, clean)) return false;
  place(m, path, merged);
  if (clean && !info.path_conflict && !info.df_conflict) return true;
  if (!clean) {
    const char* reason = is_gitlink_mode(merged.mode) ? "submodule" : info.filemask() == 6 ? "add/add" : "content";
    m.say({path}, strf("CONFLICT (%s)", is_gitlink_mode(merged.mode) ? "submodule" : "contents"),
          strf(_("CONFLICT (%s): Merge conflict in %s"), reason, path));
  }
  record_conflict(m, path, info.stages, merged);
  return true;
}

// A directory keeps the name; the file of one side moves beside it. False where there is nothing to move.
void move_out_of_the_way(Merge& m, std::string& path, PathInfo& info) {
  int side = info.stages[1].is_present() ? kSide1 : kSide2;
  std::string moved = unique_path(m, path, m.branch(side));
  m.say({moved, path}, "CONFLICT (file/directory)",
        strf(_("CONFLICT (file/directory): directory in the way of %s from %s; moving it to %s instead."), path, m.branch(side),
             moved));
  info.df_conflict = true;
  path = moved;
}

bool resolve_one(Merge& m, std::string path, PathInfo& info) {
  if (info.is_resolved) {
    if (info.result.is_present()) place(m, path, info.result);
    return true;
  }
  unsigned mask = info.filemask();
  if (mask == 0) return true;
  auto used = m.used_dirs.find(path);
  bool dir_in_way = info.dirmask && used != m.used_dirs.end() && used->second > 0;
  if (dir_in_way && mask == 1) return true;  // only the base had a file here
  const auto& s = info.stages;
  if (dir_in_way) {
    // The file was left alone by the side that has it, and the other made a directory of its name.
    if ((mask == 3 && s[0] == s[1] && !info.path_conflict) || (mask == 5 && s[0] == s[2] && !info.path_conflict)) return true;
    if (m.depth) return true;  // a virtual base can hold only one of them
    move_out_of_the_way(m, path, info);
  }
  const MergeVersion* settled = nullptr;
  if (s[1] == s[2])
    settled = &s[1];
  else if (s[0] == s[1])
    settled = &s[2];
  else if (s[0] == s[2])
    settled = &s[1];
  if (settled && mask != 2 && mask != 4 && !(info.path_conflict && !settled->is_present())) {
    place(m, path, *settled);
    if (info.path_conflict || info.df_conflict) record_conflict(m, path, info.stages, *settled);
    return true;
  }
  if (mask >= 6 && (s[1].mode & kTypeMask) != (s[2].mode & kTypeMask)) {
    resolve_distinct_types(m, path, info);
    return true;
  }
  if (mask >= 6) return resolve_both_present(m, path, info);
  if (mask == 3 || mask == 5) {
    resolve_modify_delete(m, path, info);
    return true;
  }
  if (mask == 2 || mask == 4) {
    const MergeVersion& only = s[mask == 2 ? 1 : 2];
    place(m, path, only);
    if (info.df_conflict || info.path_conflict) record_conflict(m, path, info.stages, only);
    return true;
  }
  // mask == 1: both sides took it away, each its own way.
  if (info.path_conflict) record_conflict(m, path, info.stages, {});
  return true;
}

}  // namespace

bool resolve_paths(Merge& m) {
  for (auto it = m.paths.rbegin(); it != m.paths.rend(); ++it)
    if (!resolve_one(m, it->first, it->second)) return false;
  return true;
}

std::string unique_path(const Merge& m, const std::string& path, const std::string& branch) {
  std::string flat = branch;
  for (char& c : flat)
    if (c == '/') c = '_';
  std::string candidate = path + "~" + flat;
  auto is_taken = [&](const std::string& p) { return m.paths.count(p) || m.results.count(p); };
  std::string result = candidate;
  for (int suffix = 0; is_taken(result); suffix++) result = candidate + "_" + std::to_string(suffix);
  return result;
}

namespace {

bool merge_blobs(Merge& m, const std::string& path, const std::array<MergeVersion, 3>& v, const std::array<std::string, 3>& names,
                 int extra_marker_size, MergeVersion& result, bool& clean) {
  std::array<std::string, 3> bytes;
  bool two_way = (v[0].mode & kTypeMask) != (v[1].mode & kTypeMask);
  if (!two_way && !m.read_blob(v[0].oid, bytes[0])) return false;
  if (!m.read_blob(v[1].oid, bytes[1]) || !m.read_blob(v[2].oid, bytes[2])) return false;
  std::array<std::string, 3> labels{m.options.ancestor, m.options.branch1, m.options.branch2};
  if (names[0] != names[1] || names[1] != names[2])
    for (std::size_t i = 0; i < 3; i++) labels[i] += ":" + names[i];
  LlMergeOptions options;
  options.virtual_ancestor = m.depth > 0;
  options.variant = m.depth ? MergeVariant::none : m.options.variant;
  options.renormalize = m.options.renormalize;
  options.extra_marker_size = extra_marker_size;
  options.xdiff_flags = m.options.xdiff_flags;
  options.conflict_style = m.options.conflict_style;
  if (!m.attrs) m.attrs = std::make_unique<AttributeReader>(m.repo);
  std::string merged;
  LlMergeStatus status =
      ll_merge(m.repo, *m.attrs, merged, path, {bytes[0], labels[0]}, {bytes[1], labels[1]}, {bytes[2], labels[2]}, options);
  if (status == LlMergeStatus::error) {
    m.error = strf(_("failed to execute internal merge for %s"), path);
    return false;
  }
  m.say({path}, "Auto-merging", strf(_("Auto-merging %s"), path));
  if (status == LlMergeStatus::binary_conflict)
    m.say({path}, "CONFLICT (binary)", strf(_("warning: Cannot merge binary files: %s (%s vs. %s)"), path, labels[1], labels[2]));
  clean = clean && status == LlMergeStatus::clean;
  Result<ObjectId> oid = m.repo.odb().write(ObjectType::blob, merged);
  if (!oid) {
    m.error = strf(_("unable to add %s to database"), path);
    return false;
  }
  result.oid = *oid;
  return true;
}

}  // namespace

bool merge_contents(Merge& m, const std::string& path, const std::array<MergeVersion, 3>& v,
                    const std::array<std::string, 3>& names, int extra_marker_size, MergeVersion& result, bool& clean) {
  if (v[1].mode == v[2].mode || v[1].mode == v[0].mode) {
    result.mode = v[2].mode;
  } else {
    result.mode = v[1].mode;
    clean = v[2].mode == v[0].mode;
  }
  bool changed1 = !(v[0].oid == v[1].oid && v[0].is_present()), changed2 = !(v[0].oid == v[2].oid && v[0].is_present());
  if (v[1].oid == v[2].oid || !changed1) {
    result.oid = v[2].oid;
    return true;
  }
  if (!changed2) {
    result.oid = v[1].oid;
    return true;
  }
  if (is_regular_mode(v[1].mode)) return merge_blobs(m, path, v, names, extra_marker_size + 2 * m.depth, result, clean);
  if (is_gitlink_mode(v[1].mode)) {
    bool two_way = (v[0].mode & kTypeMask) != (v[1].mode & kTypeMask);
    SubmoduleMerge merged = merge_submodule(m, names[0], two_way ? ObjectId::null(m.repo.algo()) : v[0].oid, v[1].oid, v[2].oid);
    result.oid = m.depth && !two_way && !merged.is_clean ? v[0].oid : merged.oid;
    clean = clean && merged.is_clean;
    return true;
  }
  // Links can't be merged.
  if (m.depth) {
    clean = false;
    result = v[0];
  } else {
    result.oid = m.options.variant == MergeVariant::theirs ? v[2].oid : v[1].oid;
    if (m.options.variant == MergeVariant::none) clean = false;
  }
  return true;
}

}  // namespace merge
}  // namespace git
