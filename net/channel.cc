// Writes go out in pieces that a pipe takes without blocking, and only when poll() says so; between two pieces
// whatever has arrived is read.
#include "net/channel.h"

#include <poll.h>

#include <climits>
#include <csignal>

#include "base/error.h"

namespace git {

IgnoreSigpipe::IgnoreSigpipe() : previous_(std::signal(SIGPIPE, SIG_IGN)) {}
IgnoreSigpipe::~IgnoreSigpipe() { std::signal(SIGPIPE, previous_); }

bool Channel::write_some(Machine& machine) {
  std::string_view bytes = machine.pending_output().substr(0, PIPE_BUF);
  ssize_t written = xwrite(out_, bytes.data(), bytes.size());
  if (written < 0) {
    // The peer is gone: what it said before it went is worth reading.
    write_failed_ = true;
    machine.consume_output(machine.pending_output().size());
    return false;
  }
  machine.consume_output(static_cast<std::size_t>(written));
  return true;
}

bool Channel::read_some(Machine& machine) {
  char buffer[65536];
  ssize_t got = xread(in_, buffer, sizeof buffer);
  if (got <= 0) {
    at_end_ = true;
    machine.feed_end();
    return false;
  }
  machine.feed({buffer, static_cast<std::size_t>(got)});
  return true;
}

void Channel::hand_over(Machine& machine) { leftover_ = machine.take_rest() + leftover_; }

bool Channel::step(Machine& machine) {
  if (!leftover_.empty()) machine.feed(std::exchange(leftover_, {}));
  if (write_failed_ && !machine.pending_output().empty()) machine.consume_output(machine.pending_output().size());
  if (machine.pending_output().empty()) {
    if (!machine.is_waiting()) return false;
    if (at_end_)
      machine.feed_end();
    else
      read_some(machine);
    return machine.is_waiting() || !machine.pending_output().empty();
  }
  // A peer that says no more may still listen.
  struct pollfd fds[2] = {{machine.is_waiting() && !at_end_ ? in_ : -1, POLLIN, 0}, {out_, POLLOUT, 0}};
  if (poll(fds, 2, -1) < 0) {
    if (errno == EINTR) return true;
    die_errno(_("poll failed"));
  }
  if (fds[1].revents) write_some(machine);
  if (fds[0].revents) read_some(machine);
  return true;
}

void Channel::step_input(Machine& machine) {
  if (!at_end_) read_some(machine);
}

void Channel::run(Machine& machine, const std::function<void()>& on_event) {
  while (step(machine))
    if (on_event) on_event();
  if (on_event) on_event();
}

void Channel::flush(Machine& machine) {
  while (!machine.pending_output().empty() && step(machine)) {
  }
}

}  // namespace git
