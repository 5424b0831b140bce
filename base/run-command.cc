// A child is made by fork and exec.  The child tells about a failed chdir or exec through a close-on-exec pipe, so
// that start() can say why; signals are blocked in between, so that our cleanup handlers never run in the child.
#include "base/run-command.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <mutex>

#include "base/env.h"
#include "base/error.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/sigchain.h"
#include "base/strings.h"
#include "base/trace.h"
#include "base/trace2.h"

extern char** environ;

namespace git {
namespace {

// Children to be ended with us; fixed, for the signal handler's sake.
constexpr std::size_t kMaxCleaned = 256;
std::atomic<pid_t> cleaned[kMaxCleaned];
std::atomic<pid_t> cleaned_owner;

void kill_cleaned(int signal) {
  if (cleaned_owner.load() == ::getpid())
    for (auto& pid : cleaned)
      if (pid.load() > 0) ::kill(pid.load(), signal);
  sigchain_pop(signal);
  ::raise(signal);
}
void mark_for_cleanup(pid_t pid) {
  static std::once_flag once;
  std::call_once(once, [] {
    cleaned_owner = ::getpid();
    sigchain_push_common(kill_cleaned);
  });
  for (auto& slot : cleaned) {
    pid_t expected = 0;
    if (slot.compare_exchange_strong(expected, pid)) return;
  }
}
void unmark_for_cleanup(pid_t pid) {
  for (auto& slot : cleaned) {
    pid_t expected = pid;
    if (slot.compare_exchange_strong(expected, 0)) return;
  }
}

bool is_executable(const std::string& path) {
  auto st = stat_path(path);
  return st && S_ISREG(st->st_mode) && (st->st_mode & 0111) && ::access(path.c_str(), X_OK) == 0;
}

// What is really executed: a shell around a shell text, "git" in front of a git command.
std::vector<std::string> command_line(const ChildProcess& child) {
  std::vector<std::string> argv;
  if (child.git_command) argv.push_back("git");
  if (child.use_shell && child.args[0].find_first_of("|&;<>()$`\\\"' \t\n*?[#~=%") != std::string::npos) {
    argv.insert(argv.end(), {"/bin/sh", "-c"});
    argv.push_back(child.args.size() == 1 ? child.args[0] : child.args[0] + " \"$@\"");
  }
  argv.insert(argv.end(), child.args.begin(), child.args.end());
  return argv;
}

std::vector<std::string> child_environment(const std::vector<std::string>& changes) {
  std::map<std::string, std::optional<std::string>> changed;
  for (const std::string& change : changes) {
    std::size_t equals = change.find('=');
    if (equals == std::string::npos)
      changed[change] = std::nullopt;
    else
      changed[change.substr(0, equals)] = change.substr(equals + 1);
  }
  std::vector<std::string> env;
  for (char** e = environ; *e; e++) {
    std::string_view entry = *e;
    if (!changed.count(std::string(entry.substr(0, entry.find('='))))) env.emplace_back(entry);
  }
  for (const auto& [name, value] : changed)
    if (value) env.push_back(name + "=" + *value);
  return env;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> all;
  for (std::string& s : strings) all.push_back(s.data());
  all.push_back(nullptr);
  return all;
}

void trace_start(const ChildProcess& child) {
  if (!trace_want("GIT_TRACE")) return;
  std::string text = "trace: run_command:";
  if (!child.dir.empty()) text += " cd " + sq_quote_pretty(child.dir) + ";";
  // The last word on each variable, by name; what is so already isn't told.
  std::map<std::string, std::optional<std::string>> changed;
  for (const std::string& change : child.env) {
    std::size_t equals = change.find('=');
    if (equals == std::string::npos)
      changed[change] = std::nullopt;
    else
      changed[change.substr(0, equals)] = change.substr(equals + 1);
  }
  std::string unset, set;
  for (const auto& [name, value] : changed) {
    auto old = get_env(name.c_str());
    if (!value && old) unset += " " + name;
    if (value && (!old || *old != *value)) set += " " + name + "=" + sq_quote_pretty(*value);
  }
  if (!unset.empty()) text += " unset" + unset + ";";
  text += set;
  if (child.git_command) text += " git";
  trace_print("GIT_TRACE", text + sq_quote_argv_pretty(child.args));
}

struct ChildFailure {
  enum Step : int { none, chdir_failed, exec_failed, dup_failed } step = none;
  int code = 0;
};

// One standard stream of the child: the descriptor it will use there, and our end of a pipe.
struct Stream {
  UniqueFd theirs, ours;
  bool inherit = true;
};
Stream prepare_stream(int wanted, bool child_reads) {
  Stream stream;
  if (wanted == ChildProcess::kInherit) return stream;
  stream.inherit = false;
  if (wanted == ChildProcess::kPipe) {
    Pipe pipe = make_pipe();
    stream.theirs = std::move(child_reads ? pipe.read_end : pipe.write_end);
    stream.ours = std::move(child_reads ? pipe.write_end : pipe.read_end);
  } else if (wanted == ChildProcess::kNull) {
    stream.theirs = xopen("/dev/null", O_RDWR);
  } else {
    stream.theirs.reset(wanted);
  }
  return stream;
}

struct Launch {
  const char* program;
  std::vector<char*> argv, env;
  const char* dir;
  int in, out, err;  // -1: leave alone
  bool stdout_to_stderr;
  int report_fd;
};

void move_fd(int from, int to) {
  if (from < 0) return;
  if (from == to)
    ::fcntl(from, F_SETFD, 0);
  else
    ::dup2(from, to);
}

[[noreturn]] void run_child(const Launch& launch, const sigset_t& old_mask) {
  for (int sig = 1; sig < 32; sig++) {
    struct sigaction action {};
    if (::sigaction(sig, nullptr, &action) == 0 && action.sa_handler != SIG_IGN && action.sa_handler != SIG_DFL)
      ::signal(sig, SIG_DFL);
  }
  ::sigprocmask(SIG_SETMASK, &old_mask, nullptr);
  auto fail = [&](ChildFailure::Step step) {
    ChildFailure failure{step, errno};
    if (::write(launch.report_fd, &failure, sizeof failure) < 0) ::_exit(126);
    ::_exit(127);
  };
  move_fd(launch.in, 0);
  move_fd(launch.err, 2);
  if (launch.stdout_to_stderr)
    ::dup2(2, 1);
  else
    move_fd(launch.out, 1);
  if (launch.dir && ::chdir(launch.dir) < 0) fail(ChildFailure::chdir_failed);
  ::execve(launch.program, launch.argv.data(), launch.env.data());
  if (errno == ENOEXEC) {
    std::vector<char*> argv{const_cast<char*>("sh"), const_cast<char*>(launch.program)};
    argv.insert(argv.end(), launch.argv.begin() + 1, launch.argv.end());
    ::execve("/bin/sh", argv.data(), launch.env.data());
  }
  fail(ChildFailure::exec_failed);
  ::_exit(127);
}

// Standard descriptors 0..2 must be taken before pipes are made, or dup2 would tread on them.
UniqueFd away_from_stdio(UniqueFd fd) {
  if (!fd.is_open() || fd.get() > 2) return fd;
  return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
}

}  // namespace

ChildProcess::~ChildProcess() {
  if (pid_ <= 0) return;
  if (clean_on_exit) {
    in_pipe_.reset();
    out_pipe_.reset();
    err_pipe_.reset();
    ::kill(pid_, SIGTERM);
    unmark_for_cleanup(pid_);
    if (wait_after_clean)
      while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
      }
  }
}

bool ChildProcess::start() {
  std::vector<std::string> argv = command_line(*this);
  Stream streams[3] = {prepare_stream(in, true), prepare_stream(out, false), prepare_stream(err, false)};
  for (Stream& stream : streams) stream.theirs = away_from_stdio(std::move(stream.theirs));
  trace_start(*this);
  trace2_id_ = trace2::child_start({trace2_child_class, trace2_hook_name, dir, args, git_command, use_shell});

  std::string program = argv[0];
  int failed_errno = 0;
  if (program.find('/') == std::string::npos) {
    program = find_in_path(program);
    if (program.empty()) failed_errno = ENOENT;
  }
  if (!failed_errno) {
    std::vector<std::string> shown = argv;
    shown[0] = program;
    trace_argv("GIT_TRACE", "trace: start_command:", shown);
    std::vector<std::string> env_strings = child_environment(env);
    Pipe notify = make_pipe();
    UniqueFd report_end = away_from_stdio(std::move(notify.write_end));
    Launch launch{program.c_str(),         pointers(argv),          pointers(env_strings),   dir.empty() ? nullptr : dir.c_str(),
                  streams[0].theirs.get(), streams[1].theirs.get(), streams[2].theirs.get(), stdout_to_stderr,
                  report_end.get()};
    std::fflush(nullptr);
    sigset_t all, old;
    sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, &old);
    pid_ = ::fork();
    if (pid_ == 0) run_child(launch, old);
    int fork_errno = errno;
    ::sigprocmask(SIG_SETMASK, &old, nullptr);
    if (pid_ < 0) {
      errno = fork_errno;
      error_errno("cannot fork() for %s", args[0]);
      failed_errno = fork_errno;
      pid_ = 0;
      trace2::child_exit(trace2_id_, -1, failed_errno);
      errno = failed_errno;
      return false;
    }
    report_end.reset();
    ChildFailure failure;
    if (read_in_full(notify.read_end.get(), &failure, sizeof failure) == static_cast<ssize_t>(sizeof failure)) {
      while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
      }
      pid_ = 0;
      failed_errno = failure.code;
      errno = failure.code;
      const char* reason = std::strerror(failure.code);
      if (failure.step == ChildFailure::chdir_failed)
        error("exec '%s': cd to '%s' failed: %s", argv[0], dir, reason);
      else if (failure.code != ENOENT)
        report("fatal: ", strf("cannot exec '%s': %s", argv[0], reason));
      else if (!silent_exec_failure)
        error("cannot exec '%s': %s", argv[0], reason);
    }
  } else if (!silent_exec_failure) {
    error("cannot run %s: %s", args[0], std::strerror(ENOENT));
  }
  if (failed_errno) {
    trace2::child_exit(trace2_id_, -1, failed_errno);
    errno = failed_errno;
    return false;
  }
  if (clean_on_exit) mark_for_cleanup(pid_);
  in_pipe_ = std::move(streams[0].ours);
  out_pipe_ = std::move(streams[1].ours);
  err_pipe_ = std::move(streams[2].ours);
  return true;
}

int ChildProcess::finish() {
  if (pid_ <= 0) BUG("finish() of a child that was not started");
  int status = 0;
  pid_t waited;
  while ((waited = ::waitpid(pid_, &status, 0)) < 0 && errno == EINTR) {
  }
  int pid = std::exchange(pid_, 0);
  if (clean_on_exit) unmark_for_cleanup(pid);
  int code = -1;
  if (waited < 0) {
    error_errno("waitpid for %s failed", args[0]);
  } else if (WIFSIGNALED(status)) {
    int signal = WTERMSIG(status);
    if (signal != SIGINT && signal != SIGQUIT && signal != SIGPIPE) error("%s died of signal %d", args[0], signal);
    code = 128 + signal;
  } else {
    code = WEXITSTATUS(status);
  }
  trace2::child_exit(trace2_id_, pid, code);
  return code;
}
int ChildProcess::run() {
  if (!start()) return -1;
  return finish();
}
void ChildProcess::kill(int signal) {
  if (pid_ > 0) ::kill(pid_, signal);
}

namespace {

// Reads or writes whatever is possible now on up to three descriptors, until all are done.
struct Flow {
  UniqueFd fd;
  std::string_view to_write;
  std::string* into = nullptr;
};
void pump(std::vector<Flow>& flows) {
  for (;;) {
    std::vector<pollfd> polls;
    std::vector<Flow*> active;
    for (Flow& flow : flows) {
      if (!flow.fd) continue;
      polls.push_back({flow.fd.get(), static_cast<short>(flow.into ? POLLIN : POLLOUT), 0});
      active.push_back(&flow);
    }
    if (polls.empty()) return;
    if (::poll(polls.data(), polls.size(), -1) < 0) {
      if (errno == EINTR) continue;
      die_errno("poll failed");
    }
    for (std::size_t i = 0; i < polls.size(); i++) {
      if (!polls[i].revents) continue;
      Flow& flow = *active[i];
      if (flow.into) {
        char buffer[65536];
        ssize_t n = xread(flow.fd.get(), buffer, sizeof buffer);
        if (n <= 0)
          flow.fd.reset();
        else
          flow.into->append(buffer, static_cast<std::size_t>(n));
      } else {
        ssize_t n = ::write(flow.fd.get(), flow.to_write.data(), std::min<std::size_t>(flow.to_write.size(), 65536));
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n < 0) {
          flow.fd.reset();  // the child did not want it all
          continue;
        }
        flow.to_write.remove_prefix(static_cast<std::size_t>(n));
        if (flow.to_write.empty()) flow.fd.reset();
      }
    }
  }
}

class IgnoreSigpipe {
 public:
  IgnoreSigpipe() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &old_);
  }
  ~IgnoreSigpipe() { ::sigaction(SIGPIPE, &old_, nullptr); }

 private:
  struct sigaction old_ {};
};

}  // namespace

CommandOutput pipe_command(ChildProcess& child, std::string_view input, bool capture_err) {
  CommandOutput output;
  child.in = input.empty() && child.in != ChildProcess::kPipe ? child.in : ChildProcess::kPipe;
  child.out = child.stdout_to_stderr ? ChildProcess::kInherit : ChildProcess::kPipe;
  if (capture_err) child.err = ChildProcess::kPipe;
  if (!child.start()) return output;
  IgnoreSigpipe ignore;
  std::vector<Flow> flows;
  if (child.in == ChildProcess::kPipe) {
    if (!input.empty())
      flows.push_back({child.take_in(), input, nullptr});
    else
      child.close_in();
  }
  if (!child.stdout_to_stderr) flows.push_back({child.take_out(), {}, &output.out});
  if (capture_err) flows.push_back({child.take_err(), {}, &output.err});
  for (Flow& flow : flows)
    if (!flow.into) ::fcntl(flow.fd.get(), F_SETFL, ::fcntl(flow.fd.get(), F_GETFL) | O_NONBLOCK);
  pump(flows);
  output.code = child.finish();
  return output;
}

std::string find_in_path(std::string_view program) {
  auto path = get_env("PATH");
  if (!path) return {};
  for (std::string_view dir : split(*path, ':')) {
    std::string candidate = dir.empty() ? std::string(program) : std::string(dir) + "/" + std::string(program);
    if (dir.empty()) candidate = "./" + candidate;
    if (is_executable(candidate)) return candidate;
  }
  return {};
}

const std::vector<std::string>& local_repo_env_vars() {
  static const std::vector<std::string> names = {
      "GIT_ALTERNATE_OBJECT_DIRECTORIES",
      "GIT_CONFIG",
      "GIT_CONFIG_PARAMETERS",
      "GIT_CONFIG_COUNT",
      "GIT_OBJECT_DIRECTORY",
      "GIT_DIR",
      "GIT_WORK_TREE",
      "GIT_IMPLICIT_WORK_TREE",
      "GIT_GRAFT_FILE",
      "GIT_INDEX_FILE",
      "GIT_NO_REPLACE_OBJECTS",
      "GIT_REPLACE_REF_BASE",
      "GIT_PREFIX",
      "GIT_SHALLOW_FILE",
      "GIT_COMMON_DIR",
      "GIT_INTERNAL_SUPER_PREFIX",
  };
  return names;
}

}  // namespace git
