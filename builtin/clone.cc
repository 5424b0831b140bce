// git clone: a new repository from another one.  Whatever fails on the way, nothing of the new repository stays behind.
#include <unistd.h>

#include <csignal>

#include "advice.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "bundle-uri.h"
#include "bundle.h"
#include "clone-source.h"
#include "config.h"
#include "connected.h"
#include "hook.h"
#include "index.h"
#include "index/unpack-trees.h"
#include "net/url.h"
#include "odb.h"
#include "promisor-remote.h"
#include "refs.h"
#include "remote-refs.h"
#include "remote.h"
#include "repository.h"
#include "setup.h"
#include "shallow.h"
#include "transport.h"
#include "walk/commit-pool.h"
#include "walk/object-filter.h"

GIT_BUILTIN("clone", cmd_clone, 0)

namespace git {

namespace {

struct CloneOptions {
  int verbosity = 0, progress = -1, family = 0, jobs = -1;
  bool no_checkout = false, bare = false, mirror = false, shared = false, no_hardlinks = false, dissociate = false;
  int also_filter_submodules = -1;  // -1: clone.filterSubmodules
  bool no_tags = false, remote_submodules = false, sparse = false, shallow_submodules = false;
  int local = -1, single_branch = -1, reject_shallow = -1, tags = 1;
  std::optional<std::string> template_dir, origin, branch, revision, upload_pack, depth, since, separate_git_dir, filter,
      ref_format, bundle_uri;
  std::vector<std::string> exclude, config, references, optional_references, server_options, submodules;
  bool recurse = false;
  std::string remote_name;
};

void declare_options(Options& options, CloneOptions& o) {
  options.verbosity(&o.verbosity);
  options.set_int(0, "progress", &o.progress, 1, N_("force progress reporting"));
  options.boolean(0, "reject-shallow", &o.reject_shallow, N_("don't clone shallow repository"));
  options.boolean('n', "no-checkout", &o.no_checkout, N_("don't create a checkout"));
  options.boolean(0, "bare", &o.bare, N_("create a bare repository"));
  options.boolean(0, "naked", &o.bare, N_("create a bare repository"), kOptHidden);
  options.boolean(0, "mirror", &o.mirror, N_("create a mirror repository (implies --bare)"));
  options.boolean('l', "local", &o.local, N_("to clone from a local repository"));
  options.boolean(0, "no-hardlinks", &o.no_hardlinks, N_("don't use local hardlinks, always copy"));
  options.boolean('s', "shared", &o.shared, N_("setup as shared repository"));
  auto submodules = [&o](const std::optional<std::string>& value, bool unset) {
    o.recurse = !unset;
    if (unset)
      o.submodules.clear();
    else
      o.submodules.push_back(value.value_or("."));
    return true;
  };
  options.callback(0, "recurse-submodules", "pathspec", N_("initialize submodules in the clone"), submodules, kOptOptionalArg);
  options.callback(0, "recursive", "pathspec", N_("alias of --recurse-submodules"), submodules, kOptOptionalArg);
  options.integer('j', "jobs", &o.jobs, "n", N_("number of submodules cloned in parallel"));
  options.string(0, "template", &o.template_dir, "template-directory", N_("directory from which templates will be used"));
  options.strings(0, "reference", &o.references, "repo", N_("reference repository"));
  options.strings(0, "reference-if-able", &o.optional_references, "repo", N_("reference repository"));
  options.boolean(0, "dissociate", &o.dissociate, N_("use --reference only while cloning"));
  options.string('o', "origin", &o.origin, "name", N_("use <name> instead of 'origin' to track upstream"));
  options.string('b', "branch", &o.branch, "branch", N_("checkout <branch> instead of the remote's HEAD"));
  options.string(0, "revision", &o.revision, "rev", N_("clone single revision <rev> and check out"));
  options.string('u', "upload-pack", &o.upload_pack, "path", N_("path to git-upload-pack on the remote"));
  options.string(0, "depth", &o.depth, "depth", N_("create a shallow clone of that depth"));
  options.string(0, "shallow-since", &o.since, "time", N_("create a shallow clone since a specific time"));
  options.strings(0, "shallow-exclude", &o.exclude, "ref", N_("deepen history of shallow clone, excluding ref"));
  options.boolean(0, "single-branch", &o.single_branch, N_("clone only one branch, HEAD or --branch"));
  options.boolean(0, "tags", &o.tags, N_("clone tags, and make later fetches not to follow them"));
  options.boolean(0, "shallow-submodules", &o.shallow_submodules, N_("any cloned submodules will be shallow"));
  options.string(0, "separate-git-dir", &o.separate_git_dir, "gitdir", N_("separate git dir from working tree"));
  options.string(0, "ref-format", &o.ref_format, "format", N_("specify the reference format to use"));
  options.strings('c', "config", &o.config, "key=value", N_("set config inside the new repository"));
  options.strings(0, "server-option", &o.server_options, "server-specific", N_("option to transmit"));
  options.set_int('4', "ipv4", &o.family, 4, N_("use IPv4 addresses only"), kOptNoNeg);
  options.set_int('6', "ipv6", &o.family, 6, N_("use IPv6 addresses only"), kOptNoNeg);
  options.callback(0, "filter", "args", N_("object filtering"), [&o](const std::optional<std::string>& value, bool unset) {
    if (unset) {
      o.filter.reset();
      return true;
    }
    // What the server's promisors leave out is left out.
    if (value == "auto" || o.filter == "auto") {
      if (o.filter && o.filter != value) die(_("an 'auto' filter cannot be combined with any other filter"));
      o.filter = "auto";
      return true;
    }
    ObjectFilter filter;
    if (o.filter) filter = parse_object_filter(*o.filter).take_or_die();
    add_object_filter(filter, *value).or_die();
    o.filter = filter.spec;
    return true;
  });
  options.boolean(0, "also-filter-submodules", &o.also_filter_submodules, N_("apply partial clone filters to submodules"));
  options.boolean(0, "remote-submodules", &o.remote_submodules,
                  N_("any cloned submodules will use their remote-tracking branch"));
  options.string(0, "bundle-uri", &o.bundle_uri, "uri", N_("a URI for downloading bundles before fetching from origin remote"));
  options.boolean(0, "sparse", &o.sparse, N_("initialize sparse-checkout file to include only files at root"));
}

// ---- what goes when the clone fails ----

class Junk {
 public:
  ~Junk() { clean(); }
  void watch(const std::string& path, bool existed) {
    if (!path.empty()) entries_.push_back({absolute_path(path), existed});
    active() = this;
    for (int signal : {SIGINT, SIGHUP, SIGTERM, SIGQUIT}) std::signal(signal, on_signal);
  }
  // The repository stays even if the checkout fails.
  void keep_repository() { keeps_ = true; }
  void release() { entries_.clear(), active() = nullptr; }

 private:
  struct Entry {
    std::string path;
    bool existed;  // only its content goes
  };
  static Junk*& active() {
    static Junk* junk = nullptr;  // the signal handler has no other way to know
    return junk;
  }
  static void on_signal(int signal) {
    if (active()) active()->clean();
    std::signal(signal, SIG_DFL);
    raise(signal);
  }
  void clean() {
    if (keeps_ && !entries_.empty()) {
      warning("%s", _("Clone succeeded, but checkout failed.\nYou can inspect what was checked out with 'git status'\nand retry "
                      "with 'git restore --source=HEAD :/'\n"));
      entries_.clear();
    }
    for (const Entry& entry : entries_) remove_dir_recursively(entry.path, entry.existed);
    entries_.clear();
    active() = nullptr;
  }
  std::vector<Entry> entries_;
  bool keeps_ = false;
};

// ---- the clone ----

class Clone {
 public:
  Clone(Invocation& inv, CloneOptions options, std::vector<std::string> args)
      : inv_(inv), o_(std::move(options)), args_(std::move(args)) {}
  int run();

 private:
  void check_options();
  void find_places();
  void create_repository();
  void write_config();
  void add_reference(const std::string& name, bool is_required);
  void configure_remote();
  void set_transport_options(Transport& transport);
  bool is_local_copy();
  void check_url_is_no_path(const std::string& url);
  RemoteRefs wanted_refs(const RemoteRefs& all);
  void fetch(Transport& transport, RemoteRefs& mapped);
  void fetch_bundles(Transport& transport);
  void clone_objects_locally();
  void adopt_algorithm(HashAlgo algo);
  void write_remote_refs(const RemoteRefs& mapped, const RemoteRefs& all);
  void choose_head(const RemoteRefs& all, const RemoteRefs& mapped);
  void set_head();
  void install_branch(const std::string& branch, const std::string& merge);
  int checkout();
  void dissociate();
  int update_submodules();
  std::string config_key(std::string_view key) const { return strf("remote.%s.%s", o_.remote_name, key); }
  void set_config(const std::string& key, const std::string& value) {
    if (config_set_in_file(config_file_, key, value) != 0) die(_("could not set '%s' to '%s'"), key, value);
  }
  Repository& repo() { return *repo_; }

  Invocation& inv_;
  CloneOptions o_;
  std::vector<std::string> args_;
  std::string url_;                  // as the remote is configured
  std::optional<std::string> path_;  // a local source
  bool is_bundle_ = false, is_local_ = false;
  std::string dir_, git_dir_, config_file_;
  std::optional<std::string> work_tree_;
  std::unique_ptr<Config> early_;
  std::unique_ptr<Repository> repo_;
  Junk junk_;
  bool shallow_ = false, needs_dissociate_ = false, is_empty_ = false;
  std::string reflog_;
  Refspec refspec_{true};
  std::string unborn_;                         // "refs/heads/x" of an empty remote
  std::optional<RemoteRef> our_head_;          // what HEAD shall be on
  std::optional<RemoteRef> remote_head_;       // the remote's HEAD
  std::optional<RemoteRef> remote_points_at_;  // the branch that one is on
};

void Clone::check_options() {
  if (args_.empty()) die("%s", _("You must specify a repository to clone."));
  if (o_.mirror) o_.bare = true;
  if (o_.bare) {
    if (o_.separate_git_dir) die(_("options '%s' and '%s' cannot be used together"), "--bare", "--separate-git-dir");
    o_.no_checkout = true;
  }
  bool deepens = o_.depth || o_.since || !o_.exclude.empty();
  shallow_ = deepens;
  if (deepens && o_.bundle_uri)
    die(_("options '%s' and '%s' cannot be used together"), "--bundle-uri", "--depth/--shallow-since/--shallow-exclude");
  if (o_.revision) {
    if (o_.branch) die(_("options '%s' and '%s' cannot be used together"), "--revision", "--branch");
    if (o_.mirror) die(_("options '%s' and '%s' cannot be used together"), "--revision", "--mirror");
    o_.tags = 0;
    o_.single_branch = 0;
  }
  if (o_.ref_format && *o_.ref_format != "files" && *o_.ref_format != "reftable")
    die(_("unknown ref storage format '%s'"), *o_.ref_format);
  if (o_.single_branch < 0) o_.single_branch = deepens ? 1 : 0;
  if (o_.depth && (!parse_uint(*o_.depth) || *parse_uint(*o_.depth) == 0)) die(_("depth %s is not a positive number"), *o_.depth);
  early_ = std::make_unique<Config>(ConfigSources{});
  for (const std::string& pair : o_.config) {
    std::size_t equals = pair.find('=');
    early_->add_command_override(pair.substr(0, equals),
                                 equals == std::string::npos ? std::nullopt : std::optional(pair.substr(equals + 1)));
  }
  o_.remote_name = o_.origin ? *o_.origin : early_->get_string_or("clone.defaultremotename", "origin");
  if (!is_valid_remote_name(o_.remote_name)) die(_("'%s' is not a valid remote name"), o_.remote_name);
  if (o_.reject_shallow < 0) o_.reject_shallow = early_->get_bool_or("clone.rejectshallow", false);
  if (o_.template_dir && !o_.template_dir->empty()) o_.template_dir = absolute_path(*o_.template_dir);
}

void Clone::find_places() {
  std::string name = args_[0];
  if (auto found = find_clone_source(name)) {
    path_ = absolute_path(found->path);
    is_bundle_ = found->is_bundle;
    BundleHeader header;
    if (is_bundle_ && open_bundle(*path_, header) && !header.filter.empty()) die("%s", _("cannot clone from filtered bundle"));
    url_ = absolute_path(name);
    if (is_bundle_) url_ = *path_;
  } else if (name.find(':') != std::string::npos) {
    url_ = name;
  } else {
    die(_("repository '%s' does not exist"), name);
  }
  dir_ = args_.size() == 2 ? args_[1] : guess_clone_directory(name, is_bundle_, o_.bare);
  while (dir_.size() > 1 && dir_.back() == '/') dir_.pop_back();
  bool existed = path_exists(dir_);
  if (existed && !is_empty_dir(dir_)) die(_("destination path '%s' already exists and is not an empty directory."), dir_);
  if (o_.separate_git_dir) {
    o_.separate_git_dir = absolute_path(*o_.separate_git_dir);
    if (path_exists(*o_.separate_git_dir) && !is_empty_dir(*o_.separate_git_dir))
      die(_("repository path '%s' already exists and is not an empty directory."), *o_.separate_git_dir);
  }
  if (!o_.bare) work_tree_ = get_env("GIT_WORK_TREE");
  if (work_tree_ && path_exists(*work_tree_)) die(_("working tree '%s' already exists."), *work_tree_);
  reflog_ = "clone: from " + anonymize_url(url_);
  if (o_.bare || work_tree_) {
    git_dir_ = dir_;
  } else {
    work_tree_ = dir_;
    git_dir_ = dir_ + "/.git";
  }
  if (!o_.bare) {
    bool tree_existed = path_exists(*work_tree_);
    if (!make_leading_dirs(*work_tree_)) die_errno(_("could not create leading directories of '%s'"), *work_tree_);
    if (!tree_existed && !make_dir(*work_tree_)) die_errno(_("could not create work tree dir '%s'"), *work_tree_);
    junk_.watch(*work_tree_, tree_existed);
  }
  bool git_existed = path_exists(o_.separate_git_dir ? *o_.separate_git_dir : git_dir_);
  junk_.watch(o_.separate_git_dir ? *o_.separate_git_dir : git_dir_, git_existed);
  if (!make_leading_dirs(git_dir_)) die_errno(_("could not create leading directories of '%s'"), git_dir_);
  if (o_.verbosity >= 0) errf(o_.bare ? _("Cloning into bare repository '%s'...\n") : _("Cloning into '%s'...\n"), dir_);
}

void Clone::create_repository() {
  InitOptions init;
  init.git_dir = absolute_path(git_dir_);
  init.real_git_dir = o_.separate_git_dir;
  init.template_dir = o_.template_dir;
  if (!o_.bare && work_tree_) init.worktree = absolute_path(*work_tree_);
  init.is_bare = o_.bare;
  init.quiet = true;
  init.ref_format = o_.ref_format.value_or("");
  auto algo_of_source = [&]() -> HashAlgo {
    // The algorithm is the source's, whatever the default is.
    if (is_bundle_) {
      BundleHeader header;
      auto fd = open_bundle(*path_, header);
      if (fd) return header.algo;
    }
    if (path_ && !is_bundle_) {
      auto layout = read_repository_layout(*path_);
      if (layout) return layout->algo;
    }
    return HashAlgo::unknown;
  };
  init.algo = algo_of_source();
  repo_ = init_db(init);
  // Children (index-pack, hooks) work in the new repository.
  set_env("GIT_DIR", repo_->git_dir_abs());
  if (init.worktree) set_env("GIT_WORK_TREE", *init.worktree);
  config_file_ = repo().common_dir() + "/config";
}

void Clone::write_config() {
  for (const std::string& pair : o_.config) {
    std::size_t equals = pair.find('=');
    std::string key = pair.substr(0, equals);
    auto canonical = canonical_config_key(key);
    if (!canonical) die("%s", canonical.error().message);
    ConfigValueMatch none;
    none.pattern = "^$x";
    config_set_in_file(config_file_, key, equals == std::string::npos ? "true" : pair.substr(equals + 1), none, false);
  }
  if (o_.recurse) {
    for (const std::string& spec : o_.submodules) {
      ConfigValueMatch none;
      none.pattern = "^$x";
      config_set_in_file(config_file_, "submodule.active", spec, none, false);
    }
    if (early_->get_bool_or("submodule.stickyrecursiveclone", false)) set_config("submodule.recurse", "true");
    // Submodules borrow from where the superproject borrows.
    if (!o_.references.empty() && !o_.optional_references.empty())
      die("%s", _("clone --recursive is not compatible with both --reference and --reference-if-able"));
    if (!o_.references.empty() || !o_.optional_references.empty()) {
      set_config("submodule.alternateLocation", "superproject");
      set_config("submodule.alternateErrorStrategy", o_.references.empty() ? "info" : "die");
    }
  }
  for (const std::string& pair : o_.config)
    if (starts_with(lowercase(pair), "extensions.")) set_config("core.repositoryformatversion", "1");
  repo().config().reload();
}

void Clone::configure_remote() {
  std::string base = o_.bare ? (o_.mirror ? "refs/" : "refs/heads/") : "refs/remotes/" + o_.remote_name + "/";
  // What the configuration says of this remote already (clone -c, or for every repository) is fetched as well.
  for (const std::string& configured : repo().config().get_strings(config_key("fetch"))) refspec_.append(configured);
  if (o_.revision) {
    // Nothing is tracked: one commit is taken.
  } else if (o_.mirror) {
    refspec_.append("+refs/*:refs/*");
  } else {
    refspec_.append("+refs/heads/*:" + base + "*");
  }
  set_config(config_key("url"), url_);
  if (!o_.tags) set_config(config_key("tagOpt"), "--no-tags");
  repo().config().reload();
  for (const std::string& name : o_.references) add_reference(name, true);
  for (const std::string& name : o_.optional_references) add_reference(name, false);
}

void Clone::add_reference(const std::string& name, bool is_required) {
  auto fail = [&](const std::string& message) {
    if (is_required) die("%s", message);
    warning(_("could not add alternate for '%s': %s"), name, message);
  };
  auto git_dir = resolve_git_dir(name);
  if (!git_dir && is_directory(name + "/.git")) git_dir = resolve_git_dir(name + "/.git");
  if (!git_dir) {
    auto target = read_gitfile(name + "/.git");
    if (target) git_dir = *target;
  }
  if (!git_dir) return fail(strf(_("reference repository '%s' is not a local repository."), name));
  std::string real = real_path_forgiving(absolute_path(*git_dir));
  if (path_exists(real + "/commondir"))
    return fail(strf(_("reference repository '%s' as a linked checkout is not supported yet."), name));
  if (path_exists(real + "/shallow")) return fail(strf(_("reference repository '%s' is shallow"), name));
  if (path_exists(real + "/info/grafts")) return fail(strf(_("reference repository '%s' is grafted"), name));
  repo().odb().add_alternate_to_file(real + "/objects");
  needs_dissociate_ = o_.dissociate;
}

void Clone::set_transport_options(Transport& transport) {
  TransportOptions& t = transport.options;
  t.verbosity = o_.verbosity;
  t.progress = o_.progress;
  t.trace_identity = "clone";
  t.ipv4 = o_.family == 4;
  t.ipv6 = o_.family == 6;
  t.uploadpack = o_.upload_pack.value_or("");
  FetchPackArgs& args = t.fetch;
  args.is_cloning = true;
  args.answers_promisors = true;
  args.keep_pack = true;
  args.lock_pack = true;
  args.set_server_options(o_.server_options,
                          transport.remote() ? transport.remote()->server_options : std::vector<std::string>());
  args.reject_shallow_remote = o_.reject_shallow > 0;
  if (o_.depth) args.depth = static_cast<int>(*parse_uint(*o_.depth));
  args.deepen_since = o_.since.value_or("");
  args.deepen_not = o_.exclude;
  args.check_self_contained = !shallow_;
  if (o_.filter) {
    auto parsed = parse_object_filter(*o_.filter);
    args.filter = parsed ? expand_object_filter(*parsed) : *o_.filter;
    args.from_promisor = true;
    args.check_self_contained = false;
  }
  t.follow_tags = o_.tags && o_.single_branch > 0;
}

bool Clone::is_local_copy() {
  bool is_local = o_.local != 0 && path_ && !is_bundle_;
  if (is_local) {
    if (o_.depth) warning(_("--depth is ignored in local clones; use file:// instead."));
    if (o_.since) warning(_("--shallow-since is ignored in local clones; use file:// instead."));
    if (!o_.exclude.empty()) warning(_("--shallow-exclude is ignored in local clones; use file:// instead."));
    if (o_.filter) warning(_("--filter is ignored in local clones; use file:// instead."));
    if (path_exists(*path_ + "/shallow")) {
      if (o_.reject_shallow > 0) die("%s", _("source repository is shallow, reject to clone."));
      if (o_.local > 0) warning("%s", _("source repository is shallow, ignoring --local"));
      is_local = false;
    }
  }
  if (o_.local > 0 && !is_local && path_ == std::nullopt) warning("%s", _("--local is ignored"));
  return is_local;
}

// A head start: what bundles bring, the server need not send.
void Clone::fetch_bundles(Transport& transport) {
  if (o_.bundle_uri) {
    bool has_heuristic = false;
    if (!fetch_bundle_uri(repo(), *o_.bundle_uri, &has_heuristic))
      warning(_("failed to fetch objects from bundle URI '%s'"), *o_.bundle_uri);
    else if (has_heuristic)
      set_config("fetch.bundleuri", *o_.bundle_uri);
    return;
  }
  if (!repo().config().get_bool_or("transfer.bundleuri", false)) return;
  auto list = transport.bundle_list();
  if (!list || list->bundles().empty()) return;
  if (!fetch_bundle_list(repo(), std::move(*list), transport.url())) warning("%s", _("failed to fetch advertised bundles"));
}

void Clone::clone_objects_locally() {
  std::string source = *path_;
  auto layout = read_repository_layout(source);
  std::string common = layout ? layout->common_dir : source;
  if (!is_absolute_path(common)) common = absolute_path(common);
  if (o_.shared) {
    repo().odb().add_alternate_to_file(common + "/objects");
  } else {
    copy_objects_directory(common + "/objects", repo().common_dir() + "/objects", !o_.no_hardlinks, o_.local > 0);
  }
  if (o_.verbosity >= 0) err(_("done.\n"));
  repo().odb().reprepare();
}

void Clone::adopt_algorithm(HashAlgo algo) {
  // Any extension (by -c, or what init set) needs the newer format.
  bool has_extension = false;
  if (auto entries = read_config_file(config_file_, false, ConfigSources{}))
    for (const ConfigEntry& entry : *entries)
      has_extension |= starts_with(entry.key, "extensions.") && entry.key != "extensions.objectformat";
  set_config("core.repositoryformatversion", algo == HashAlgo::sha1 && !o_.filter && !has_extension ? "0" : "1");
  if (algo == HashAlgo::sha1)
    config_set_in_file(config_file_, "extensions.objectformat", std::nullopt);
  else
    set_config("extensions.objectformat", std::string(hash_name(algo)));
  std::string git_dir = repo_->git_dir_abs();
  repo_ = Repository::open(git_dir).take_or_die();
}

const RemoteRef* find_remote_branch(const RemoteRefs& refs, const std::string& name) {
  if (const RemoteRef* ref = find_remote_ref(refs, "refs/heads/" + name)) return ref;
  return find_remote_ref(refs, "refs/tags/" + name);
}

RemoteRefs Clone::wanted_refs(const RemoteRefs& all) {
  RemoteRefs mapped;
  if (o_.revision) {
    RefspecItem item;
    auto parsed = parse_refspec(*o_.revision, true);
    if (!parsed) die(_("invalid refspec '%s'"), *o_.revision);
    add_fetch_map(all, *parsed, mapped, true);
    if (mapped.empty()) die(_("Remote revision %s not found in upstream %s"), *o_.revision, o_.remote_name);
    return mapped;
  }
  RefspecItem tags = *parse_refspec("+refs/tags/*:refs/tags/*", true);
  if (o_.single_branch > 0) {
    const RemoteRef* head = nullptr;
    if (!o_.branch) {
      head = guess_remote_head(find_remote_ref(all, "HEAD"), all, default_branch_name(*early_, true));
      const RemoteRef* detached = find_remote_ref(all, "HEAD");
      if (!head && detached) {
        // A detached HEAD: the commit itself.
        RemoteRef copy = *detached;
        mapped.push_back(copy);
        return mapped;
      }
    } else {
      head = find_remote_branch(all, *o_.branch);
    }
    if (!head && o_.branch) warning(_("Could not find remote branch %s to clone."), *o_.branch);
    if (head) {
      for (const RefspecItem& item : refspec_.items()) {
        RefspecItem one = item;
        std::string dst;
        if (!item.is_pattern) {
          if (item.src == head->name) add_fetch_map(all, one, mapped, false);
          continue;
        }
        if (!match_refspec_pattern(*item.src, head->name, *item.dst, &dst)) continue;
        one.src = head->name;
        one.dst = dst;
        one.is_pattern = false;
        add_fetch_map(all, one, mapped, false);
      }
      if (starts_with(head->name, "refs/tags/") && !o_.mirror) {
        RefspecItem one = tags;
        one.src = one.dst = head->name;
        one.is_pattern = false;
        add_fetch_map(all, one, mapped, false);
      }
    }
  } else {
    for (const RefspecItem& item : refspec_.items()) add_fetch_map(all, item, mapped, false);
  }
  if (!o_.mirror && o_.single_branch <= 0 && o_.tags) add_fetch_map(all, tags, mapped, false);
  remove_duplicates(mapped);
  return mapped;
}

void Clone::fetch(Transport& transport, RemoteRefs& mapped) {
  RemoteRefs wanted = mapped;
  if (remote_head_ && !remote_head_->old_oid.is_null() && !o_.revision && o_.single_branch <= 0) wanted.push_back(*remote_head_);
  if (wanted.empty()) return;
  if (transport.fetch(wanted) != 0) die("%s", _("remote transport reported error"));
  // A helper that imports knows what its refs are at only now.
  std::unordered_map<std::string_view, ObjectId> fetched;
  for (const RemoteRef& ref : wanted) fetched.emplace(ref.name, ref.old_oid);
  auto learn = [&fetched](RemoteRef& ref) {
    if (auto found = fetched.find(ref.name); found != fetched.end()) ref.old_oid = found->second;
  };
  for (RemoteRef& ref : mapped) learn(ref);
  for (std::optional<RemoteRef>* head : {&our_head_, &remote_head_, &remote_points_at_})
    if (*head) learn(**head);
}

void Clone::write_remote_refs(const RemoteRefs& mapped, const RemoteRefs& all) {
  auto transaction = repo().refs().begin(RefStore::kInitial);
  std::unordered_set<std::string> written;
  auto add = [&](const std::string& name, const ObjectId& oid) {
    if (!written.insert(name).second) return;
    RefUpdate update;
    update.name = name;
    update.new_oid = oid;
    update.flags = kRefSkipReflog;
    transaction->add(std::move(update)).or_die();
  };
  for (const RemoteRef& ref : mapped)
    if (ref.peer) add(ref.peer->name, ref.old_oid);
  if (o_.single_branch > 0 && o_.tags) {
    for (const RemoteRef& ref : all)
      if (starts_with(ref.name, "refs/tags/") && repo().odb().has(ref.old_oid, kLookupQuick | kLookupNoFetch))
        add(ref.name, ref.old_oid);
  }
  auto done = transaction->commit();
  if (!done) die("%s", done.error().message);
}

void Clone::choose_head(const RemoteRefs& all, const RemoteRefs& mapped) {
  const RemoteRef* head = find_remote_ref(all, "HEAD");
  if (head) remote_head_ = *head;
  if (o_.revision) {
    our_head_ = mapped[0];
    our_head_->peer.reset();
    return;
  }
  RemoteRefs mapped_and_all = all;
  if (const RemoteRef* at = guess_remote_head(head, all, default_branch_name(*early_, true))) remote_points_at_ = *at;
  if (o_.branch) {
    const RemoteRef* found = find_remote_branch(all, *o_.branch);
    if (!found) die(_("Remote branch %s not found in upstream %s"), *o_.branch, o_.remote_name);
    our_head_ = *found;
  } else if (remote_points_at_) {
    our_head_ = remote_points_at_;
  } else if (!head) {
    // The remote doesn't say: our own default, where it has that.
    const RemoteRef* found = find_remote_ref(all, "refs/heads/" + default_branch_name(*early_, true));
    if (found) our_head_ = *found;
  }
  if (remote_points_at_)
    for (const RemoteRef& ref : mapped)
      if (ref.name == remote_points_at_->name) remote_points_at_->peer = ref.peer;
}

void Clone::install_branch(const std::string& branch, const std::string& merge) {
  if (o_.bare) return;
  set_config("branch." + branch + ".remote", o_.remote_name);
  set_config("branch." + branch + ".merge", merge);
  std::string rebase = repo().config().get_string_or("branch.autosetuprebase", "never");
  if (rebase == "always" || rebase == "remote") set_config("branch." + branch + ".rebase", "true");
}

void Clone::set_head() {
  RefStore& refs = repo().refs();
  auto update = [&](const std::string& name, const ObjectId& oid, unsigned flags) {
    RefUpdate change;
    change.name = name;
    change.new_oid = oid;
    change.flags = flags;
    change.message = reflog_;
    auto done = refs.update(std::move(change));
    if (!done) die(_("unable to update HEAD: %s"), done.error().message);
  };
  if (remote_points_at_ && !o_.bare && !o_.revision) {
    std::string name = "refs/remotes/" + o_.remote_name + "/HEAD";
    if (remote_points_at_->peer) (void)refs.create_symref(name, remote_points_at_->peer->name, reflog_);
  }
  if (our_head_ && starts_with(our_head_->name, "refs/heads/")) {
    refs.create_symref("HEAD", our_head_->name, "").or_die();
    if (!o_.bare) {
      update("HEAD", our_head_->old_oid, 0);
      install_branch(our_head_->name.substr(11), our_head_->name);
    }
  } else if (our_head_) {
    Commit* commit = repo().commits().peel_to_commit(our_head_->old_oid);
    if (!commit) die(_("%s doesn't point to a commit"), our_head_->name);
    update("HEAD", commit->oid, kRefNoDeref);
  } else if (remote_head_ && !remote_head_->old_oid.is_null()) {
    update("HEAD", remote_head_->old_oid, kRefNoDeref);
  } else if (!unborn_.empty()) {
    refs.create_symref("HEAD", unborn_, "").or_die();
    install_branch(unborn_.substr(11), unborn_);
  }
}

int Clone::checkout() {
  if (o_.no_checkout) return 0;
  auto head = repo().refs().resolve("HEAD");
  if (!head || head->oid.is_null()) {
    warning("%s", _("remote HEAD refers to nonexistent ref, unable to checkout"));
    return 0;
  }
  if (head->name == "HEAD") {
    if (advice_enabled(repo().config(), "detachedHead") && o_.verbosity >= 0 && !o_.revision) {
      errf("Note: switching to '%s'.\n\n", o_.branch ? *o_.branch : head->oid.hex());
      err("You are in 'detached HEAD' state. You can look around, make experimental\n"
          "changes and commit them, and you can discard any commits you make in this\n"
          "state without impacting any branches by switching back to a branch.\n\n"
          "If you want to create a new branch to retain commits you create, you may\n"
          "do so (now or later) by using -c with the switch command. Example:\n\n"
          "  git switch -c <new-branch-name>\n\nOr undo this operation with:\n\n  git switch -\n\n"
          "Turn off this advice by setting config variable advice.detachedHead to false\n\n");
    }
  } else if (!starts_with(head->name, "refs/heads/")) {
    die("%s", _("HEAD not found below refs/heads!"));
  }
  if (::chdir(repo().worktree() ? repo().worktree()->c_str() : work_tree_->c_str()) < 0)
    die_errno(_("cannot chdir to '%s'"), *work_tree_);
  Index index(repo());
  LockFile lock = index.lock_or_die();
  UnpackOptions how;
  how.update = true;
  how.merge = true;
  how.clone = true;
  how.preserve_ignored = false;
  how.fn = UnpackOptions::Merge::oneway;
  how.verbose_update = o_.verbosity >= 0 && (o_.progress > 0 || (o_.progress < 0 && isatty(2)));
  if (head->name != "HEAD") how.metadata.refname = head->name;
  how.metadata.treeish = head->oid;
  Commit* commit = repo().commits().get(head->oid);
  repo().commits().parse(commit).or_die();
  if (unpack_trees(index, {repo().commits().tree(commit)}, how) < 0) die("%s", _("unable to checkout working tree"));
  if (!index.write_locked(lock)) die("%s", _("unable to write new index file"));
  HookOptions hook;
  hook.args = {ObjectId::null(repo().algo()).hex(), head->oid.hex(), "1"};
  return run_hooks(repo(), "post-checkout", std::move(hook));
}

// Takes over every object that was only borrowed.
void Clone::dissociate() {
  std::string alternates = repo().common_dir() + "/objects/info/alternates";
  if (!path_exists(alternates)) return;
  ChildProcess child;
  child.git_command = true;
  child.args = {"repack", "-a", "-d"};
  if (o_.verbosity < 0) child.args.push_back("-q");
  child.env = {"GIT_DIR=" + repo().git_dir_abs()};
  if (child.run() != 0) die("%s", _("cannot repack to clean up"));
  if (!remove_file(alternates)) die_errno("%s", _("cannot unlink temporary alternates file"));
}

int Clone::update_submodules() {
  if (!o_.recurse || o_.no_checkout) return 0;
  ChildProcess child;
  child.git_command = true;
  if (repo().worktree()) child.dir = *repo().worktree();
  child.args = {"submodule", "update", "--require-init", "--recursive"};
  if (o_.shallow_submodules) child.args.push_back("--depth=1");
  if (o_.jobs >= 0) child.args.push_back(strf("--jobs=%d", o_.jobs));
  if (o_.progress > 0) child.args.push_back("--progress");
  if (o_.verbosity < 0) child.args.push_back("--quiet");
  if (o_.remote_submodules) {
    child.args.push_back("--remote");
    child.args.push_back("--no-fetch");
  }
  if (o_.ref_format) child.args.push_back("--ref-format=" + *o_.ref_format);
  if (o_.filter &&
      (o_.also_filter_submodules < 0 ? early_->get_bool_or("clone.filtersubmodules", false) : o_.also_filter_submodules > 0))
    child.args.push_back("--filter=" + *o_.filter);
  if (o_.single_branch >= 0) child.args.push_back(o_.single_branch ? "--single-branch" : "--no-single-branch");
  return child.run();
}

// A URL that has become the path of a repository since we made our own directory is somebody's trap (CVE-2023-22490): what
// is to be fetched from would be copied, links and all.
void Clone::check_url_is_no_path(const std::string& url) {
  if (path_ || !is_url(url) || !find_clone_source(url)) return;
  std::string as_path = current_dir() + "/" + url;
  die(_("protocol '%s' is not supported"), as_path.substr(0, as_path.find("://")));
}

int Clone::run() {
  check_options();
  find_places();
  create_repository();
  write_config();
  configure_remote();
  is_local_ = is_local_copy();

  Remotes remotes(&repo(), repo().config());
  std::optional<Remotes> remotes_again;
  Remote* remote = remotes.get(o_.remote_name);
  if (!remote || remote->urls.empty()) die(_("no URL configured for remote '%s'"), o_.remote_name);
  check_url_is_no_path(remote->urls[0]);
  if (o_.filter) {
    set_config("core.repositoryformatversion", "1");
    set_config(config_key("promisor"), "true");
    set_config(config_key("partialclonefilter"), *o_.filter);
  }
  // What is missing from now on is missing on purpose; until all is set up nothing is fetched for it.
  if (o_.filter) repo().odb().set_promisor_fetch([](std::span<const ObjectId>) { return false; });
  auto transport = Transport::open(&repo(), repo().config(), remote, is_bundle_ ? *path_ : remote->urls[0]);
  set_transport_options(*transport);

  std::vector<std::string> prefixes;
  if (!o_.revision) {
    prefixes.push_back("HEAD");
    refspec_.add_ref_prefixes(prefixes);
    if (o_.branch) expand_ref_prefix(prefixes, *o_.branch);
    if (o_.tags) prefixes.push_back("refs/tags/");
  } else if (!ObjectId::from_hex(*o_.revision, HashAlgo::sha1)) {
    expand_ref_prefix(prefixes, *o_.revision);
  }
  RemoteRefs all = transport->refs(false, prefixes);
  if (transport->algo() != repo().algo()) {
    // The new repository is still empty: it takes the remote's algorithm.
    adopt_algorithm(transport->algo());
    transport.reset();
    remotes_again.emplace(&repo(), repo().config());
    remote = remotes_again->get(o_.remote_name);
    transport = Transport::open(&repo(), repo().config(), remote, remote->urls[0]);
    set_transport_options(*transport);
    all = transport->refs(false, prefixes);
  }
  for (const RemoteRef& ref : all)
    if (ref.name == "HEAD" && ref.old_oid.is_null() && starts_with(ref.symref, "refs/heads/")) unborn_ = ref.symref;
  std::erase_if(all, [](const RemoteRef& ref) { return ref.old_oid.is_null(); });
  RemoteRefs mapped;
  if (!all.empty() || o_.revision) {
    mapped = wanted_refs(all);
    choose_head(all, mapped);
  } else {
    if (o_.branch) die(_("Remote branch %s not found in upstream %s"), *o_.branch, o_.remote_name);
    is_empty_ = true;
    warning("%s", _("You appear to have cloned an empty repository."));
    o_.no_checkout = true;
    if (unborn_.empty() || !transport->is_smart()) unborn_ = "refs/heads/" + default_branch_name(*early_, false);
  }

  // What later fetches follow.
  if (!o_.revision && (!o_.bare || o_.mirror)) {
    if (o_.single_branch > 0) {
      std::string target;
      if (o_.branch && our_head_) {
        target = our_head_->name;
      } else if (remote_points_at_) {
        target = remote_points_at_->name;
      }
      if (starts_with(target, "refs/heads/"))
        set_config(config_key("fetch"), "+" + target + ":refs/remotes/" + o_.remote_name + "/" + target.substr(11));
      else if (starts_with(target, "refs/tags/"))
        set_config(config_key("fetch"), "+" + target + ":" + target);
    } else {
      set_config(config_key("fetch"), o_.mirror ? "+refs/*:refs/*" : "+refs/heads/*:refs/remotes/" + o_.remote_name + "/*");
    }
    if (o_.mirror) set_config(config_key("mirror"), "true");
  }
  fetch_bundles(*transport);
  if (is_local_)
    clone_objects_locally();
  else if (!is_empty_)
    fetch(*transport, mapped);
  repo().config().reload();
  const std::vector<std::string> accepted = transport->last_fetch.accepted_promisors;
  install_promisor_fetch(repo(), accepted);

  if (!is_empty_) {
    write_remote_refs(mapped, all);
    if (!is_local_ && !transport->last_fetch.is_self_contained && !shallow_) {
      std::vector<ObjectId> tips;
      for (const RemoteRef& ref : mapped) tips.push_back(ref.old_oid);
      ConnectedOptions how;
      how.is_quiet = false;
      how.is_deepening_fetch = true;
      if (!check_connected(repo(), tips, how)) die("%s", _("remote did not send all necessary objects"));
    }
  }
  set_head();
  transport->unlock_packs();
  transport->disconnect();
  if (needs_dissociate_ || (o_.dissociate && o_.shared)) dissociate();
  if (o_.sparse) {
    ChildProcess child;
    child.git_command = true;
    child.args = {"-C", repo().worktree().value_or("."), "sparse-checkout", "set"};
    if (child.run() != 0) return 1;
    // What the child configured (in the worktree's own file) decides what is checked out.
    transport.reset();
    repo_ = Repository::open(repo_->git_dir_abs()).take_or_die();
    install_promisor_fetch(repo(), accepted);
  }
  junk_.keep_repository();
  int code = checkout();
  if (code == 0) code = update_submodules();
  junk_.release();
  return code;
}

}  // namespace

int cmd_clone(Invocation& inv) {
  CloneOptions o;
  Options options({"git clone [<options>] [--] <repo> [<dir>]"});
  declare_options(options, o);
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (args.size() > 2) options.usage_msg(_("Too many arguments."));
  if (args.empty()) options.usage_msg(_("You must specify a repository to clone."));
  return Clone(inv, std::move(o), std::move(args)).run();
}

}  // namespace git
