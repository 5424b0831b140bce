// A connection to a peer as two descriptors, and the pump that runs a machine over it: the one place where protocol
// bytes are read and written, and so the one place that could deadlock.
//
//   INVARIANT: while there is something to write, reading goes on: a peer that talks before it listens never stops us.
#pragma once

#include <functional>
#include <string>

#include "base/fd.h"
#include "protocol/machine.h"

namespace git {

class Channel {
 public:
  Channel() = default;
  Channel(int in, int out) : in_(in), out_(out) {}

  // Writes what is pending and, if the machine waits, reads once (blocks). False where the machine is finished: it
  // neither waits nor has output.
  bool step(Machine& machine);
  // Reads once what is there to be read. REQUIRES: poll() said so
  void step_input(Machine& machine);
  // Until all output is written and the machine stops waiting; `on_event` after every step.
  void run(Machine& machine, const std::function<void()>& on_event = {});
  // Only what is pending; input that arrives meanwhile is fed.
  void flush(Machine& machine);
  // Bytes that no machine has taken yet go to the next one.
  void hand_over(Machine& machine);
  int in() const { return in_; }
  int out() const { return out_; }
  bool has_write_failed() const { return write_failed_; }

 private:
  bool write_some(Machine& machine);
  bool read_some(Machine& machine);

  int in_ = -1;
  int out_ = -1;
  std::string leftover_;
  bool write_failed_ = false;
  bool at_end_ = false;
};

// While it lives, writing to a closed pipe is an error instead of the end.
class IgnoreSigpipe {
 public:
  IgnoreSigpipe();
  ~IgnoreSigpipe();
  IgnoreSigpipe(const IgnoreSigpipe&) = delete;
  IgnoreSigpipe& operator=(const IgnoreSigpipe&) = delete;

 private:
  void (*previous_)(int);
};

}  // namespace git
