#include "pack/threads.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace git {

int online_cpus() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

void run_threads(int count, const std::function<void(int)>& work, const std::function<void()>& on_failure) {
  if (count <= 1) return work(0);
  std::mutex mutex;
  std::exception_ptr failure;
  auto guarded = [&](int i) {
    try {
      work(i);
    } catch (...) {
      {
        std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
      }
      if (on_failure) on_failure();
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; i++) threads.emplace_back(guarded, i);
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace git
