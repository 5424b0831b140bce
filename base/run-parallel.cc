// Several children at once.  Their output is collected per child and shown whole: the child that started first and still
// runs may speak at once, the others wait until they end, so that lines of two never mix.
#include <poll.h>

#include <deque>
#include <memory>

#include "base/error.h"
#include "base/run-command.h"
#include "base/trace.h"
#include "base/trace2.h"

namespace git {

namespace {

struct Slot {
  ChildProcess child;
  std::size_t id = 0;
  std::string out;
  bool is_open = true;
};

class Runner {
 public:
  explicit Runner(ParallelTask& task) : task_(task) {}

  void run() {
    trace_print("GIT_TRACE", strf("run_processes_parallel: preparing to run up to %d tasks", task_.jobs));
    while (true) {
      while (!stops_ && slots_.size() < static_cast<std::size_t>(std::max(task_.jobs, 1)) && start_one()) {
      }
      if (slots_.empty()) break;
      wait_some();
    }
    if (!late_.empty()) err(late_);
    trace_print("GIT_TRACE", "run_processes_parallel: done");
  }

 private:
  bool start_one() {
    auto slot = std::make_unique<Slot>();
    if (!task_.next(slot->child, slot->out, slot->id)) {
      // What was said instead of a child comes when its turn is.
      if (slots_.empty())
        err(slot->out);
      else
        late_ += slot->out;
      return false;
    }
    if (!task_.ungroup) {
      slot->child.err = ChildProcess::kPipe;
      slot->child.stdout_to_stderr = true;
    }
    if (slot->child.in == ChildProcess::kInherit) slot->child.in = ChildProcess::kNull;
    if (!slot->child.start()) {
      if (task_.start_failure && !task_.start_failure(slot->out, slot->id)) stops_ = true;
      late_ += slot->out;
      return true;
    }
    slots_.push_back(std::move(slot));
    return true;
  }

  void finish(std::size_t i) {
    Slot& slot = *slots_[i];
    int code = slot.child.finish();
    if (task_.finished && !task_.finished(code, slot.out, slot.id)) stops_ = true;
    if (i == 0 || task_.ungroup) {
      err(slot.out);
      if (!late_.empty()) err(std::exchange(late_, {}));
    } else {
      late_ += slot.out;
    }
    slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(i));
  }

  void wait_some() {
    if (task_.ungroup) return finish(0);
    std::vector<struct pollfd> fds;
    for (auto& slot : slots_) fds.push_back({slot->child.err_fd(), POLLIN, 0});
    if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) die_errno("poll");
    for (std::size_t i = 0; i < fds.size(); i++) {
      if (!fds[i].revents) continue;
      char buffer[8192];
      ssize_t got = xread(fds[i].fd, buffer, sizeof buffer);
      if (got > 0)
        slots_[i]->out.append(buffer, static_cast<std::size_t>(got));
      else
        slots_[i]->is_open = false;
    }
    if (!slots_.empty() && !slots_[0]->out.empty()) err(std::exchange(slots_[0]->out, {}));
    for (std::size_t i = 0; i < slots_.size();) {
      if (slots_[i]->is_open)
        i++;
      else
        finish(i);
    }
  }

  ParallelTask& task_;
  std::deque<std::unique_ptr<Slot>> slots_;
  std::string late_;
  bool stops_ = false;
};

}  // namespace

void run_processes_parallel(ParallelTask& task) {
  const bool is_traced = !task.trace2_category.empty();
  if (is_traced) trace2::region_enter(task.trace2_category, task.trace2_label, strf("max:%d", task.jobs));
  Runner(task).run();
  if (is_traced) trace2::region_leave(task.trace2_category, task.trace2_label);
}

}  // namespace git
