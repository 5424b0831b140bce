// Other objects directories whose objects are ours to read: objects/info/alternates, at most five deep, and
// what the environment adds.
#include "odb/alternates.h"

#include "base/error.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/quote.h"
#include "base/strings.h"
#include "odb/odb-internal.h"

namespace git {
namespace odb {
namespace {

constexpr int kMaxDepth = 5;

// One line, unquoted where it is quoted.
std::string entry_of(std::string_view line) {
  if (starts_with(line, "\"")) {
    std::string_view rest = line;
    if (auto path = unquote_c_style(rest)) return *path;
  }
  return std::string(line);
}

}  // namespace

void add_source(const std::string& path, std::string_view base, std::vector<ObjectDatabase::Source>& sources, int depth) {
  std::string full = path;
  if (!is_absolute_path(path)) {
    if (base.empty()) {
      full = absolute_path(path);
    } else {
      auto real = real_path(std::string(base));
      full = path_join(real ? *real : std::string(base), path);
    }
  }
  auto normal = normalize_path(full);
  if (!normal) {
    error("unable to normalize alternate object path: %s", full);
    return;
  }
  while (normal->size() > 1 && normal->back() == '/') normal->pop_back();
  if (!is_directory(*normal)) {
    error("object directory %s does not exist; check .git/objects/info/alternates", *normal);
    return;
  }
  for (const auto& source : sources)
    if (source.path == *normal) return;
  // Several names of one directory are one source.
  auto here = stat_path(*normal);
  for (const auto& source : sources) {
    auto there = stat_path(source.path);
    if (here && there && here->st_dev == there->st_dev && here->st_ino == there->st_ino) return;
  }
  sources.push_back({*normal, false});
  collect_alternates(*normal, sources, depth + 1);
}

void collect_alternates(const std::string& objects_dir, std::vector<ObjectDatabase::Source>& sources, int depth) {
  auto text = read_file(path_join(objects_dir, "info/alternates"));
  if (!text) {
    if (text.error().kind != ErrorKind::missing) warning("unable to access '%s'", path_join(objects_dir, "info/alternates"));
    return;
  }
  if (depth > kMaxDepth) {
    error("%s: ignoring alternate object stores, nesting too deep", objects_dir);
    return;
  }
  for (std::string_view line : split_lines(*text)) {
    if (line.empty() || line[0] == '#') continue;
    add_source(entry_of(line), objects_dir, sources, depth);
  }
}

}  // namespace odb

std::vector<std::string> parse_alternates_list(std::string_view list) {
  std::vector<std::string> dirs;
  while (!list.empty()) {
    std::optional<std::string> dir;
    if (list[0] == '"') dir = unquote_c_style(list);
    std::size_t end = std::min(list.find(':'), list.size());
    if (!dir) dir = std::string(list.substr(0, end));
    list.remove_prefix(end);
    if (!list.empty()) list.remove_prefix(1);
    if (!dir->empty() && (*dir)[0] != '#') dirs.push_back(std::move(*dir));
  }
  return dirs;
}

std::vector<ObjectDatabase::Source> ObjectDatabase::sources() { return state_->snapshot().sources; }

void ObjectDatabase::add_alternate_in_memory(const std::string& objects_dir) {
  std::lock_guard lock(state_->mutex);
  state_->added_alternates.push_back(objects_dir);
  state_->refresh();
}

void ObjectDatabase::add_alternate_to_file(const std::string& objects_dir) {
  std::string path = path_join(state_->options.objects_dir, "info/alternates");
  std::string text = read_file_if_exists(path).value_or("");
  for (std::string_view line : split_lines(text))
    if (line == objects_dir) return;
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += objects_dir + "\n";
  if (!make_leading_dirs(path)) die_errno("unable to create directories for '%s'", path);
  LockFile lock = LockFile::hold_or_die(path);
  if (!lock.write(text)) die_errno("unable to write alternates file");
  lock.commit_or_die();
  std::lock_guard guard(state_->mutex);
  state_->refresh();
}

}  // namespace git
