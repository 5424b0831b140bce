// Signal handlers in a stack, so that each part of the program cleans up its own when a signal ends it.
// A handler does its work, pops itself and raises the signal again for the one below.
#pragma once

namespace git {

using SignalHandler = void (*)(int signal);
void sigchain_push(int signal, SignalHandler handler);
void sigchain_pop(int signal);
// For the signals that end programs: INT, HUP, TERM, QUIT, PIPE.
void sigchain_push_common(SignalHandler handler);

}  // namespace git
