// The stack is a fixed array per signal: a handler may pop it at any moment, so it never allocates.
#include "base/sigchain.h"

#include <csignal>

#include "base/error.h"

namespace git {
namespace {

constexpr int kSignals = 65;
constexpr int kDepth = 8;
struct Chain {
  struct sigaction old[kDepth];
  volatile int depth = 0;
};
Chain chains[kSignals];

}  // namespace

void sigchain_push(int signal, SignalHandler handler) {
  if (signal < 1 || signal >= kSignals) BUG("signal %d is out of range", signal);
  Chain& chain = chains[signal];
  if (chain.depth == kDepth) BUG("too many handlers for signal %d", signal);
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_NODEFER | SA_RESTART;
  if (::sigaction(signal, &action, &chain.old[chain.depth]) == 0) chain.depth = chain.depth + 1;
}
void sigchain_pop(int signal) {
  Chain& chain = chains[signal];
  if (chain.depth == 0) return;
  chain.depth = chain.depth - 1;
  ::sigaction(signal, &chain.old[chain.depth], nullptr);
}
void sigchain_push_common(SignalHandler handler) {
  for (int signal : {SIGINT, SIGHUP, SIGTERM, SIGQUIT, SIGPIPE}) sigchain_push(signal, handler);
}

}  // namespace git
