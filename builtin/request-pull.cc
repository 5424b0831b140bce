// git request-pull: a summary of what there is to pull, for the one who should pull it.
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "remote.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"

GIT_BUILTIN("request-pull", cmd_request_pull, kSetup)

namespace git {
namespace {

constexpr const char* kLine = "----------------------------------------------------------------\n";

int run_git(std::vector<std::string> args) {
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = std::move(args);
  return child.run();
}

class RequestPull {
 public:
  RequestPull(Repository& repo, bool with_patch) : repo_(repo), with_patch_(with_patch) {}

  int run(const std::string& start, const std::string& url, const std::string& end) {
    const std::size_t colon = end.rfind(':');
    local_ = end.substr(0, colon);
    remote_ = colon == std::string::npos ? end : end.substr(end.find(':') + 1);
    auto base = get_oid(repo_, start + "^0", NameHint::commit, true);
    if (!base) fail(strf("fatal: Not a valid revision: %s", start));
    find_head();
    Commit* head = repo_.commits().peel_to_commit(head_oid_);
    auto bases = merge_bases(repo_.commits(), repo_.commits().get(*base), head);
    if (bases.empty()) fail(strf("fatal: No commits in common between %s and %s", start, head_));
    const std::string merge_base = bases[0]->oid.hex(), head_hex = head->oid.hex();
    const bool is_there = find_at_remote(url, head->oid);

    run_git({"show", "-s",
             "--format=The following changes since commit %H:%n%n  %s (%ci)%n%nare available in the Git repository at:%n",
             merge_base});
    Remotes remotes(&repo_, repo_.config());
    Remote* remote = remotes.get(url);
    outf("  %s %s\n", remote && !remote->urls.empty() ? remote->urls[0] : url, shown_);
    run_git({"show", "-s", "--format=%nfor you to fetch changes up to %H:%n%n  %s (%ci)%n%n" + std::string(kLine, 64), head_hex});
    show_tag();
    show_description();
    run_git({"shortlog", "^" + base->hex(), head_hex});
    std::vector<std::string> diff = {"diff", "-M", "--stat", "--summary"};
    if (with_patch_) diff.push_back("-p");
    diff.push_back(merge_base + ".." + head_hex);
    run_git(std::move(diff));
    return is_there ? 0 : 1;
  }

 private:
  [[noreturn]] static void fail(const std::string& message) {
    err(message + "\n");
    exit_with(1);
  }

  // What `local_` names: a ref where it can be one, since branches have descriptions and tags have messages.
  void find_head() {
    if (auto ref = repo_.refs().read(local_); ref && !ref->symref_target.empty()) {
      head_ = ref->symref_target;
    } else {
      for (const char* prefix : {"refs/heads/", "refs/tags/", "refs/", ""})
        if (head_.empty() && starts_with(prefix + local_, "refs/") && repo_.refs().exists(prefix + local_))
          head_ = prefix + local_;
    }
    if (head_.empty()) head_ = local_;
    auto oid = get_oid(repo_, head_, NameHint::none, true);
    if (!oid) fail(strf("fatal: Not a valid revision: %s", local_));
    head_oid_ = *oid;
    if (!repo_.commits().peel_to_commit(head_oid_)) fail(strf("fatal: Ambiguous revision: %s", local_));
  }

  bool find_at_remote(const std::string& url, const ObjectId& commit) {
    std::string_view shown = remote_;
    skip_prefix(shown, "refs/");
    skip_prefix(shown, "heads/");
    shown_ = shown;
    ChildProcess child;
    child.git_command = true;
    child.args = {"ls-remote", url};
    CommandOutput output = pipe_command(child, {});
    std::string mismatch;
    for (std::string_view line : split_lines(output.out)) {
      std::size_t tab = line.find('\t');
      if (tab == std::string_view::npos) continue;
      std::string_view oid = line.substr(0, tab), name = line.substr(tab + 1);
      const bool is_peeled = strip_suffix(name, "^{}");
      if (name != remote_ && !ends_with(name, "/" + remote_)) continue;
      if (oid == head_oid_.hex()) {
        // The default branch goes without saying.
        if (name == "HEAD") shown_.clear();
        if (starts_with(name, "refs/tags/")) shown_ = name.substr(5);
        return true;
      }
      if (!is_peeled) mismatch = name;
    }
    if (!mismatch.empty()) {
      errf("warn: %s found at %s but points to a different object\n", mismatch, url);
      errf("warn: Are you sure you pushed '%s' there?\n", remote_);
      return false;
    }
    errf("warn: No match for commit %s found at %s\n", commit, url);
    errf("warn: Are you sure you pushed '%s' there?\n", remote_);
    return false;
  }

  void show_tag() {
    auto data = repo_.odb().read(head_oid_);
    if (!data || data->type != ObjectType::tag) return;
    std::string_view text = data->data;
    std::size_t body = text.find("\n\n");
    text = body == std::string_view::npos ? std::string_view() : text.substr(body + 2);
    for (std::string_view line : split_lines(text)) {
      if (starts_with(line, "-----BEGIN ")) break;
      out(std::string(line) + "\n");
    }
    out("\n");
    out(kLine);
  }

  void show_description() {
    std::string_view branch = head_;
    if (!skip_prefix(branch, "refs/heads/")) return;
    auto text = repo_.config().get_string("branch." + std::string(branch) + ".description");
    if (!text) return;
    outf("(from the branch description for %s local branch)\n\n%s\n", branch, *text);
    out(kLine);
  }

  Repository& repo_;
  bool with_patch_;
  std::string local_, remote_, head_, shown_;
  ObjectId head_oid_;
};

}  // namespace

int cmd_request_pull(Invocation& inv) {
  bool patch = false;
  Options options({"git request-pull [options] start url [end]"});
  options.boolean('p', "", &patch, N_("show patch text as well"), kOptNoNeg);
  auto args = options.parse(inv.args, inv.prefix_or_empty());
  if (args.size() < 2 || args.size() > 3) options.usage_with_options();
  return RequestPull(inv.repo(), patch).run(args[0], args[1], args.size() > 2 ? args[2] : "HEAD");
}

}  // namespace git
