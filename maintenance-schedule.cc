#include "maintenance-schedule.h"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "odb.h"

namespace git {
namespace {

constexpr const char* kKey = "maintenance.repo";
constexpr const char* kBegin = "# BEGIN GIT MAINTENANCE SCHEDULE";
constexpr const char* kEnd = "# END GIT MAINTENANCE SCHEDULE";
constexpr const char* kFrequencies[] = {"hourly", "daily", "weekly"};

// The worktree, or the git directory of a bare repository.
std::string maintained_path(Repository& repo) {
  return repo.worktree() ? real_path_forgiving(*repo.worktree()) : real_path_forgiving(repo.git_dir_abs());
}

// The file that `git config --global` would write.
std::string global_file() {
  auto paths = global_config_paths();
  if (paths.empty()) die("$HOME not set");
  for (const std::string& path : paths)
    if (path_exists(path) && ends_with(path, "/.gitconfig")) return path;
  for (const std::string& path : paths)
    if (path_exists(path)) return path;
  for (const std::string& path : paths)
    if (ends_with(path, "/.gitconfig")) return path;
  return paths.back();
}

bool is_registered(Repository& repo, const std::string& path, const std::optional<std::string>& file, bool& has_bad) {
  std::vector<ConfigEntry> entries;
  if (file) {
    auto read = read_config_file(*file, true, repo.config().sources());
    if (read) entries = std::move(*read);
  } else {
    entries = repo.config().entries();
  }
  bool found = false;
  for (const ConfigEntry& entry : entries) {
    if (entry.key != kKey) continue;
    if (!entry.value)
      has_bad = true;
    else if (*entry.value == path)
      found = true;
  }
  return found;
}

// ---- schedulers ----

// GIT_TEST_MAINT_SCHEDULER="name:command,..." stands in for the system's schedulers.
std::optional<std::string> scheduler_command(const std::string& name, const std::string& standard) {
  auto text = get_env("GIT_TEST_MAINT_SCHEDULER");
  if (!text) return standard;
  for (std::string_view item : split(*text, ',')) {
    std::size_t colon = item.find(':');
    if (item.substr(0, colon) == name) return colon == std::string_view::npos ? standard : std::string(item.substr(colon + 1));
  }
  return std::nullopt;
}

int run_command_line(const std::string& command, std::vector<std::string> args, bool quiet = false) {
  ChildProcess child;
  for (std::string_view word : split(command, ' ')) child.args.emplace_back(word);
  child.args.insert(child.args.end(), args.begin(), args.end());
  child.silent_exec_failure = true;
  child.in = ChildProcess::kNull;
  if (quiet) child.out = child.err = ChildProcess::kNull;
  return child.run();
}

std::string maintenance_command(const std::string& frequency) {
  std::string exec_path = git_exec_path();
  return strf("\"%s/git\" --exec-path=\"%s\" for-each-repo --keep-going --config=maintenance.repo maintenance run --schedule=%s",
              exec_path, exec_path, frequency);
}

// A minute that differs between machines, so that servers are not asked by all at once.
int random_minute() {
  UniqueFd fd = open_fd("/dev/urandom", O_RDONLY);
  unsigned char byte = 0;
  if (fd) xread(fd.get(), &byte, 1);
  return byte % 60;
}

std::string without_schedule(std::string_view table) {
  std::string kept;
  bool inside = false;
  for (std::string_view line : split_lines(table)) {
    if (line == kBegin) inside = true;
    if (!inside) kept += std::string(line) + "\n";
    if (line == kEnd) inside = false;
  }
  return kept;
}

bool update_crontab(const std::string& command, bool enable) {
  ChildProcess list;
  for (std::string_view word : split(command, ' ')) list.args.emplace_back(word);
  list.args.push_back("-l");
  list.in = ChildProcess::kNull;
  CommandOutput current = pipe_command(list, "", true);  // an empty table is an error for some
  std::string table = without_schedule(current.out);
  if (enable) {
    int minute = random_minute();
    table += std::string(kBegin) +
             "\n# The following schedule was created by Git\n# Any edits made in this region might be\n"
             "# replaced in the future by a Git command.\n\n";
    table += strf("%d 1-23 * * * %s\n", minute, maintenance_command("hourly"));
    table += strf("%d 0 * * 1-6 %s\n", minute, maintenance_command("daily"));
    table += strf("%d 0 * * 0 %s\n", minute, maintenance_command("weekly"));
    table += std::string("\n") + kEnd + "\n";
  }
  Tempfile file = Tempfile::in_tmpdir("git_cron_edit_tmp_XXXXXX").take_or_die();
  if (!file.write(table) || !file.close()) die_errno("failed to create crontab temporary file");
  ChildProcess edit;
  for (std::string_view word : split(command, ' ')) edit.args.emplace_back(word);
  edit.args.push_back(file.path());
  edit.in = ChildProcess::kNull;
  if (edit.run()) return error("'crontab' died") == 0;
  return true;
}

std::string config_home() {
  if (auto xdg = get_env("XDG_CONFIG_HOME"); xdg && !xdg->empty()) return *xdg;
  return path_join(get_env_or("HOME", ""), ".config");
}
std::string systemd_file(const std::string& name) { return path_join(config_home(), "systemd/user/" + name); }

void remove_systemd_files() {
  for (const char* frequency : kFrequencies) remove_file(systemd_file(strf("git-maintenance@%s.timer", frequency)));
  remove_file(systemd_file("git-maintenance@.timer"));
  remove_file(systemd_file("git-maintenance@.service"));
}

bool write_systemd_files(int minute) {
  std::string exec_path = git_exec_path();
  std::string service = strf(
      "# This file was created and is maintained by Git.\n# Any edits made in this file might be replaced in the future\n"
      "# by a Git command.\n#\n[Unit]\nDescription=Optimize Git repositories data\n\n[Service]\nType=oneshot\n"
      "ExecStart=\"%s/git\" --exec-path=\"%s\" for-each-repo --keep-going --config=maintenance.repo maintenance run "
      "--schedule=%%i\nLockPersonality=yes\nMemoryDenyWriteExecute=yes\nNoNewPrivileges=yes\n"
      "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_VSOCK\nRestrictNamespaces=yes\nRestrictRealtime=yes\n"
      "RestrictSUIDSGID=yes\nSystemCallArchitectures=native\nSystemCallFilter=@system-service\n",
      exec_path, exec_path);
  std::string path = systemd_file("git-maintenance@.service");
  make_leading_dirs(path);
  if (!write_file(path, service)) return error_errno("failed to write to '%s'", path) == 0;
  for (const char* frequency : kFrequencies) {
    std::string when = std::string_view(frequency) == "hourly"  ? strf("*-*-* 1..23:%02d:00", minute)
                       : std::string_view(frequency) == "daily" ? strf("Tue..Sun *-*-* 0:%02d:00", minute)
                                                                : strf("Mon 0:%02d:00", minute);
    std::string timer = strf(
        "# This file was created and is maintained by Git.\n# Any edits made in this file might be replaced in the future\n"
        "# by a Git command.\n#\n[Unit]\nDescription=Optimize Git repositories data\n\n[Timer]\nOnCalendar=%s\n"
        "Persistent=true\n\n[Install]\nWantedBy=timers.target\n",
        when);
    std::string timer_path = systemd_file(strf("git-maintenance@%s.timer", frequency));
    if (!write_file(timer_path, timer)) return error_errno("failed to write to '%s'", timer_path) == 0;
  }
  return true;
}

bool update_systemd(const std::string& command, bool enable) {
  if (enable && !write_systemd_files(random_minute())) return false;
  bool ok = true;
  for (const char* frequency : kFrequencies) {
    std::string timer = strf("git-maintenance@%s.timer", frequency);
    if (enable ? run_command_line(command, {"--user", "enable", "--now", timer})
               : run_command_line(command, {"--user", "disable", "--now", timer}, true))
      if (enable) ok = error("failed to run systemctl") == 0;
  }
  if (!enable) remove_systemd_files();
  return ok;
}

bool update_launchctl(const std::string& command, bool enable) {
  std::string domain = strf("gui/%d", static_cast<int>(getuid()));
  for (const char* frequency : kFrequencies) {
    std::string label = strf("org.git-scm.git.%s", frequency);
    std::string plist = path_join(get_env_or("HOME", ""), "Library/LaunchAgents/" + label + ".plist");
    run_command_line(command, {"bootout", domain, plist});
    if (!enable) {
      remove_file(plist);
      continue;
    }
    std::string exec_path = git_exec_path();
    std::string text = strf(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
        "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\"><dict>\n<key>Label</key>"
        "<string>%s</string>\n<key>ProgramArguments</key>\n<array>\n<string>%s/git</string>\n<string>--exec-path=%s</string>\n"
        "<string>for-each-repo</string>\n<string>--keep-going</string>\n<string>--config=maintenance.repo</string>\n"
        "<string>maintenance</string>\n<string>run</string>\n<string>--schedule=%s</string>\n</array>\n"
        "<key>StartCalendarInterval</key>\n<array>\n<dict>\n<key>Minute</key><integer>%d</integer>\n</dict>\n</array>\n"
        "</dict>\n</plist>\n",
        label, exec_path, exec_path, frequency, random_minute());
    make_leading_dirs(plist);
    if (!write_file(plist, text)) die_errno("could not write '%s'", plist);
    if (run_command_line(command, {"bootstrap", domain, plist})) return error("failed to bootstrap service %s", plist) == 0;
  }
  return true;
}

bool update_schtasks(const std::string& command, bool enable) {
  for (const char* frequency : kFrequencies) {
    std::string name = strf("Git Maintenance (%s)", frequency);
    std::string xml = strf("schedule_%s.xml", frequency);
    if (!enable) {
      run_command_line(command, {"/delete", "/tn", name, "/f"});
      continue;
    }
    Tempfile file = Tempfile::in_tmpdir("schedule_XXXXXX").take_or_die();
    std::string exec_path = git_exec_path();
    file.write(strf(
        "<?xml version=\"1.0\" ?>\n<Task version=\"1.4\">\n<Actions Context=\"Author\">\n<Exec>\n<Command>\"%s/git\"</Command>\n"
        "<Arguments>--exec-path=\"%s\" for-each-repo --keep-going --config=maintenance.repo maintenance run "
        "--schedule=%s</Arguments>\n</Exec>\n</Actions>\n</Task>\n",
        exec_path, exec_path, frequency));
    file.close();
    if (run_command_line(command, {"/create", "/tn", name, "/f", "/xml", file.path()})) return false;
  }
  return true;
}

struct Scheduler {
  const char* name;
  const char* command;
  bool (*update)(const std::string& command, bool enable);
};
constexpr Scheduler kSchedulers[] = {{"crontab", "crontab", update_crontab},
                                     {"systemd-timer", "systemctl", update_systemd},
                                     {"launchctl", "launchctl", update_launchctl},
                                     {"schtasks", "schtasks", update_schtasks}};

bool is_available(const Scheduler& s) {
  if (get_env("GIT_TEST_MAINT_SCHEDULER")) return scheduler_command(s.command, s.command).has_value();
  std::string_view name = s.name;
  if (name == "crontab") return !find_in_path("crontab").empty();
  if (name == "systemd-timer") return run_command_line("systemctl", {"--user", "list-timers"}, true) == 0;
  return false;
}

const Scheduler& choose_scheduler(const std::string& wanted) {
  if (wanted == "auto") {
    for (const char* name : {"systemd-timer", "crontab"})
      for (const Scheduler& s : kSchedulers)
        if (std::string_view(s.name) == name && is_available(s)) return s;
    die("neither systemd timers nor crontab are available");
  }
  for (const Scheduler& s : kSchedulers)
    if (iequals(wanted, s.name) || (iequals(wanted, "systemd") && std::string_view(s.name) == "systemd-timer") ||
        (iequals(wanted, "cron") && std::string_view(s.name) == "crontab")) {
      if (!is_available(s)) die("%s scheduler is not available", s.name);
      return s;
    }
  die("unrecognized --scheduler argument '%s'", wanted);
}

bool update_schedule(Invocation& inv, const Scheduler* chosen) {
  std::optional<LockFile> lock;
  if (inv.repository) {
    Result<LockFile> held = LockFile::hold(path_join(inv.repo().odb().objects_dir(), "schedule"));
    if (!held) {
      if (errno == EEXIST)
        return error(
                   "unable to create '%s.lock': %s.\n\n"
                   "Another scheduled git-maintenance(1) process seems to be running in this\n"
                   "repository. Please make sure no other maintenance processes are running and\n"
                   "then try again. If it still fails, a git-maintenance(1) process may have\n"
                   "crashed in this repository earlier: remove the file manually to continue.",
                   path_join(inv.repo().odb().objects_dir(), "schedule"), "File exists") == 0;
      return error("cannot acquire lock for scheduled background maintenance") == 0;
    }
    lock = std::move(*held);
  }
  bool ok = true;
  // One scheduler at most has our entries.
  for (const Scheduler& s : kSchedulers) {
    if (&s == chosen || !is_available(s)) continue;
    auto command = scheduler_command(s.command, s.command);
    ok = s.update(*command, false) && (chosen || ok);
  }
  if (chosen) {
    auto command = scheduler_command(chosen->command, chosen->command);
    ok = chosen->update(*command, true);
  }
  return ok;
}

}  // namespace

int maintenance_register(Invocation& inv, const std::vector<std::string>& args) {
  std::optional<std::string> file;
  Options o({"git maintenance register [--config-file <path>]"});
  o.filename(0, "config-file", &file, N_("file"));
  if (!o.parse(args, inv.prefix_or_empty()).empty()) o.usage_with_options();
  Repository& repo = inv.repo();
  std::string local = path_join(repo.common_dir(), "config"), path = maintained_path(repo);
  config_set_in_file(local, "maintenance.auto", "false");
  if (!repo.config().find("maintenance.strategy")) config_set_in_file(local, "maintenance.strategy", "incremental");
  bool has_bad = false, found = is_registered(repo, path, file, has_bad);
  if (has_bad) error("missing value for '%s'", kKey);
  if (found) return 0;
  std::string target = file ? *file : global_file();
  ConfigValueMatch never;
  never.pattern = "a^";  // matches nothing, so the value is added
  int code = config_set_in_file(target, kKey, path, never);
  if (code) die("unable to add '%s' value of '%s'", kKey, path);
  return 0;
}

int maintenance_unregister(Invocation& inv, const std::vector<std::string>& args) {
  std::optional<std::string> file;
  bool force = false;
  Options o({"git maintenance unregister [--config-file <path>] [--force]"});
  o.filename(0, "config-file", &file, N_("file"));
  o.boolean('f', "force", &force, N_("return success even if repository was not registered"));
  if (!o.parse(args, inv.prefix_or_empty()).empty()) o.usage_with_options();
  Repository& repo = inv.repo();
  std::string path = maintained_path(repo);
  bool has_bad = false, found = is_registered(repo, path, file, has_bad);
  if (has_bad) error("missing value for '%s'", kKey);
  if (found) {
    ConfigValueMatch match;
    match.pattern = path;
    match.fixed = true;
    int code = config_set_in_file(file ? *file : global_file(), kKey, std::nullopt, match, true);
    if (code && (!force || code != 5)) die("unable to unset '%s' value of '%s'", kKey, path);
  } else if (!force) {
    die("repository '%s' is not registered", path);
  }
  return 0;
}

int maintenance_start(Invocation& inv, const std::vector<std::string>& args) {
  std::string wanted = "auto";
  Options o({"git maintenance start [--scheduler=<scheduler>]"});
  o.callback(
      0, "scheduler", "scheduler", N_("scheduler to trigger git maintenance run"),
      [&](const std::optional<std::string>& value, bool) {
        static const char* const kKnown[] = {"auto", "cron", "crontab", "systemd", "systemd-timer", "launchctl", "schtasks"};
        if (std::none_of(std::begin(kKnown), std::end(kKnown), [&](const char* k) { return iequals(k, *value); })) {
          error("unrecognized --scheduler argument '%s'", *value);
          return false;
        }
        wanted = lowercase(*value);
        return true;
      },
      kOptNoNeg);
  if (!o.parse(args, inv.prefix_or_empty()).empty()) o.usage_with_options();
  const Scheduler& scheduler = choose_scheduler(wanted);
  if (!update_schedule(inv, &scheduler)) die("failed to set up maintenance schedule");
  if (maintenance_register(inv, {"register"})) die("failed to add repo to global config");
  return 0;
}

int maintenance_stop(Invocation& inv, const std::vector<std::string>& args) {
  Options o({"git maintenance stop"});
  if (!o.parse(args, inv.prefix_or_empty()).empty()) o.usage_with_options();
  return update_schedule(inv, nullptr) ? 0 : 1;
}

}  // namespace git
