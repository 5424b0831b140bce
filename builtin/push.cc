// git push: update refs elsewhere, with what they need.
#include "advice.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "config/color.h"
#include "net/url.h"
#include "push-refs.h"
#include "refs.h"
#include "remote.h"
#include "repository.h"
#include "submodule-push.h"
#include "transport-push.h"
#include "transport.h"

GIT_BUILTIN("push", cmd_push, kSetup)

namespace git {

namespace {

enum class PushDefault : unsigned char { simple, nothing, matching, upstream, current };

struct PushOptions {
  int verbosity = 0, progress = -1, family = 0, thin = 1;
  unsigned flags = 0;
  bool delete_refs = false, tags = false, verify = true;
  std::optional<std::string> repo_name, receive_pack, recurse;
  std::vector<std::string> push_options;
  bool push_options_given = false;
  ForceWithLease lease;
  std::optional<PushBaseChoice> base;  // absent: push.base
  int force_if_includes = -1;
};

class Push {
 public:
  Push(Repository& repo, PushOptions& options) : repo_(repo), config_(repo.config()), remotes_(&repo, config_), o_(options) {}

  int run(const std::string& name, const std::vector<std::string>& words) {
    remote_ = remotes_.get_for_push(name);
    if (!remote_) {
      if (!name.empty()) die(_("bad repository '%s'"), name);
      die("%s",
          _("No configured push destination.\nEither specify the URL from the command-line or configure a remote repository "
            "using\n\n    git remote add <name> <url>\n\nand then push using the remote name\n\n    git push <name>\n"));
    }
    if (!Remotes::is_configured(remote_)) check_slip(name);
    if (remote_->mirror) o_.flags |= kPushMirror | kPushForce;
    if (o_.flags & kPushAll) {
      if (o_.tags) die(_("options '%s' and '%s' cannot be used together"), "--all", "--tags");
      if (!words.empty()) die("%s", _("--all can't be combined with refspecs"));
    }
    if (o_.flags & kPushMirror) {
      if (o_.tags) die(_("options '%s' and '%s' cannot be used together"), "--mirror", "--tags");
      if (!words.empty()) die("%s", _("--mirror can't be combined with refspecs"));
    }
    if ((o_.flags & (kPushAll | kPushMirror)) == (kPushAll | kPushMirror))
      die(_("options '%s' and '%s' cannot be used together"), "--all", "--mirror");
    set_refspecs(words);
    if (refspec_.empty() && !(o_.flags & kPushAll)) {
      if (!remote_->push.empty())
        refspec_ = remote_->push;
      else if (!(o_.flags & kPushMirror))
        set_default_refspec();
    }
    int failures = 0;
    for (const std::string& url : remote_->urls_for_push()) failures += push_to(url) ? 1 : 0;
    return failures ? 1 : 0;
  }

 private:
  PushDefault default_mode() {
    std::string mode = config_.get_string_or("push.default", "simple");
    if (mode == "nothing") return PushDefault::nothing;
    if (mode == "matching") return PushDefault::matching;
    if (mode == "simple") return PushDefault::simple;
    if (mode == "upstream" || mode == "tracking") return PushDefault::upstream;
    if (mode == "current") return PushDefault::current;
    error(_("malformed value for %s: %s"), "push.default", mode);
    error("%s", _("must be one of nothing, matching, simple, upstream or current"));
    die(_("bad config variable '%s'"), "push.default");
  }

  // A branch named without destination goes where the remote's push refspecs (or its upstream) say.
  void append_mapped(const std::string& word) {
    std::string full;
    std::size_t count = 0;
    for (const std::string& candidate : expand_ref_candidates(word)) {
      if (!starts_with(candidate, "refs/") || !repo_.refs().exists(candidate)) continue;
      full = candidate;
      count++;
    }
    if (count == 1 && !remote_->push.empty()) {
      for (const RefspecItem& item : remote_->push.items()) {
        if (item.is_negative || item.is_matching || !item.src) continue;
        std::string dst = item.dst.value_or(*item.src);
        if (item.is_pattern) {
          if (!match_refspec_pattern(*item.src, full, item.dst.value_or(*item.src), &dst)) continue;
        } else if (*item.src != full && *item.src != word) {
          continue;
        }
        refspec_.append((item.force ? "+" : "") + word + ":" + dst);
        return;
      }
    }
    if (count == 1 && default_mode() == PushDefault::upstream && starts_with(full, "refs/heads/")) {
      Branch* branch = remotes_.branch(full.substr(11));
      if (branch->merge_names.size() == 1) {
        refspec_.append(word + ":" + branch->merge_names[0]);
        return;
      }
    }
    refspec_.append(word);
  }

  void set_refspecs(const std::vector<std::string>& words) {
    if (o_.tags) refspec_.append("refs/tags/*");
    for (std::size_t i = 0; i < words.size(); i++) {
      std::string word = words[i];
      if (word == "tag") {
        if (++i >= words.size()) die("%s", _("tag shorthand without <tag>"));
        word = "refs/tags/" + words[i];
        if (o_.delete_refs) word = ":" + word;
        refspec_.append(word);
      } else if (o_.delete_refs) {
        if (word.find(':') != std::string::npos || word.empty()) die("%s", _("--delete only accepts plain target ref names"));
        refspec_.append(":" + word);
      } else if (word.find(':') == std::string::npos && !word.empty() && word[0] != '^' && word[0] != '+' &&
                 word.find('*') == std::string::npos) {
        append_mapped(word);
      } else {
        refspec_.append(word);
      }
    }
  }

  std::string upstream_of(Branch& branch) {
    if (branch.merge_names.empty() || branch.remote_name.empty()) {
      if (o_.flags & kPushSetUpstream && auto_upstream_) return branch.refname;
      std::string hint = advice_enabled(config_, "pushUnqualifiedRefName")
                             ? _("\nTo have this happen automatically for branches without a tracking\nupstream, see "
                                 "'push.autoSetupRemote' in 'git "
                                 "help config'.\n")
                             : "";
      die(_("The current branch %s has no upstream branch.\nTo push the current branch and set the remote as upstream, use\n\n   "
            " "
            "git push --set-upstream %s %s\n%s"),
          branch.name, remote_->name, branch.name, hint);
    }
    if (branch.merge_names.size() != 1)
      die(_("The current branch %s has multiple upstream branches, refusing to push."), branch.name);
    return branch.merge_names[0];
  }

  [[noreturn]] void die_push_simple(Branch& branch) {
    std::string_view short_upstream = branch.merge_names[0];
    skip_prefix(short_upstream, "refs/heads/");
    std::string advice_maybe = config_.get_string("push.default")
                                   ? ""
                                   : _("\nTo choose either option permanently, see push.default in 'git help config'.\n");
    std::string tracking_maybe = config_.get_string_or("branch.autosetupmerge", "") == "simple"
                                     ? ""
                                     : _("\nTo avoid automatically configuring an upstream branch when its name\nwon't match the "
                                         "local branch, see option 'simple' "
                                         "of branch.autoSetupMerge\nin 'git help config'.\n");
    die(_("The upstream branch of your current branch does not match\nthe name of your current branch.  To push to the upstream "
          "branch\non the remote, use\n\n    git push %s HEAD:%s\n\nTo push to the branch of the same name on the remote, "
          "use\n\n    "
          "git push %s HEAD\n%s%s"),
        remote_->name, short_upstream, remote_->name, advice_maybe, tracking_maybe);
  }

  [[noreturn]] void die_detached() {
    die(_("You are not currently on a branch.\nTo push the history leading to the current (detached HEAD)\nstate now, use\n\n    "
          "git "
          "push %s HEAD:<name-of-remote-branch>\n"),
        remote_->name);
  }

  void set_default_refspec() {
    PushDefault mode = default_mode();
    if (mode == PushDefault::matching) return refspec_.append(":");
    if (mode == PushDefault::nothing) die("%s", _("You didn't specify any refspecs to push, and push.default is \"nothing\"."));
    Branch* branch = remotes_.current_branch();
    if (!branch) die_detached();
    bool same_remote = remotes_.remote_for_branch(branch) == remote_->name;
    bool has_upstream = !branch->merge_names.empty() && !branch->remote_name.empty();
    if (config_.get_bool_or("push.autosetupremote", false) && !has_upstream) {
      o_.flags |= kPushSetUpstream;
      auto_upstream_ = true;
    }
    std::string dst = branch->refname;
    if (mode == PushDefault::upstream) {
      if (!same_remote)
        die(_("You are pushing to remote '%s', which is not the upstream of\nyour current branch '%s', without telling me what "
              "to "
              "push\nto update which remote branch."),
            remote_->name, branch->name);
      dst = upstream_of(*branch);
    } else if (mode == PushDefault::simple && same_remote) {
      if (upstream_of(*branch) != branch->refname) die_push_simple(*branch);
    }
    refspec_.append(branch->refname + ":" + dst);
  }

  void advise_about(unsigned why) {
    auto say = [this](const char* key, const char* text) {
      if (!advice_enabled(config_, "pushUpdateRejected") || !advice_enabled(config_, key)) return;
      advise(text, want_color(config_color_when(config_, "advice"), 2));
    };
    if (why & kRejectedHead)
      say("pushNonFFCurrent",
          _("Updates were rejected because the tip of your current branch is behind\nits remote counterpart. If you "
            "want to integrate the remote changes,\nuse 'git pull' before pushing again.\nSee the 'Note about "
            "fast-forwards' in 'git push --help' for details."));
    else if (why & kRejectedOther)
      say("pushNonFFMatching",
          _("Updates were rejected because a pushed branch tip is behind its remote\ncounterpart. If you want to "
            "integrate the remote changes, use 'git pull'\nbefore pushing again.\nSee the 'Note about "
            "fast-forwards' in 'git push --help' for details."));
    else if (why & kRejectedExists)
      say("pushAlreadyExists", _("Updates were rejected because the tag already exists in the remote."));
    else if (why & kRejectedFetchFirst)
      say("pushFetchFirst",
          _("Updates were rejected because the remote contains work that you do not\nhave locally. This is usually "
            "caused by another repository pushing to\nthe same ref. If you want to integrate the remote changes, "
            "use\n'git pull' before pushing again.\nSee the 'Note about fast-forwards' in 'git push --help' for "
            "details."));
    else if (why & kRejectedNeedsForce)
      say("pushNeedsForce",
          _("You cannot update a remote ref that points at a non-commit object,\nor update a remote ref to make it "
            "point at a non-commit object,\nwithout using the '--force' option.\n"));
    else if (why & kRejectedNeedsUpdate)
      say("pushRefNeedsUpdate",
          _("Updates were rejected because the tip of the remote-tracking branch has\nbeen updated since the last "
            "checkout. If you want to integrate the\nremote changes, use 'git pull' before pushing again.\nSee "
            "the 'Note about fast-forwards' in 'git push --help' for details."));
  }

  SubmodulePush submodule_mode() {
    SubmodulePush mode = SubmodulePush::off;
    if (auto value = config_.get_string("push.recursesubmodules"))
      mode = parse_submodule_push("push.recursesubmodules", *value);
    else if (config_.get_bool_or("submodule.recurse", false))
      mode = SubmodulePush::on_demand;
    return o_.recurse ? parse_submodule_push("--recurse-submodules", *o_.recurse, mode) : mode;
  }

  // "git push origin/main" for "git push origin main"
  void check_slip(const std::string& name) {
    if (name.find(':') != std::string::npos || path_exists(name)) return;
    for (std::size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
      std::string remote = name.substr(0, slash), branch = name.substr(slash + 1);
      if (branch.empty() || !Remotes::is_configured(remotes_.find_configured(remote))) continue;
      report("fatal: ", strf(_("'%s' is not a valid push target"), name));
      advise_if_enabled(config_, "pushRepoLooksLikeRef", strf(_("Did you mean to use: git push %s %s?"), remote, branch));
      exit_with(128);
    }
  }

  int push_to(const std::string& url) {
    auto transport = Transport::open(&repo_, config_, remote_, url);
    TransportOptions& t = transport->options;
    t.verbosity = o_.verbosity;
    t.progress = o_.progress;
    t.trace_identity = "push";
    t.ipv4 = o_.family == 4;
    t.ipv6 = o_.family == 6;
    t.receivepack = o_.receive_pack.value_or("");
    t.thin_push = o_.thin;
    t.push_options = o_.push_options;
    t.submodules = submodule_mode();
    t.push_base = o_.base ? *o_.base : push_base_config(repo_);
    std::string shown = anonymize_url(url);
    if (o_.verbosity > 0) errf(_("Pushing to %s\n"), shown);
    unsigned why = 0;
    int code = transport_push(repo_, *transport, refspec_, o_.lease, o_.flags, &why);
    code |= transport->disconnect();
    if (code == 0) return 0;
    flush_out();
    bool in_color = want_color(config_color_when(config_, "push"), 2);
    if (in_color) err(config_color(config_, "color.push.error", *parse_color("red")));
    error(_("failed to push some refs to '%s'"), shown);
    if (in_color) err(kColorReset);
    advise_about(why);
    return 1;
  }

  Repository& repo_;
  Config& config_;
  Remotes remotes_;
  PushOptions& o_;
  Remote* remote_ = nullptr;
  Refspec refspec_{false};
  bool auto_upstream_ = false;
};

// The names of a group (remotes.<name>) that is no remote; empty where it is none.
std::vector<std::string> group_members(Repository& repo, const std::string& name) {
  std::vector<std::string> members;
  if (name.empty() || Remotes::is_configured(Remotes(&repo, repo.config()).find_configured(name))) return members;
  for (const std::string& value : repo.config().get_strings("remotes." + name))
    for (std::string_view member : split(value, ' '))
      if (!member.empty()) members.emplace_back(member);
  return members;
}

// The options of a command line as they would be given to another `git push`.
std::vector<std::string> repeated_options(const Options& options, const Invocation& inv) {
  std::vector<std::string> given;
  Options recorder(options.usage_lines());
  for (Options::Option option : options.options()) {
    option.call = [&given, name = option.long_name](const std::optional<std::string>& value, bool unset) {
      given.push_back((unset ? "--no-" : "--") + name + (value && !unset ? "=" + *value : ""));
      return true;
    };
    recorder.add(std::move(option));
  }
  recorder.parse(inv.args, inv.prefix_or_empty());
  return given;
}

// Each member by a push of its own, so that the failure of one is no matter to the others.
int push_to_group(const std::vector<std::string>& members, const std::vector<std::string>& options,
                  const std::vector<std::string>& refspecs) {
  int code = 0;
  for (const std::string& member : members) {
    ChildProcess child;
    child.git_command = true;
    child.args = {"push"};
    child.args.insert(child.args.end(), options.begin(), options.end());
    child.args.push_back(member);
    child.args.insert(child.args.end(), refspecs.begin(), refspecs.end());
    if (child.run()) code = 1;
  }
  return code;
}

unsigned parse_signed(const std::string& option, const std::string& value) {
  if (iequals(value, "if-asked")) return kPushSignedIfAsked;
  auto yes = parse_maybe_bool(value);
  if (!yes) die(_("bad %s argument: %s"), option, value);
  return *yes ? kPushSigned : 0u;
}

}  // namespace

int cmd_push(Invocation& inv) {
  Repository& repo = inv.repo();
  Config& config = repo.config();
  PushOptions o;
  if (config.get_bool_or("push.followtags", false)) o.flags |= kPushFollowTags;
  if (auto sign = config.get_string("push.gpgsign")) {
    if (iequals(*sign, "if-asked"))
      o.flags |= kPushSignedIfAsked;
    else if (auto yes = parse_maybe_bool(sign))
      o.flags |= *yes ? kPushSigned : 0u;
    else
      die(_("invalid value for '%s'"), "push.gpgsign");
  }
  Options options({"git push [<options>] [<repository> [<refspec>...]]"});
  options.verbosity(&o.verbosity);
  options.string(0, "repo", &o.repo_name, "repository", N_("repository"));
  options.bit(0, "all", &o.flags, kPushAll, N_("push all branches"));
  options.alias(0, "branches", "all");
  options.bit(0, "mirror", &o.flags, kPushMirror | kPushForce, N_("mirror all refs"));
  options.boolean('d', "delete", &o.delete_refs, N_("delete refs"));
  options.boolean(0, "tags", &o.tags, N_("push tags (can't be used with --all or --branches or --mirror)"));
  options.bit('n', "dry-run", &o.flags, kPushDryRun, N_("dry run"));
  options.bit(0, "porcelain", &o.flags, kPushPorcelain, N_("machine-readable output"));
  options.bit('f', "force", &o.flags, kPushForce, N_("force updates"));
  options.callback(
      0, "force-with-lease", "<refname>:<expect>", N_("require old value of ref to be at this value"),
      [&](const std::optional<std::string>& value, bool unset) {
        if (unset) {
          o.lease = {};
          return true;
        }
        return o.lease.parse(repo, value);
      },
      kOptOptionalArg | kOptLiteralArgHelp);
  options.boolean(0, "force-if-includes", &o.force_if_includes, N_("require remote updates to be integrated locally"));
  options.callback(0, "recurse-submodules", "(check|on-demand|no)", N_("control recursive pushing of submodules"),
                   [&](const std::optional<std::string>& value, bool unset) {
                     o.recurse = unset ? "no" : *value;
                     parse_submodule_push("--recurse-submodules", *o.recurse);
                     return true;
                   });
  options.boolean(0, "thin", &o.thin, N_("use thin pack"));
  options.string(0, "receive-pack", &o.receive_pack, "receive-pack", N_("receive pack program"));
  options.string(0, "exec", &o.receive_pack, "receive-pack", N_("receive pack program"));
  options.bit('u', "set-upstream", &o.flags, kPushSetUpstream, N_("set upstream for git pull/status"));
  options.set_int(0, "progress", &o.progress, 1, N_("force progress reporting"));
  options.bit(0, "prune", &o.flags, kPushPrune, N_("prune locally removed refs"));
  options.negbit(0, "verify", &o.flags, kPushNoHook, N_("bypass pre-push hook"));
  options.bit(0, "follow-tags", &o.flags, kPushFollowTags, N_("push missing but relevant tags"));
  options.callback(
      0, "signed", "(yes|no|if-asked)", N_("GPG sign the push"),
      [&](const std::optional<std::string>& value, bool unset) {
        o.flags &= ~static_cast<unsigned>(kPushSigned | kPushSignedIfAsked);
        if (!unset) o.flags |= value ? parse_signed("--signed", *value) : static_cast<unsigned>(kPushSigned);
        return true;
      },
      kOptOptionalArg);
  options.bit(0, "atomic", &o.flags, kPushAtomic, N_("request atomic transaction on remote side"));
  options.callback(0, "base", "commit", N_("a commit that the remote has, so that it need not list all its refs"),
                   [&](const std::optional<std::string>& value, bool unset) {
                     if (unset || !o.base) o.base.emplace();
                     if (!unset) add_push_base(repo, *o.base, *value);
                     return true;
                   });
  options.callback('o', "push-option", "server-specific", N_("option to transmit"),
                   [&](const std::optional<std::string>& value, bool unset) {
                     o.push_options_given = true;
                     if (unset)
                       o.push_options.clear();
                     else
                       o.push_options.push_back(*value);
                     return true;
                   });
  options.set_int('4', "ipv4", &o.family, 4, N_("use IPv4 addresses only"), kOptNoNeg);
  options.set_int('6', "ipv6", &o.family, 6, N_("use IPv6 addresses only"), kOptNoNeg);
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());

  die_for_incompatible_opts({{o.delete_refs, "--delete"},
                             {o.tags, "--tags"},
                             {(o.flags & kPushAll) != 0, "--all/--branches"},
                             {(o.flags & kPushMirror) != 0, "--mirror"}});
  if (!o.push_options_given) {
    for (const ConfigEntry* entry : config.find_all("push.pushoption")) {
      if (!entry->value) die_missing_config_value(*entry);
      if (entry->value->empty())
        o.push_options.clear();
      else
        o.push_options.push_back(*entry->value);
    }
  }
  for (const std::string& option : o.push_options)
    if (option.find('\n') != std::string::npos) die("%s", _("push options must not have new line characters"));
  if (o.delete_refs && args.size() < 2) die("%s", _("--delete doesn't make sense without any refs"));
  bool force_if_includes =
      o.force_if_includes >= 0 ? o.force_if_includes > 0 : config.get_bool_or("push.useforceifincludes", false);
  o.lease.uses_force_if_includes = force_if_includes && o.lease.is_set();
  if (!args.empty() && args[0].empty()) die(_("bad repository '%s'"), args[0]);
  std::string name = !args.empty() ? args[0] : o.repo_name.value_or("");
  if (!args.empty()) args.erase(args.begin());
  if (std::vector<std::string> members = group_members(repo, name); !members.empty()) {
    if (o.flags & kPushAtomic) die("%s", _("--atomic can only be used when pushing to one remote"));
    return push_to_group(members, repeated_options(options, inv), args);
  }
  return Push(repo, o).run(name, args);
}

}  // namespace git
