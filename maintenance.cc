#include "maintenance.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/date.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "odb.h"
#include "pack/pack.h"
#include "repository.h"

namespace git {
namespace {

// A time in the past, "now" or "never" ("" stands for never).
void read_expiry(Config& config, const char* key, const char* shown, std::string& value) {
  auto text = config.get_string(key);
  if (!text) return;
  auto when = parse_expiry_date(*text);
  if (!when) die("failed to parse '%s' value '%s'", shown, *text);
  value = *when == 0 ? "" : *text;
}

}  // namespace

GcConfig read_gc_config(Repository& repo) {
  Config& config = repo.config();
  GcConfig c;
  if (auto text = config.get_string("gc.packrefs"))
    c.pack_refs = *text == "notbare" ? -1 : config.get_bool_or("gc.packrefs", true) ? 1 : 0;
  c.aggressive_window = config.get_int_or("gc.aggressivewindow", c.aggressive_window);
  c.aggressive_depth = config.get_int_or("gc.aggressivedepth", c.aggressive_depth);
  c.auto_threshold = config.get_int_or("gc.auto", c.auto_threshold);
  c.auto_pack_limit = config.get_int_or("gc.autopacklimit", c.auto_pack_limit);
  c.write_commit_graph = config.get_bool_or("gc.writecommitgraph", true);
  c.detach_auto = config.get_bool_or("gc.autodetach", true);
  c.cruft_packs = config.get_bool_or("gc.cruftpacks", true);
  c.max_cruft_size = config.get_ulong("gc.maxcruftsize").value_or(0);
  auto never = [&](const char* key) {
    auto text = config.get_string(key);
    return text && parse_expiry_date(*text) == 0;
  };
  c.prune_reflogs = !(never("gc.reflogexpire") && never("gc.reflogexpireunreachable"));
  read_expiry(config, "gc.pruneexpire", "gc.pruneexpire", c.prune_expire);
  read_expiry(config, "gc.worktreepruneexpire", "gc.worktreepruneexpire", c.worktrees_expire);
  for (const char* key : {"gc.logexpiry"}) {
    auto text = config.get_string(key);
    if (text && !parse_expiry_date(*text)) die("failed to parse '%s' value '%s'", key, *text);
  }
  c.big_pack_threshold = config.get_ulong("gc.bigpackthreshold").value_or(0);
  c.repack_filter = config.get_string_or("gc.repackfilter", "");
  c.repack_filter_to = config.get_string_or("gc.repackfilterto", "");
  return c;
}

int sampled_loose_objects(Repository& repo) {
  int count = 0;
  std::size_t digits = hex_size(repo.algo()) - 2;
  for (const std::string& name : list_dir(path_join(repo.odb().objects_dir(), "17")))
    if (name.size() == digits && name.find_first_not_of("0123456789abcdef") == std::string::npos) count++;
  return count;
}

bool too_many_loose_objects(Repository& repo, int limit) {
  if (limit <= 0) return false;
  return sampled_loose_objects(repo) > (limit + 255) / 256;
}

bool too_many_packs(Repository& repo, int limit) {
  if (limit <= 0) return false;
  int count = 0;
  for (const auto& pack : repo.odb().packs())
    if (pack->is_local() && !pack->has_keep() && !pack->is_cruft()) count++;
  return limit < count;
}

std::vector<std::string> base_packs(Repository& repo, std::uint64_t limit) {
  std::vector<std::string> names;
  const Pack* largest = nullptr;
  for (const auto& pack : repo.odb().packs()) {
    if (!pack->is_local() || pack->is_cruft()) continue;
    if (limit) {
      if (pack->file_size() >= limit) names.emplace_back(pack->name());
    } else if (!largest || pack->file_size() > largest->file_size()) {
      largest = pack.get();
    }
  }
  if (largest) names.emplace_back(largest->name());
  return names;
}

std::vector<std::string> repack_all_arguments(Repository&, const GcConfig& c, const std::vector<std::string>& keep_packs) {
  std::vector<std::string> args;
  if (c.prune_expire == "now" && !(c.cruft_packs && !c.repack_expire_to.empty())) {
    args.push_back("-a");
  } else if (c.cruft_packs) {
    args.push_back("--cruft");
    if (!c.prune_expire.empty()) args.push_back("--cruft-expiration=" + c.prune_expire);
    if (c.max_cruft_size) args.push_back(strf("--max-cruft-size=%u", c.max_cruft_size));
    if (!c.repack_expire_to.empty()) args.push_back("--expire-to=" + c.repack_expire_to);
  } else {
    args.push_back("-A");
    if (!c.prune_expire.empty()) args.push_back("--unpack-unreachable=" + c.prune_expire);
  }
  for (const std::string& name : keep_packs) args.push_back("--keep-pack=" + name);
  if (!c.repack_filter.empty()) args.push_back("--filter=" + c.repack_filter);
  if (!c.repack_filter_to.empty()) args.push_back("--filter-to=" + c.repack_filter_to);
  return args;
}

int run_housekeeping(std::vector<std::string> args, const std::string& input) {
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = std::move(args);
  if (input.empty()) {
    child.in = ChildProcess::kNull;
    return child.run();
  }
  child.in = ChildProcess::kPipe;
  if (!child.start()) return -1;
  write_in_full(child.in_fd(), input);
  child.close_in();
  return child.finish();
}

bool daemonize() {
  flush_out();
  int pid = fork();
  if (pid < 0) return false;
  if (pid > 0) _exit(0);
  setsid();
  int null = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd <= 2; fd++) dup2(null, fd);
  if (null > 2) ::close(null);
  return true;
}

bool gc_foreground(Repository& repo, const GcConfig& c, bool) {
  if (c.pack_refs > 0 || (c.pack_refs < 0 && !repo.is_bare()))
    if (run_housekeeping({"pack-refs", "--all", "--prune"})) return error("failed to run %s", "pack-refs"), false;
  if (c.prune_reflogs)
    if (run_housekeeping({"reflog", "expire", "--all"})) return error("failed to run %s", "reflog"), false;
  return true;
}

void run_auto_maintenance(const Config& config, bool quiet) {
  if (!config.get_bool_or("maintenance.auto", true)) return;
  const bool detaches = config.get_bool_or("maintenance.autodetach", config.get_bool_or("gc.autodetach", true));
  ChildProcess child;
  child.git_command = true;
  child.args = {"maintenance", "run", "--auto", quiet ? "--quiet" : "--no-quiet", detaches ? "--detach" : "--no-detach"};
  child.run();
}

}  // namespace git
