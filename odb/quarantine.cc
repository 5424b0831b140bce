// A private objects directory inside our own, for objects that may yet be refused.  Children find it by the
// environment; publishing moves its files over, packs before the indexes that make them visible.
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/env.h"
#include "base/error.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/strings.h"
#include "odb/odb-internal.h"

namespace git {
namespace {

// Files that make others visible come last.
int move_order(std::string_view name) {
  if (!starts_with(name, "pack")) return 0;
  if (ends_with(name, ".keep")) return 1;
  if (ends_with(name, ".pack")) return 2;
  if (ends_with(name, ".rev")) return 3;
  if (ends_with(name, ".idx")) return 5;
  return 4;
}

bool move_tree(const std::string& from, const std::string& to, int shared) {
  std::vector<std::string> names = list_dir(from);
  std::sort(names.begin(), names.end(),
            [](const std::string& a, const std::string& b) { return std::pair(move_order(a), a) < std::pair(move_order(b), b); });
  for (const std::string& name : names) {
    std::string source = path_join(from, name), target = path_join(to, name);
    if (is_directory(source)) {
      if (!path_exists(target) && !make_dir(target)) return false;
      if (shared) adjust_shared_perm(target, shared);
      if (!move_tree(source, target, shared)) return false;
      continue;
    }
    // Somebody's file of the same name holds the same object.
    if (::link(source.c_str(), target.c_str()) == 0 || errno == EEXIST) {
      ::unlink(source.c_str());
    } else if (::rename(source.c_str(), target.c_str()) < 0) {
      return false;
    }
  }
  return true;
}

std::string quoted_for_env(const std::string& path) {
  return path.find(':') == std::string::npos && path[0] != '"' ? path : "\"" + escape_c_style(path) + "\"";
}

}  // namespace

void ObjectDatabase::open_quarantine(const std::string& prefix) {
  if (!state_->quarantine.empty()) BUG("only one quarantine at a time");
  std::string pattern = path_join(state_->options.objects_dir, "tmp_objdir-" + prefix + "-XXXXXX");
  if (!::mkdtemp(pattern.data())) die_errno("unable to create temporary object directory");
  if (!make_dir(path_join(pattern, "pack"))) die_errno("unable to create temporary object directory");
  std::lock_guard lock(state_->mutex);
  state_->quarantine = pattern;
  state_->refresh();
}

std::string ObjectDatabase::quarantine_dir() const { return state_->quarantine; }

bool ObjectDatabase::is_only_in_quarantine(const ObjectId& oid) {
  if (state_->quarantine.empty() || state_->find_pretended(oid)) return false;
  const OdbSnapshot& snapshot = state_->snapshot();
  for (const MidxSource& source : snapshot.midxs)
    if (source.midx->find(oid)) return false;
  for (const Pack* pack : snapshot.loners)
    if (!starts_with(pack->path(), state_->quarantine) && pack->find_offset(oid)) return false;
  std::string name = odb::loose_name(oid);
  for (const Source& source : snapshot.sources)
    if (source.path != state_->quarantine && path_exists(path_join(source.path, name))) return false;
  return true;
}

std::vector<std::string> ObjectDatabase::quarantine_env() const {
  if (state_->quarantine.empty()) return {};
  std::string alternates = quoted_for_env(state_->options.objects_dir);
  if (auto inherited = get_env("GIT_ALTERNATE_OBJECT_DIRECTORIES"); inherited && !inherited->empty())
    alternates += ":" + *inherited;
  return {"GIT_QUARANTINE_PATH=" + state_->quarantine, "GIT_OBJECT_DIRECTORY=" + state_->quarantine,
          "GIT_ALTERNATE_OBJECT_DIRECTORIES=" + alternates};
}

Result<void> ObjectDatabase::publish_quarantine() {
  if (state_->quarantine.empty()) return {};
  if (!move_tree(state_->quarantine, state_->options.objects_dir, state_->options.shared_repository))
    return make_error(ErrorKind::io, "unable to migrate objects to permanent storage");
  drop_quarantine();
  return {};
}

void ObjectDatabase::drop_quarantine() {
  if (state_->quarantine.empty()) return;
  std::lock_guard lock(state_->mutex);
  remove_dir_recursively(state_->quarantine);
  state_->quarantine.clear();
  state_->opened.clear();
  state_->last_hit.store(nullptr);
  state_->current.store(nullptr);
}

}  // namespace git
