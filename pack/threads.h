// A few threads that work on one thing together; what any of them throws comes out of run_threads().
#pragma once

#include <functional>

namespace git {

// Calls work(0) ... work(count - 1), each on its own thread (on this one where count is 1), and waits for all.
// The first exception is thrown again here; `on_failure`, called on the failing thread, should make the others stop.
void run_threads(int count, const std::function<void(int)>& work, const std::function<void()>& on_failure = {});
int online_cpus();

}  // namespace git
