// Child processes.
//
//   ChildProcess child;
//   child.git_command = true;
//   child.args = {"pack-objects", "--stdout"};
//   child.in = ChildProcess::kPipe;
//   child.start();                 // or run(), which waits
//   write_in_full(child.in_fd(), ...); child.close_in();
//   int code = child.finish();     // exit code; 128+N for signal N; 127 where it was not found
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace git {

class ChildProcess {
 public:
  static constexpr int kInherit = 0;  // the parent's own
  static constexpr int kPipe = -1;    // a pipe to us
  static constexpr int kNull = -2;    // /dev/null

  ChildProcess() = default;
  ChildProcess(ChildProcess&&) = default;
  ChildProcess& operator=(ChildProcess&&) = default;
  ~ChildProcess();  // waits for a child still running where wait_after_clean, else leaves it

  std::vector<std::string> args;
  std::vector<std::string> env;  // "NAME=value" sets, "NAME" unsets
  std::string dir;               // where it runs; "" here
  int in = kInherit;             // kInherit, kPipe, kNull, or a descriptor > 0 that start() takes over
  int out = kInherit;
  int err = kInherit;
  bool git_command = false;  // args[0] is a git command: run "git" with it
  bool use_shell = false;    // args[0] is a shell text; further args are "$@"
  bool silent_exec_failure = false;
  bool stdout_to_stderr = false;
  bool clean_on_exit = false;  // killed (SIGTERM) when we die
  bool wait_after_clean = false;
  std::string trace2_child_class;
  std::string trace2_hook_name;

  bool start();  // false with errno where it could not be run; reported unless silent_exec_failure
  int finish();  // REQUIRES: started
  int run();     // start + finish; -1 where it could not be started
  int pid() const { return pid_; }
  bool is_running() const { return pid_ > 0; }
  int in_fd() const { return in_pipe_.get(); }
  int out_fd() const { return out_pipe_.get(); }
  int err_fd() const { return err_pipe_.get(); }
  void close_in() { in_pipe_.reset(); }
  void close_out() { out_pipe_.reset(); }
  UniqueFd take_in() { return std::move(in_pipe_); }
  UniqueFd take_out() { return std::move(out_pipe_); }
  UniqueFd take_err() { return std::move(err_pipe_); }
  void kill(int signal);

 private:
  int pid_ = 0;
  int trace2_id_ = -1;
  UniqueFd in_pipe_, out_pipe_, err_pipe_;
};

struct CommandOutput {
  int code = -1;
  std::string out;
  std::string err;
};
// Runs `child` (its in/out/err are overwritten as needed), feeding `input` and collecting what it
// prints without deadlock. `capture_err` false leaves stderr where it is.
CommandOutput pipe_command(ChildProcess& child, std::string_view input, bool capture_err = false);

// Up to `jobs` children at once. `next` fills the child and returns false when there is no more;
// output (stderr, and stdout unless `ungroup`) is shown one child at a time, in start order where possible.
struct ParallelTask {
  int jobs = 1;
  bool ungroup = false;
  std::function<bool(ChildProcess& child, std::string& out, std::size_t& id)> next;
  std::function<bool(std::string& out, std::size_t id)> start_failure;  // false: stop all
  std::function<bool(int code, std::string& out, std::size_t id)> finished;
  std::string trace2_category, trace2_label;
};
void run_processes_parallel(ParallelTask& task);

// "PATH" lookup as execvp does it; "" where not found.
std::string find_in_path(std::string_view program);
// Where git's own programs are: GIT_EXEC_PATH, else the built-in path (base/exec-path.cc).
std::string git_exec_path();
void setup_path();                            // puts git_exec_path() in front of PATH
void set_exec_path(const std::string& path);  // what --exec-path=PATH does

// The variables that name a repository (GIT_DIR, GIT_WORK_TREE, ...), to be unset for another one.
const std::vector<std::string>& local_repo_env_vars();

}  // namespace git
