// git apply.
#include "apply.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"

GIT_BUILTIN("apply", cmd_apply, kSetupGently)

namespace git {

int cmd_apply(Invocation& inv) {
  Repository* repo = inv.repository.get();
  Config early{ConfigSources{}};
  const Config& config = repo ? repo->config() : early;
  ApplyOptions o;
  o.prefix = inv.prefix_or_empty();
  read_apply_config(repo, config, o);
  bool force_apply = false, verbose = false, quiet = false;
  Options p({"git apply [<options>] [<patch>...]"});
  p.callback(
      0, "exclude", "path", N_("don't apply changes matching the given path"),
      [&](const std::optional<std::string>& v, bool) {
        o.limits.emplace_back(false, *v);
        return true;
      },
      kOptNoNeg);
  p.callback(
      0, "include", "path", N_("apply changes matching the given path"),
      [&](const std::optional<std::string>& v, bool) {
        o.limits.emplace_back(true, *v);
        o.has_include = true;
        return true;
      },
      kOptNoNeg);
  p.callback('p', "", "num", N_("remove <num> leading slashes from traditional diff paths"),
             [&](const std::optional<std::string>& v, bool) {
               auto n = parse_uint(*v);
               if (!n || *n > 10000) die("option -p expects a non-negative integer, got '%s'", *v);
               o.p_value = static_cast<int>(*n);
               o.p_value_known = true;
               return true;
             });
  p.boolean(0, "no-add", &o.no_add, N_("ignore additions made by the patch"));
  p.boolean(0, "stat", &o.diffstat, N_("instead of applying the patch, output diffstat for the input"));
  bool allow_binary = false;
  p.boolean(0, "allow-binary-replacement", &allow_binary, "", kOptHidden);
  p.boolean(0, "binary", &allow_binary, "", kOptHidden);
  p.boolean(0, "numstat", &o.numstat, N_("show number of added and deleted lines in decimal notation"));
  p.boolean(0, "summary", &o.summary, N_("instead of applying the patch, output a summary for the input"));
  p.boolean(0, "check", &o.check, N_("instead of applying the patch, see if the patch is applicable"));
  p.boolean(0, "index", &o.check_index, N_("make sure the patch is applicable to the current index"));
  p.boolean('N', "intent-to-add", &o.ita_only, N_("mark new files with `git add --intent-to-add`"));
  p.boolean(0, "cached", &o.cached, N_("apply a patch without touching the working tree"));
  p.boolean(0, "unsafe-paths", &o.unsafe_paths, N_("accept a patch that touches outside the working area"));
  p.boolean(0, "apply", &force_apply, N_("also apply the patch (use with --stat/--summary/--check)"));
  p.boolean('3', "3way", &o.three_way, N_("attempt three-way merge, fall back on normal patch if that fails"));
  int favor = 0;
  p.set_int(0, "ours", &favor, 1, N_("for conflicts, use our version"));
  p.set_int(0, "theirs", &favor, 2, N_("for conflicts, use their version"));
  p.set_int(0, "union", &favor, 3, N_("for conflicts, use a union version"));
  p.string(0, "build-fake-ancestor", &o.fake_ancestor, "file", N_("build a temporary index based on embedded index information"));
  p.boolean('z', "", &o.null_termination, N_("paths are separated with NUL character"));
  p.callback('C', "", "n", N_("ensure at least <n> lines of context match"), [&](const std::optional<std::string>& v, bool) {
    auto n = parse_uint(*v);
    if (!n) {
      error("switch `%s' expects an integer value", "C");
      return false;
    }
    o.p_context = *n;
    return true;
  });
  p.callback(0, "whitespace", "action", N_("detect new or modified lines that have whitespace errors"),
             [&](const std::optional<std::string>& v, bool unset) {
               if (unset) return parse_whitespace_action(o, "");
               return parse_whitespace_action(o, *v);
             });
  auto ignore = [&](const std::optional<std::string>&, bool unset) {
    o.ignore_space_change = !unset;
    return true;
  };
  p.callback(0, "ignore-space-change", "", N_("ignore changes in whitespace when finding context"), ignore, kOptNoArg);
  p.callback(0, "ignore-whitespace", "", N_("ignore changes in whitespace when finding context"), ignore, kOptNoArg);
  p.boolean('R', "reverse", &o.apply_in_reverse, N_("apply the patch in reverse"));
  p.boolean(0, "unidiff-zero", &o.unidiff_zero, N_("don't expect at least one line of context"));
  p.boolean(0, "reject", &o.reject, N_("leave the rejected hunks in corresponding *.rej files"));
  p.boolean(0, "allow-overlap", &o.allow_overlap, N_("allow overlapping hunks"));
  p.boolean('v', "verbose", &verbose, N_("be more verbose"));
  p.boolean('q', "quiet", &quiet, N_("be more quiet"));
  p.boolean(0, "inaccurate-eof", &o.inaccurate_eof, N_("tolerate incorrectly detected missing new-line at the end of file"));
  p.boolean(0, "recount", &o.recount, N_("do not trust the line counts in the hunk headers"));
  p.callback(
      0, "directory", "root", N_("prepend <root> to all filenames"),
      [&](const std::optional<std::string>& v, bool) {
        o.root = *v;
        while (starts_with(o.root, "./")) o.root.erase(0, 2);
        if (auto clean = normalize_path(o.root)) o.root = *clean;
        if (o.root == ".") o.root.clear();
        if (!o.root.empty() && o.root.back() != '/') o.root += '/';
        return true;
      },
      kOptNoNeg);
  p.boolean(0, "allow-empty", &o.allow_empty, N_("don't return error for empty patches"));
  std::vector<std::string> files = p.parse(inv.args, inv.prefix_or_empty());

  o.conflict_favor = favor;
  o.verbosity = verbose ? ApplyVerbosity::verbose : quiet ? ApplyVerbosity::silent : ApplyVerbosity::normal;
  if (o.reject && o.three_way) die("options '%s' and '%s' cannot be used together", "--reject", "--3way");
  if (o.conflict_favor && !o.three_way) die("--ours, --theirs, and --union require --3way");
  if (!repo) {
    if (o.three_way) die("'%s' outside a repository", "--3way");
    if (o.check_index) die("'%s' outside a repository", "--index");
    if (o.cached) die("'%s' outside a repository", "--cached");
  }
  if (o.ita_only && (o.check_index || o.cached || !repo)) o.ita_only = false;
  if (o.check_index) o.unsafe_paths = false;
  if (o.diffstat || o.numstat || o.summary || o.check || !o.fake_ancestor.empty()) o.apply = force_apply;
  if (files.empty()) files.push_back("-");
  return apply_all_patches(repo, config, o, files);
}

}  // namespace git
