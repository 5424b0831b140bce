// The stores are opened on first use, so that a command pays only for what it looks at.
#include "repository.h"

#include <unistd.h>

#include "base/env.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "config/ident.h"
#include "odb.h"
#include "odb/alternates.h"
#include "refs.h"
#include "setup.h"
#include "walk/commit-pool.h"

namespace git {

struct Repository::State {
  std::unique_ptr<Config> config;
  std::unique_ptr<ObjectDatabase> odb;
  std::unique_ptr<RefStore> refs;
  std::unique_ptr<CommitPool> commits;
  std::optional<std::string> ref_namespace;
  std::optional<std::vector<ObjectId>> shallow;
  std::optional<int> shared;
  std::unique_ptr<std::unordered_map<std::string, ObjectId>> replacements;
};

Repository::Repository(RepositoryLayout layout) : layout_(std::move(layout)), state_(std::make_unique<State>()) {}
Repository::~Repository() = default;

Result<std::unique_ptr<Repository>> Repository::open(const std::string& path) {
  auto git_dir = resolve_git_dir(path_join(path, ".git"));
  bool has_worktree = git_dir.has_value();
  if (!git_dir) git_dir = resolve_git_dir(path);
  if (!git_dir) return make_error(ErrorKind::missing, "not a git repository: %s", path);
  auto layout = read_repository_layout(*git_dir);
  if (!layout) return layout.error();
  layout->is_bare = layout->configured_bare.value_or(!has_worktree && !layout->configured_worktree);
  if (!layout->is_bare && layout->configured_worktree) {
    const std::string& worktree = *layout->configured_worktree;
    layout->worktree = real_path_forgiving(is_absolute_path(worktree) ? worktree : path_join(*git_dir, worktree));
  } else if (!layout->is_bare && has_worktree) {
    layout->worktree = real_path_forgiving(path);
  } else if (!layout->is_bare && path_basename(*git_dir) == ".git") {
    layout->worktree = real_path_forgiving(path_join(*git_dir, ".."));
  }
  return std::make_unique<Repository>(std::move(*layout));
}

void Repository::set_git_dir(const std::string& git_dir) {
  bool was_own = layout_.common_dir_shown == layout_.git_dir;
  layout_.git_dir = git_dir;
  layout_.common_dir_shown = was_own ? git_dir : layout_.common_dir;
}

// ---- paths ----

namespace {

// Names below a linked worktree's git directory that belong to all worktrees.
bool is_common_name(std::string_view name) {
  auto below = [&](std::string_view dir) { return path_below(name, dir).has_value(); };
  if (below("logs")) {
    if (name == "logs/HEAD" || below("logs/refs/bisect") || below("logs/refs/worktree") || below("logs/refs/rewritten"))
      return false;
    return true;
  }
  if (below("refs")) return !(below("refs/bisect") || below("refs/worktree") || below("refs/rewritten"));
  if (below("info")) return name != "info/sparse-checkout";
  if (name == "HEAD") return false;
  for (std::string_view dir :
       {"branches", "common", "hooks", "lost-found", "objects", "remotes", "worktrees", "rr-cache", "svn", "reftable"})
    if (below(dir)) return true;
  for (std::string_view file : {"config", "gc.pid", "packed-refs", "shallow"})
    if (name == file) return true;
  return false;
}

}  // namespace

std::string Repository::git_path(std::string_view name) const {
  std::string_view plain = name;
  std::string_view stem = plain;
  strip_suffix(stem, ".lock");
  bool is_own = layout_.common_dir_shown == layout_.git_dir;
  if (plain == "index" && !layout_.index_file.empty()) return layout_.index_file;
  if (!layout_.objects_dir.empty() && (plain == "objects" || starts_with(plain, "objects/")))
    return layout_.objects_dir + std::string(plain.substr(std::string_view("objects").size()));
  if (plain == "info/grafts")
    if (auto grafts = get_env("GIT_GRAFT_FILE")) return *grafts;
  std::string path = path_join(is_own || !is_common_name(stem) ? layout_.git_dir : layout_.common_dir_shown, name);
  return starts_with(path, "./") ? path.substr(2) : path;
}
std::string Repository::common_path(std::string_view name) const { return path_join(layout_.common_dir_shown, name); }
std::string Repository::worktree_path(std::string_view name) const { return path_join(*layout_.worktree, name); }
std::string Repository::index_file() const { return git_path("index"); }

// ---- stores ----

Config& Repository::config() {
  if (state_->config) return *state_->config;
  ConfigSources sources;
  sources.git_dir = layout_.git_dir;
  sources.common_dir = layout_.common_dir;
  sources.display_dir = layout_.common_dir_shown;
  sources.worktree = layout_.worktree.value_or("");
  sources.use_worktree_config = layout_.worktree_config;
  sources.current_branch = [this]() -> std::optional<std::string> {
    // Not through refs(), whose options come from the configuration that is being read.
    RefStoreOptions options;
    options.algo = layout_.algo;
    options.git_dir = layout_.git_dir_abs;
    options.common_dir = layout_.common_dir;
    options.format = layout_.ref_format;
    auto head = RefStore::open(std::move(options))->read("HEAD");
    std::string_view branch = head ? std::string_view(head->symref_target) : std::string_view();
    if (!skip_prefix(branch, "refs/heads/")) return std::nullopt;
    return std::string(branch);
  };
  state_->config = std::make_unique<Config>(std::move(sources));
  return *state_->config;
}

int Repository::shared_repository() {
  if (!state_->shared) {
    const ConfigEntry* entry = config().find("core.sharedrepository");
    state_->shared = entry ? parse_shared_repository(entry->key, entry->value) : 0;
  }
  return *state_->shared;
}

ObjectDatabase& Repository::odb() {
  if (state_->odb) return *state_->odb;
  Config& c = config();
  OdbOptions options;
  options.algo = layout_.algo;
  options.objects_dir = absolute_path(git_path("objects"));
  if (auto list = get_env("GIT_ALTERNATE_OBJECT_DIRECTORIES")) options.alternates = parse_alternates_list(*list);
  options.big_file_threshold = c.get_ulong("core.bigfilethreshold").value_or(options.big_file_threshold);
  auto level = [&](const char* key) {
    auto value = c.get_int(key);
    if (value && (*value < -1 || *value > 9)) die("bad zlib compression level %d", *value);
    return value;
  };
  auto general = level("core.compression");
  options.loose_compression = level("core.loosecompression").value_or(general.value_or(options.loose_compression));
  options.pack_compression = level("pack.compression").value_or(general.value_or(options.pack_compression));
  options.delta_base_cache_limit = c.get_ulong("core.deltabasecachelimit").value_or(options.delta_base_cache_limit);
  options.use_multi_pack_index = c.get_bool_or("core.multipackindex", true);
  options.shared_repository = shared_repository();
  state_->odb = std::make_unique<ObjectDatabase>(std::move(options));
  if (use_replace_refs && !env_bool("GIT_NO_REPLACE_OBJECTS", false) && c.get_bool_or("core.usereplacerefs", true))
    state_->odb->set_replace_lookup([this](const ObjectId& oid) { return find_replacement(oid); });
  return *state_->odb;
}

// refs/replace, read once.
ObjectId Repository::find_replacement(const ObjectId& oid) {
  if (!state_->replacements) {
    state_->replacements = std::make_unique<std::unordered_map<std::string, ObjectId>>();
    std::string base = get_env_or("GIT_REPLACE_REF_BASE", "refs/replace/");
    if (!ends_with(base, "/")) base += '/';
    refs().for_each(base, [&](const Ref& ref) {
      auto name = ObjectId::from_hex(std::string_view(ref.name).substr(base.size()), layout_.algo);
      if (!name) {
        warning("bad replace ref name: %s", ref.name);
        return true;
      }
      state_->replacements->emplace(name->hex(), ref.oid);
      return true;
    });
  }
  if (state_->replacements->empty()) return oid;
  constexpr int kMaxDepth = 5;
  ObjectId current = oid;
  for (int i = 0; i < kMaxDepth; i++) {
    auto at = state_->replacements->find(current.hex());
    if (at == state_->replacements->end()) return current;
    current = at->second;
  }
  die("replace depth too high for object %s", oid);
}

RefStore& Repository::refs() {
  if (state_->refs) return *state_->refs;
  Config& c = config();
  RefStoreOptions options;
  options.algo = layout_.algo;
  options.git_dir = layout_.git_dir_abs;
  options.common_dir = layout_.common_dir;
  options.format = layout_.ref_format;
  options.is_bare = layout_.is_bare;
  if (const ConfigEntry* entry = c.find("core.logallrefupdates")) {
    if (entry->value && iequals(*entry->value, "always"))
      options.log_all_ref_updates = 2;
    else
      options.log_all_ref_updates = *c.get_bool("core.logallrefupdates") ? 1 : 0;
  }
  options.write_symlink_head = c.get_bool_or("core.prefersymlinkrefs", false);
  options.files_lock_timeout_ms = c.get_int_or("core.filesreflocktimeout", 100);
  options.packed_lock_timeout_ms = c.get_int_or("core.packedrefstimeout", 1000);
  options.reftable_block_size = static_cast<unsigned>(c.get_ulong("reftable.blocksize").value_or(4096));
  options.reftable_restart_interval = static_cast<unsigned>(c.get_ulong("reftable.restartinterval").value_or(16));
  options.reftable_geometric_factor = static_cast<unsigned>(c.get_ulong("reftable.geometricfactor").value_or(2));
  options.reftable_lock_timeout_ms = static_cast<long>(c.get_int64("reftable.locktimeout").value_or(100));
  options.shared_repository = shared_repository();
  options.committer_ident = [this] { return committer_ident(config(), 0); };
  options.object_exists = [this](const ObjectId& oid) { return odb().has(oid, kLookupNoReplace); };
  options.is_commit = [this](const ObjectId& oid) { return odb().type_of(oid, kLookupNoReplace) == ObjectType::commit; };
  options.peel = [this](const ObjectId& oid) { return peel_tag(oid); };
  if (ref_transaction_hook) options.transaction_hook = ref_transaction_hook;
  state_->refs = RefStore::open(std::move(options));
  return *state_->refs;
}

// What a tag points at in the end; nullopt where `oid` is no tag.
std::optional<ObjectId> Repository::peel_tag(const ObjectId& oid) {
  ObjectId current = oid;
  bool is_tag = false;
  ObjectType type = odb().type_of(current);
  while (type == ObjectType::tag) {
    auto object = odb().read(current);
    if (!object) return std::nullopt;
    auto tag = parse_tag(object->data, layout_.algo);
    if (!tag) return std::nullopt;
    current = tag->object;
    is_tag = true;
    // A tag that lies about what it points at is not peeled, so that whoever reads it notices.
    type = odb().type_of(current);
    if (type != tag->type) return std::nullopt;
  }
  if (!is_tag || type == ObjectType::bad) return std::nullopt;
  return current;
}

CommitPool& Repository::commits() {
  if (state_->commits) return *state_->commits;
  CommitPool::Settings settings;
  settings.use_commit_graph = config().get_bool_or("core.commitgraph", true);
  state_->commits = std::make_unique<CommitPool>(odb(), settings);
  for (const ObjectId& oid : shallow_commits()) state_->commits->set_shallow(oid);
  load_grafts();
  return *state_->commits;
}

// info/grafts: "commit parent parent ..." per line.
void Repository::load_grafts() {
  auto text = read_file_if_exists(git_path("info/grafts"));
  if (!text) return;
  for (std::string_view line : split_lines(*text)) {
    line = rtrim(line);
    if (line.empty() || line[0] == '#') continue;
    std::vector<ObjectId> ids;
    bool is_bad = false;
    for (std::string_view word : split(line, ' ')) {
      auto id = ObjectId::from_hex(word, layout_.algo);
      if (!id) is_bad = true;
      if (id) ids.push_back(*id);
    }
    if (is_bad) {
      error("bad graft data: %s", line);
      continue;
    }
    ObjectId child = ids.front();
    ids.erase(ids.begin());
    state_->commits->set_graft(child, std::move(ids));
  }
}

// ---- shallow ----

std::string Repository::shallow_file() const {
  if (auto file = get_env("GIT_SHALLOW_FILE")) return *file;
  return common_path("shallow");
}
std::vector<ObjectId> Repository::shallow_commits() {
  if (state_->shallow) return *state_->shallow;
  std::vector<ObjectId> commits;
  std::string file = shallow_file();
  auto text = file.empty() ? std::nullopt : read_file_if_exists(file);
  if (text)
    for (std::string_view line : split_lines(*text)) {
      auto id = ObjectId::from_hex(rtrim(line), layout_.algo);
      if (!id) die("bad shallow line: %s", line);
      commits.push_back(*id);
    }
  state_->shallow = commits;
  return commits;
}
bool Repository::is_shallow() { return !shallow_commits().empty(); }
void Repository::reload_shallow() {
  state_->shallow.reset();
  state_->commits.reset();
}

const std::string& Repository::ref_namespace() {
  if (state_->ref_namespace) return *state_->ref_namespace;
  std::string full;
  if (auto name = get_env("GIT_NAMESPACE"); name && !name->empty()) {
    for (std::string_view part : split(*name, '/'))
      if (!part.empty()) full += "refs/namespaces/" + std::string(part) + "/";
    if (!check_refname_format(std::string_view(full).substr(0, full.size() - 1), 0)) die("bad git namespace path \"%s\"", *name);
  }
  state_->ref_namespace = full;
  return *state_->ref_namespace;
}

}  // namespace git
