// Commands get files: the worktree's own where it has the very content, temporary ones otherwise.
#include "diff/external.h"

#include <sys/stat.h>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "config.h"
#include "diff/emit.h"
#include "diff/options.h"
#include "diff/userdiff.h"
#include "index.h"
#include "index/convert.h"
#include "repository.h"

namespace git {
namespace {

struct ExternalCommand {
  std::string command;
  bool trust_exit_code = false;
};

// A file with the content of one side.
struct TempSide {
  std::string name = "/dev/null", hex = ".", mode = ".";
  Tempfile file;
  std::string directory;
  ~TempSide() {
    if (!directory.empty()) remove_dir_recursively(directory);
  }
};

bool is_same_in_worktree(DiffOptions& options, const DiffFilespec& spec) {
  if (!options.index || options.no_index) return false;
  const IndexEntry* entry = options.index->find(spec.path);
  if (!entry || entry->oid != spec.oid || !is_regular_mode(entry->mode)) return false;
  auto st = lstat_path(spec.path);
  return st && !options.index->match_stat(*entry, *st);
}

void prepare_side(DiffOptions& options, DiffFilespec& spec, TempSide& side) {
  if (!spec.is_valid()) return;
  const std::string mode = strf("%06o", spec.mode);
  if (!is_gitlink_mode(spec.mode) && (!spec.oid_valid || is_same_in_worktree(options, spec)) && is_regular_mode(spec.mode) &&
      !spec.is_stdin && path_exists(spec.path)) {
    side.name = spec.path;
    side.hex = spec.oid_valid ? spec.oid.hex() : ObjectId::null(options.algo()).hex();
    side.mode = mode;
    return;
  }
  std::string bytes = load(options, spec);
  if (options.repo && !options.no_index && is_regular_mode(spec.mode))
    if (auto converted = options.converter().to_working_tree(spec.path, bytes)) bytes = *converted;
  // The base name is kept, for commands that look at it.
  const char* tmp = std::getenv("TMPDIR");
  std::string pattern = path_join(tmp && *tmp ? tmp : "/tmp", "git-blob-XXXXXX");
  if (!::mkdtemp(pattern.data())) die_errno("unable to create temp-file");
  side.directory = pattern;
  side.name = path_join(pattern, path_basename(spec.path));
  if (!write_file(side.name, bytes, 0600)) die_errno("unable to write temp-file");
  side.hex = spec.oid_valid ? spec.oid.hex() : ObjectId::null(options.algo()).hex();
  side.mode = mode;
}

ExternalCommand find_command(DiffOptions& options, DiffFilespec& spec) {
  const UserdiffDriver& driver = driver_of(options, spec);
  if (!driver.external.empty()) return {driver.external, driver.trust_exit_code};
  if (auto command = get_env("GIT_EXTERNAL_DIFF"); command && !command->empty())
    return {*command, env_bool("GIT_EXTERNAL_DIFF_TRUST_EXIT_CODE", false)};
  if (options.config)
    if (auto command = options.config->get_string("diff.external"); command && !command->empty())
      return {*command, options.config->get_bool_or("diff.trustexitcode", false)};
  return {};
}

int run_command(DiffOptions& options, const ExternalCommand& external, std::vector<std::string> args) {
  ChildProcess child;
  child.use_shell = true;
  child.args.push_back(external.command);
  child.args.insert(child.args.end(), args.begin(), args.end());
  options.path_counter++;
  child.env.push_back("GIT_DIFF_PATH_COUNTER=" + std::to_string(options.path_counter));
  child.env.push_back("GIT_DIFF_PATH_TOTAL=" + std::to_string(options.queue.size()));
  flush_out();
  const bool quiet = !(options.output_format & kDiffPatch);
  if (quiet) {
    child.out = ChildProcess::kNull;
    return child.run();
  }
  if (!options.writes_to_file) return child.run();
  CommandOutput output = pipe_command(child, {});
  options.emit(output.out);
  return output.code;
}

void note_result(DiffOptions& options, const ExternalCommand& external, const std::string& name, int code) {
  if (external.trust_exit_code) {
    if (code == 1)
      options.found_changes = true;
    else if (code)
      die("external diff died, stopping at %s", name);
  } else {
    options.found_changes = true;
    if (code) die("external diff died, stopping at %s", name);
  }
}

}  // namespace

const UserdiffDriver* textconv_driver(DiffOptions& options, DiffFilespec& spec) {
  if (!options.allow_textconv || !spec.is_valid()) return nullptr;
  if (is_gitlink_mode(spec.mode) || is_link_mode(spec.mode)) return nullptr;
  const UserdiffDriver& driver = driver_of(options, spec);
  return driver.textconv.empty() ? nullptr : &driver;
}

std::string run_textconv(DiffOptions& options, const UserdiffDriver& driver, DiffFilespec& spec) {
  if (!spec.is_valid()) return {};
  const bool can_cache = driver.textconv_want_cache && spec.oid_valid && options.textconv_cache_get;
  if (can_cache)
    if (auto cached = options.textconv_cache_get(driver.name, driver.textconv, spec.oid)) return *cached;
  TempSide side;
  prepare_side(options, spec, side);
  ChildProcess child;
  child.use_shell = true;
  child.args = {driver.textconv, side.name};
  flush_out();
  CommandOutput output = pipe_command(child, {});
  if (output.code) die("unable to read files to diff");
  if (can_cache && options.textconv_cache_put) options.textconv_cache_put(driver.name, driver.textconv, spec.oid, output.out);
  return output.out;
}

bool run_external_diff_unmerged(DiffOptions& options, DiffPair& pair) {
  const ExternalCommand external = find_command(options, *pair.one);
  if (external.command.empty()) return false;
  const int code = run_command(options, external, {pair.one->path});
  note_result(options, external, pair.one->path, code);
  return true;
}

bool run_external_diff(DiffOptions& options, DiffPair& pair) {
  const ExternalCommand external = find_command(options, *pair.one);
  if (external.command.empty()) return false;
  TempSide before, after;
  prepare_side(options, *pair.one, before);
  prepare_side(options, *pair.two, after);
  std::vector<std::string> args = {pair.one->path, before.name, before.hex, before.mode, after.name, after.hex, after.mode};
  if (pair.one->path != pair.two->path) {
    args.push_back(pair.two->path);
    std::string info;
    const int percent = pair.score * 100 / kMaxScore;
    const char* verb = pair.status == 'C' ? "copy" : "rename";
    if (pair.status == 'C' || pair.status == 'R')
      info = strf("similarity index %d%%\n%s from %s\n%s to %s\n", percent, verb, pair.one->path, verb, pair.two->path);
    if (pair.one->oid != pair.two->oid)
      info += "index " + abbreviate(options, pair.one->oid, options.abbrev) + ".." +
              abbreviate(options, pair.two->oid, options.abbrev) +
              (pair.one->mode == pair.two->mode ? strf(" %06o", pair.one->mode) : "") + "\n";
    args.push_back(info);
  }
  const int code = run_command(options, external, std::move(args));
  note_result(options, external, pair.one->path, code);
  return true;
}

}  // namespace git
