// A line on stderr that tells how far something is: "Counting objects:  42% (42/100)".  Shown anew where the percentage
// changes and about once a second; ended by ", done.".
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace git {

class Progress {
 public:
  // Nothing is shown where `is_on` is false. `delayed`: not before GIT_PROGRESS_DELAY (2) seconds have gone by.
  Progress(std::string title, std::uint64_t total, bool is_on, bool delayed = false);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::uint64_t done);       // may be called from several threads
  void step() { update(done_ + 1); }     // from one thread only
  void throughput(std::uint64_t bytes);  // bytes so far, shown with their rate
  void stop(std::string_view message = "done");

 private:
  void show(bool is_last, std::string_view message);
  std::string rate(std::int64_t now, bool is_last);

  std::mutex mutex_;
  std::string title_;
  std::uint64_t total_, done_ = 0, bytes_ = 0;
  bool is_on_, has_bytes_ = false, is_stopped_ = false;
  int last_percent_ = -1;
  std::int64_t start_ms_ = 0, shown_ms_ = 0, not_before_ms_ = 0;
  std::size_t last_length_ = 0;
};

// "1.23 MiB" as git writes sizes.
std::string humanise_bytes(std::uint64_t bytes);

}  // namespace git
