// A resolution is replayed by a three-way merge: what the conflict looked like when it was recorded is the base, what it
// looks like now and what it was resolved to are the sides.
#include "rerere.h"

#include <sys/stat.h>
#include <utime.h>

#include <algorithm>
#include <ctime>

#include "base/date.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "diff/xdl-emit.h"
#include "index/add-to-index.h"
#include "index/index-state.h"
#include "merge/conflict-hunks.h"
#include "merge/ll-merge.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

class DiffText : public HunkSink {
 public:
  std::string text;
  void hunk(long old_begin, long old_count, long new_begin, long new_count, std::string_view function) override {
    text += format_hunk_header(old_begin, old_count, new_begin, new_count, function) + "\n";
  }
  void line(char kind, std::string_view line) override {
    text += kind;
    text += line;
    if (line.empty() || line.back() != '\n') text += "\n\\ No newline at end of file\n";
  }
};

// Seconds since the file was changed last; nullopt where there is none.
std::optional<std::int64_t> changed_at(const std::string& path) {
  auto st = stat_path(path);
  return st ? std::optional<std::int64_t>(st->st_mtime) : std::nullopt;
}

std::int64_t expiry(const Config& config, std::string_view key, int days) {
  auto text = config.get_string(key);
  const auto now = static_cast<std::int64_t>(current_time());
  if (!text) return now - std::int64_t{days} * 86400;
  if (auto number = parse_int(*text)) return now - *number * 86400;
  auto date = parse_expiry_date(*text);
  if (!date) die(_("bad boolean config value '%s' for '%s'"), *text, key);
  return *date;
}

}  // namespace

bool Rerere::setup(int autoupdate, bool read_only) {
  const Config& config = repo_.config();
  const std::string cache = repo_.git_path("rr-cache");
  const bool exists = is_directory(cache);
  auto enabled = config.get_bool("rerere.enabled");
  if (enabled && !*enabled) return false;
  if (!enabled && !exists) return false;
  if (!exists && !make_dir(cache)) die(_("could not create directory '%s'"), cache);
  autoupdate_ = autoupdate >= 0 ? autoupdate > 0 : config.get_bool_or("rerere.autoupdate", false);
  if (!read_only) lock_ = LockFile::hold_or_die(repo_.git_path("MERGE_RR"), 1000);
  read_records();
  return true;
}

std::string Rerere::dir(const std::string& hex) const { return repo_.git_path("rr-cache/" + hex); }

std::string Rerere::file(const Id& id, const char* name) const {
  std::string path = dir(id.hex) + "/" + name;
  return id.variant > 0 ? path + "." + std::to_string(id.variant) : path;
}
bool Rerere::has(const Id& id, const char* name) const { return path_exists(file(id, name)); }

std::vector<int> Rerere::variants(const std::string& hex) const {
  std::vector<int> found;
  for (const std::string& name : list_dir(dir(hex))) {
    std::string_view rest = name;
    if (!skip_prefix(rest, "preimage") && !skip_prefix(rest, "postimage")) continue;
    int variant = 0;
    if (!rest.empty()) {
      auto number = rest[0] == '.' ? parse_uint(rest.substr(1)) : std::nullopt;
      if (!number || *number > 100000) continue;
      variant = static_cast<int>(*number);
    }
    found.push_back(variant);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

void Rerere::remove_variant(const Id& id) {
  remove_file(file(id, "postimage"));
  remove_file(file(id, "preimage"));
}

// "<id>[.<variant>]\t<path>\0" each.
void Rerere::read_records() {
  auto text = read_file_if_exists(repo_.git_path("MERGE_RR"));
  if (!text) return;
  std::string_view rest = *text;
  while (auto record = next_part(rest, '\0')) {
    Id id;
    const std::size_t tab = record->find('\t');
    if (tab == std::string_view::npos) die(_("corrupt MERGE_RR"));
    std::string_view name = record->substr(0, tab);
    const std::size_t dot = name.find('.');
    id.hex = name.substr(0, dot);
    id.variant = 0;
    if (dot != std::string_view::npos) {
      auto number = parse_uint(name.substr(dot + 1));
      if (!number || *number > 100000) die(_("corrupt MERGE_RR"));
      id.variant = static_cast<int>(*number);
    }
    if (!ObjectId::from_hex(id.hex, repo_.algo())) die(_("corrupt MERGE_RR"));
    records_[std::string(record->substr(tab + 1))] = id;
  }
}

int Rerere::write_records() {
  std::string text;
  for (const auto& [path, id] : records_) {
    text += id.hex;
    if (id.variant > 0) text += "." + std::to_string(id.variant);
    text += "\t" + path;
    text += '\0';
  }
  if (!lock_.write(text) || !lock_.commit()) die(_("unable to write rerere record"));
  return 0;
}

// ---- the conflicts of the index ----

Rerere::Kind Rerere::classify(std::size_t& at) const {
  const IndexEntry& entry = index_[at];
  if (!entry.stage) {
    at++;
    return Kind::resolved;
  }
  const std::string path = entry.path;
  Kind kind = Kind::punted;
  while (at < index_.size() && index_[at].path == path && index_[at].stage == 1) at++;
  if (at + 1 < index_.size() && index_[at].path == path && index_[at].stage == 2 && index_[at + 1].path == path &&
      index_[at + 1].stage == 3 && is_regular_mode(index_[at].mode) && is_regular_mode(index_[at + 1].mode))
    kind = Kind::three_staged;
  while (at < index_.size() && index_[at].path == path) at++;
  return kind;
}

std::vector<std::string> Rerere::conflicts() const {
  std::vector<std::string> paths;
  for (std::size_t at = 0; at < index_.size();) {
    const std::string& path = index_[at].path;
    if (classify(at) == Kind::three_staged) paths.push_back(path);
  }
  return paths;
}

std::optional<NormalizedConflicts> Rerere::normalize_file(const std::string& path) {
  auto text = read_file(repo_.worktree_path(path));
  if (!text) return std::nullopt;
  auto result = normalize_conflicts(*text, conflict_marker_size(attrs_, path), repo_.algo());
  if (!result) error(_("could not parse conflict hunks in '%s'"), path);
  return result;
}

// The conflict as a merge of the stages leaves it.
std::optional<NormalizedConflicts> Rerere::normalize_stages(const std::string& path) {
  std::string bytes[3];
  for (int stage = 1; stage <= 3; stage++)
    if (const IndexEntry* entry = index_.find(path, stage)) {
      auto data = repo_.odb().read(entry->oid);
      if (data) bytes[stage - 1] = std::move(data->data);
    }
  std::string merged;
  ll_merge(repo_, attrs_, merged, path, {bytes[0], ""}, {bytes[1], "ours"}, {bytes[2], "theirs"}, {});
  return normalize_conflicts(merged, conflict_marker_size(attrs_, path), repo_.algo());
}

std::optional<std::string> Rerere::replay(const Id& id, const std::string& path, const std::string& current) {
  auto before = read_file(file(id, "preimage")), after = read_file(file(id, "postimage"));
  if (!before || !after) return std::nullopt;
  std::string merged;
  LlMergeStatus status = ll_merge(repo_, attrs_, merged, path, {*before, ""}, {current, ""}, {*after, ""}, {});
  return status == LlMergeStatus::clean ? std::optional(std::move(merged)) : std::nullopt;
}

// ---- recording and replaying ----

void Rerere::do_path(const std::string& path, Id& id, std::vector<std::string>& to_add) {
  auto now = normalize_file(path);
  if (id.variant >= 0 && now && now->count == 0) {
    // The user resolved it.
    auto text = read_file(repo_.worktree_path(path));
    if (text && write_file(file(id, "postimage"), *text)) errf(_("Recorded resolution for '%s'.\n"), path);
    id.hex.clear();
    return;
  }
  const std::vector<int> known = variants(id.hex);
  for (int variant : known) {
    Id other{id.hex, variant};
    if (!now || !is_recorded(other)) continue;
    write_file(file(other, "thisimage"), now->text);
    auto merged = replay(other, path, now->text);
    if (!merged) continue;
    ::utime(file(other, "postimage").c_str(), nullptr);  // in use: keep it
    if (!write_file(repo_.worktree_path(path), *merged)) {
      warning_errno(_("could not write '%s'"), path);
      continue;
    }
    if (id.variant >= 0 && id.variant != variant) remove_variant(id);
    if (autoupdate_)
      to_add.push_back(path);
    else
      errf(_("Resolved '%s' using previous resolution.\n"), path);
    id.hex.clear();
    return;
  }
  if (id.variant < 0)
    for (id.variant = 0; std::find(known.begin(), known.end(), id.variant) != known.end();) id.variant++;
  if (!now) return;
  write_file(file(id, "preimage"), now->text);
  remove_file(file(id, "postimage"));
  errf(_("Recorded preimage for '%s'\n"), path);
}

int Rerere::run() {
  flush_out();
  for (const std::string& path : conflicts()) {
    auto found = normalize_file(path);
    if ((!found || found->count) && records_.count(path)) {
      // It changed since it was recorded; what was begun then is void.
      const Id old = records_[path];
      if (found && old.hex == found->id.hex()) {
        continue;
      }
      if (!has(old, "postimage")) remove_variant(old);
      records_.erase(path);
    }
    if (!found || !found->count || records_.count(path)) continue;
    records_[path] = Id{found->id.hex(), -1};
    make_dir(dir(found->id.hex()));
  }
  std::vector<std::string> to_add;
  for (auto it = records_.begin(); it != records_.end();) {
    do_path(it->first, it->second, to_add);
    it = it->second.hex.empty() ? records_.erase(it) : std::next(it);
  }
  if (!to_add.empty()) {
    Index index = Index::read(repo_);
    LockFile lock = index.lock_or_die();
    for (const std::string& path : to_add) {
      auto st = lstat_path(repo_.worktree_path(path));
      if (!st || add_to_index(index, path, *st, 0)) exit_with(128);
      errf(_("Staged '%s' using previous resolution.\n"), path);
    }
    if (!index.write_locked(lock)) die(_("unable to write new index file"));
  }
  return write_records();
}

void Rerere::clear() {
  for (const auto& [path, id] : records_) {
    if (is_recorded(id)) continue;
    remove_variant(id);
    remove_file(file(id, "thisimage"));
    ::rmdir(dir(id.hex).c_str());
  }
  remove_file(repo_.git_path("MERGE_RR"));
  lock_.rollback();
}

bool Rerere::forget_path(const std::string& path) {
  auto conflict = normalize_stages(path);
  if (!conflict || !conflict->count) return error(_("could not parse conflict hunks in '%s'"), path) == 0;
  Id id{conflict->id.hex(), 0};
  bool found = false;
  for (int variant : variants(id.hex)) {
    id.variant = variant;
    if (!is_recorded(id) || !replay(id, path, conflict->text)) continue;
    found = true;
    break;
  }
  if (!found) return error(_("no remembered resolution for '%s'"), path) == 0;
  remove_file(file(id, "postimage"));
  // The conflict is to be resolved anew, and recorded then.
  write_file(file(id, "preimage"), conflict->text);
  errf(_("Updated preimage for '%s'\n"), path);
  records_[path] = id;
  errf(_("Forgot resolution for '%s'\n"), path);
  return true;
}

int Rerere::forget(const Pathspec& pathspec) {
  // Conflicts that were added as resolved are conflicts again, here.
  for (const auto& [path, undo] : index_.internals().resolve_undo) {
    if (!match_pathspec(index_, pathspec, path)) continue;
    index_.remove_path(path);
    for (int stage = 1; stage <= 3; stage++) {
      if (!undo.mode[stage - 1]) continue;
      IndexEntry entry;
      entry.path = path;
      entry.oid = undo.oid[stage - 1];
      entry.mode = undo.mode[stage - 1];
      entry.stage = static_cast<std::uint8_t>(stage);
      index_.add(std::move(entry), Index::kOkToAdd | Index::kOkToReplace | Index::kSkipDfCheck);
    }
  }
  for (const std::string& path : conflicts())
    if (match_pathspec(index_, pathspec, path)) forget_path(path);
  return write_records();
}

void Rerere::gc() {
  const std::int64_t resolved = expiry(repo_.config(), "gc.rerereresolved", 60);
  const std::int64_t unresolved = expiry(repo_.config(), "gc.rerereunresolved", 15);
  for (const std::string& hex : list_dir(repo_.git_path("rr-cache"))) {
    if (!ObjectId::from_hex(hex, repo_.algo())) continue;
    for (int variant : variants(hex)) {
      Id id{hex, variant};
      auto used = changed_at(file(id, "postimage"));
      const std::int64_t cutoff = used ? resolved : unresolved;
      if (!used) used = changed_at(file(id, "preimage"));
      if (!used || *used >= cutoff) continue;
      remove_variant(id);
      remove_file(file(id, "thisimage"));
    }
    ::rmdir(dir(hex).c_str());
  }
  lock_.rollback();
}

std::string Rerere::diff() {
  std::string text;
  for (const auto& [path, id] : records_) {
    auto before = read_file(file(id, "preimage")), now = read_file(repo_.worktree_path(path));
    if (!before || !now) {
      error(_("unable to generate diff for '%s'"), file(id, "preimage"));
      continue;
    }
    DiffText sink;
    HunkConfig config;
    config.with_function_names = false;
    emit_hunks(compare_lines(*before, *now, {}), config, sink);
    text += strf("--- a/%s\n+++ b/%s\n", path, path) + sink.text;
  }
  return text;
}

std::vector<std::string> Rerere::status() const {
  std::vector<std::string> paths;
  for (const auto& [path, id] : records_) paths.push_back(path);
  return paths;
}

std::vector<std::string> Rerere::remaining() {
  std::map<std::string, bool> paths;
  for (const auto& [path, id] : records_) paths[path] = true;
  for (std::size_t at = 0; at < index_.size();) {
    const std::string& path = index_[at].path;
    switch (classify(at)) {
      case Kind::punted:
        paths[path] = true;
        break;
      case Kind::resolved:
        paths.erase(path);
        break;
      case Kind::three_staged:
        break;
    }
  }
  std::vector<std::string> left;
  for (const auto& [path, is_left] : paths) left.push_back(path);
  return left;
}

int run_rerere(Repository& repo, int autoupdate) {
  if (!repo.config().get_bool_or("rerere.enabled", is_directory(repo.git_path("rr-cache")))) return 0;
  Rerere rerere(repo);
  return rerere.setup(autoupdate) ? rerere.run() : 0;
}

void rerere_clear(Repository& repo) {
  if (!repo.config().get_bool_or("rerere.enabled", is_directory(repo.git_path("rr-cache")))) return;
  Rerere rerere(repo);
  if (rerere.setup(0)) rerere.clear();
}

}  // namespace git
