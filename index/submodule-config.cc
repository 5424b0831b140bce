// A submodule has a name and a path: the name is for ever (its repository lives below modules/<name>), the path changes.  In
// one .gitmodules a later setting wins; in a file of history the first one does, since nobody can correct that file any more.
#include "index/submodule-config.h"

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "index.h"
#include "index/pathspec.h"
#include "object/fsck.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "setup.h"
#include "walk/tree-lookup.h"

namespace git {
namespace {

constexpr const char* kFile = ".gitmodules";

bool looks_like_option(std::string_view text) { return !text.empty() && text[0] == '-'; }

// Fills a table from the entries of one file.
class TableReader {
 public:
  TableReader(SubmoduleTable& table, bool is_history, std::string origin)
      : table_(table), is_history_(is_history), origin_(std::move(origin)) {}

  // An error where the entry makes the file as a whole a bad one.
  Result<void> add(const ConfigEntry& entry) {
    std::string_view rest = entry.key;
    std::size_t dot = rest.rfind('.');
    if (!skip_prefix(rest, "submodule.") || dot == std::string_view::npos || dot < 10) return {};
    std::string_view name = std::string_view(entry.key).substr(10, dot - 10), item = std::string_view(entry.key).substr(dot + 1);
    if (!is_safe_submodule_name(name)) {
      warning(_("ignoring suspicious submodule name: %s"), name);
      return {};
    }
    Submodule& submodule = table_.entry(name);
    if (item == "shallow") {
      auto truth = parse_config_bool(entry.key, entry.value);
      if (!truth) return truth.error();
      if (is_taken(submodule.recommend_shallow.has_value(), submodule, item)) return {};
      submodule.recommend_shallow = *truth;
      return {};
    }
    const bool is_known = item == "path" || item == "fetchrecursesubmodules" || item == "ignore" || item == "url" ||
                          item == "update" || item == "branch";
    if (!is_known) return {};
    if (!entry.value) return bad(entry);
    return set(submodule, item, entry);
  }

 private:
  Result<void> bad(const ConfigEntry& entry) {
    error(_("missing value for '%s'"), entry.key);
    return make_error(
        ErrorKind::invalid, "%s",
        strf(is_history_ ? _("bad config line %d in %s") : _("bad config line %d in file %s"), entry.line, origin_));
  }

  bool is_taken(bool is_set, const Submodule& submodule, std::string_view item) {
    if (!is_history_ || !is_set) return false;
    std::string where = origin_;
    std::string_view shown = where;
    skip_prefix(shown, "submodule-blob ");
    warning(_("%s, multiple configurations found for 'submodule.%s.%s'. Skipping second one!"), shown, submodule.name, item);
    return true;
  }

  Result<void> set(Submodule& s, std::string_view item, const ConfigEntry& entry) {
    const std::string& value = *entry.value;
    if (item == "path" || item == "url") {
      if (looks_like_option(value)) {
        warning(_("ignoring '%s' which may be interpreted as a command-line option: %s"), entry.key, value);
        return {};
      }
      if (item == "path") {
        if (!is_taken(!s.path.empty(), s, item)) table_.set_path(s, value);
      } else if (!is_taken(s.url.has_value(), s, item)) {
        s.url = value;
      }
    } else if (item == "fetchrecursesubmodules") {
      if (is_taken(s.fetch_recurse != SubmoduleRecurse::unset, s, item)) return {};
      auto mode = parse_fetch_recurse(value);
      if (!mode && !is_history_) die(_("bad %s argument: %s"), entry.key, value);
      s.fetch_recurse = mode.value_or(SubmoduleRecurse::unset);
    } else if (item == "ignore") {
      if (is_taken(s.ignore.has_value(), s, item)) return {};
      if (value != "untracked" && value != "dirty" && value != "all" && value != "none")
        warning(_("Invalid parameter '%s' for config option 'submodule.%s.%s'"), value, s.name, item);
      else
        s.ignore = value;
    } else if (item == "update") {
      if (is_taken(s.update.type != SubmoduleUpdate::unspecified, s, item)) return {};
      auto strategy = parse_submodule_update_strategy(value);
      if (!strategy || strategy->type == SubmoduleUpdate::command) die(_("invalid value for '%s'"), entry.key);
      s.update = *strategy;
    } else if (item == "branch") {
      if (!is_taken(s.branch.has_value(), s, item)) s.branch = value;
    }
    return {};
  }

  SubmoduleTable& table_;
  bool is_history_;
  std::string origin_;
};

// Where the .gitmodules is that counts now.
struct CurrentFile {
  std::string text, name;
  bool is_blob = false;
};
std::optional<CurrentFile> read_current_file(Repository& repo) {
  if (!repo.worktree()) {
    // A bare repository has only what its HEAD says.
  } else {
    const std::string path = repo.worktree_path(kFile);
    if (auto text = read_file_if_exists(path)) return CurrentFile{std::move(*text), path, false};
    Index index = Index::read(repo);
    if (index.is_path_unmerged(kFile)) return std::nullopt;
    if (IndexEntry* e = index.find(kFile)) {
      auto data = repo.odb().read(e->oid);
      if (data) return CurrentFile{std::move(data->data), std::string(":") + kFile, true};
    }
  }
  auto head = repo.refs().resolve("HEAD");
  if (!head || head->oid.is_null()) return std::nullopt;
  auto entry = find_tree_entry(repo.odb(), head->oid, kFile);
  if (!entry) return std::nullopt;
  auto data = repo.odb().read(entry->oid);
  if (!data || data->type != ObjectType::blob) return std::nullopt;
  return CurrentFile{std::move(data->data), std::string("HEAD:") + kFile, true};
}

}  // namespace

std::optional<SubmoduleUpdateStrategy> parse_submodule_update_strategy(std::string_view word) {
  SubmoduleUpdateStrategy strategy;
  if (word == "none")
    strategy.type = SubmoduleUpdate::none;
  else if (word == "checkout")
    strategy.type = SubmoduleUpdate::checkout;
  else if (word == "rebase")
    strategy.type = SubmoduleUpdate::rebase;
  else if (word == "merge")
    strategy.type = SubmoduleUpdate::merge;
  else if (skip_prefix(word, "!"))
    strategy = {SubmoduleUpdate::command, std::string(word)};
  else
    return std::nullopt;
  return strategy;
}

std::string format_submodule_update_strategy(const SubmoduleUpdateStrategy& strategy) {
  switch (strategy.type) {
    case SubmoduleUpdate::checkout:
      return "checkout";
    case SubmoduleUpdate::rebase:
      return "rebase";
    case SubmoduleUpdate::merge:
      return "merge";
    case SubmoduleUpdate::none:
      return "none";
    case SubmoduleUpdate::command:
      return "!" + strategy.command;
    case SubmoduleUpdate::unspecified:
      break;
  }
  return {};
}

std::optional<SubmoduleRecurse> parse_fetch_recurse(const std::string& word) {
  if (auto truth = parse_maybe_bool(word)) return *truth ? SubmoduleRecurse::on : SubmoduleRecurse::off;
  if (word == "on-demand") return SubmoduleRecurse::on_demand;
  return std::nullopt;
}

// ---- tables ----

const Submodule* SubmoduleTable::find_by_path(std::string_view path) const {
  auto it = name_of_path_.find(path);
  return it == name_of_path_.end() ? nullptr : find_by_name(it->second);
}

const Submodule* SubmoduleTable::find_by_name(std::string_view name) const {
  auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &it->second;
}

Submodule& SubmoduleTable::entry(std::string_view name) {
  auto [it, is_new] = by_name_.try_emplace(std::string(name));
  if (is_new) it->second.name = name;
  return it->second;
}

void SubmoduleTable::set_path(Submodule& submodule, const std::string& path) {
  if (auto it = name_of_path_.find(submodule.path); it != name_of_path_.end() && it->second == submodule.name)
    name_of_path_.erase(it);
  submodule.path = path;
  name_of_path_[path] = submodule.name;
}

SubmoduleConfig::SubmoduleConfig(Repository& repo) : repo_(repo) {}
SubmoduleConfig::~SubmoduleConfig() = default;

const SubmoduleTable& SubmoduleConfig::current() {
  if (current_) return *current_;
  current_ = std::make_unique<SubmoduleTable>();
  auto file = read_current_file(repo_);
  if (!file) return *current_;
  auto entries = parse_config_text(file->text, file->name);
  if (!entries) die("%s", entries.error().message);
  TableReader reader(*current_, false, file->name);
  for (const ConfigEntry& entry : *entries) reader.add(entry).or_die();
  return *current_;
}

const SubmoduleTable& SubmoduleConfig::of_tree(const ObjectId& treeish) {
  if (treeish.is_null()) return current();
  auto [it, is_new] = trees_.try_emplace(treeish);
  if (!is_new) return it->second;
  auto found = find_tree_entry(repo_.odb(), treeish, kFile);
  if (!found) return it->second;
  auto data = repo_.odb().read(found->oid);
  if (!data || data->type != ObjectType::blob) return it->second;
  const std::string origin = "submodule-blob " + treeish.hex() + ":" + kFile;
  TableReader reader(it->second, true, treeish.hex() + ":" + kFile);
  auto entries = parse_config_text(data->data, origin);
  std::string_view text = data->data;
  if (!entries) {
    // What stands in front of the bad line still counts.
    std::string message = replace_all(entries.error().message, "in file " + origin, "in " + origin);
    error("%s", message);
    std::size_t at = message.find("line ");
    auto line = at == std::string::npos ? 0 : static_cast<std::size_t>(std::strtoul(message.c_str() + at + 5, nullptr, 10));
    std::size_t end = 0;
    for (std::size_t i = 1; i < line && end < text.size(); i++) {
      std::size_t newline = text.find('\n', end);
      end = newline == std::string_view::npos ? text.size() : newline + 1;
    }
    entries = parse_config_text(text.substr(0, end), origin);
    if (!entries) return it->second;
  }
  for (const ConfigEntry& entry : *entries)
    if (auto added = reader.add(entry); !added) {
      error("%s", added.error().message);
      break;
    }
  return it->second;
}

bool SubmoduleConfig::is_active(const Submodule* submodule) {
  if (!submodule || submodule->path.empty()) return false;
  Config& config = repo_.config();
  if (auto active = config.get_bool("submodule." + submodule->name + ".active")) return *active;
  if (config.find("submodule.active")) {
    Pathspec spec = parse_pathspec(repo_, config.get_strings("submodule.active"), "");
    return match_pathspec(nullptr, spec, submodule->path, {}) != 0;
  }
  return config.find("submodule." + submodule->name + ".url") != nullptr;
}

// ---- the file ----

std::vector<GitmodulesValue> read_gitmodules_values(Repository& repo) {
  std::vector<GitmodulesValue> values;
  auto file = read_current_file(repo);
  if (!file) return values;
  auto entries = parse_config_text(file->text, file->name);
  if (!entries) die("%s", entries.error().message);
  for (const ConfigEntry& entry : *entries) values.push_back({entry.key, entry.value.value_or("")});
  return values;
}

bool is_writing_gitmodules_ok(Repository& repo) {
  if (path_exists(repo.worktree_path(kFile))) return true;
  Index index = Index::read(repo);
  if (index.find(kFile)) return false;
  auto head = repo.refs().resolve("HEAD");
  return !head || head->oid.is_null() || !find_tree_entry(repo.odb(), head->oid, kFile);
}

int set_in_gitmodules(std::string_view key, const std::optional<std::string>& value) {
  int code = config_set_in_file(kFile, key, value);
  if (code) warning(_("Could not update .gitmodules entry %s"), key);
  return code;
}

int submodule_fetch_jobs(Repository& repo) {
  std::optional<std::int64_t> jobs = repo.config().get_int("submodule.fetchjobs");
  if (!jobs)
    for (const GitmodulesValue& entry : read_gitmodules_values(repo))
      if (entry.key == "submodule.fetchjobs") jobs = parse_int(entry.value);
  if (jobs.value_or(1) < 0) die(_("negative values not allowed for %s"), "submodule.fetchJobs");
  return static_cast<int>(jobs.value_or(1));
}

// ---- where its repository is ----

std::string submodule_git_dir_of_name(Repository& repo, std::string_view name) {
  if (repo.layout().submodule_path_config)
    if (auto configured = repo.config().get_string("submodule." + std::string(name) + ".gitdir")) {
      if (is_absolute_path(*configured) || !repo.worktree()) return *configured;
      return *configured;
    }
  return repo.git_path("modules/" + std::string(name));
}

std::optional<std::string> populated_submodule_git_dir(const std::string& path) {
  return resolve_git_dir(path_join(path, ".git"));
}

bool is_submodule_populated(const std::string& path) { return populated_submodule_git_dir(path).has_value(); }

std::unique_ptr<Repository> open_submodule(Repository& super, SubmoduleConfig& config, const std::string& path,
                                           const ObjectId* treeish) {
  const std::string top = super.worktree() ? path_join(*super.worktree(), path) : path;
  if (auto git_dir = populated_submodule_git_dir(top)) {
    auto repo = Repository::open(top);
    if (repo) return std::move(*repo);
    return nullptr;
  }
  const Submodule* submodule = treeish ? config.of_tree(*treeish).find_by_path(path) : config.find(path);
  if (!submodule) return nullptr;
  std::string git_dir = submodule_git_dir_of_name(super, submodule->name);
  if (!is_git_directory(git_dir)) return nullptr;
  auto repo = Repository::open(git_dir);
  return repo ? std::move(*repo) : nullptr;
}

}  // namespace git
