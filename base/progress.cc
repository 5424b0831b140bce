// git shows progress from a timer signal; here every update looks at the clock, which costs less than it sounds
// (the vDSO answers) and leaves signals alone.
#include "base/progress.h"

#include <chrono>

#include "base/env.h"
#include "base/fd.h"
#include "base/fmt.h"
#include "base/trace2.h"

namespace git {
namespace {

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

std::string humanise_bytes(std::uint64_t bytes) {
  auto scaled = [&](unsigned shift, std::uint64_t half_of_hundredth, const char* unit) {
    const std::uint64_t n = bytes + half_of_hundredth;
    std::uint64_t whole = n >> shift, part = ((n & ((std::uint64_t{1} << shift) - 1)) * 100) >> shift;
    return strf("%u.%02u %s", whole, part, unit);
  };
  if (bytes > 1u << 30) return scaled(30, 0, "GiB");
  if (bytes > 1u << 20) return scaled(20, 5243, "MiB");
  if (bytes > 1u << 10) return scaled(10, 5, "KiB");
  return strf("%u %s", bytes, bytes == 1 ? "byte" : "bytes");
}

Progress::Progress(std::string title, std::uint64_t total, bool is_on, bool delayed)
    : title_(std::move(title)), total_(total), is_on_(is_on) {
  if (!is_on_) return;
  start_ms_ = shown_ms_ = now_ms();
  not_before_ms_ = start_ms_;
  trace2::region_enter("progress", title_);
  if (delayed) not_before_ms_ += static_cast<std::int64_t>(env_ulong("GIT_PROGRESS_DELAY", 2)) * 1000;
}

Progress::~Progress() { stop(); }

std::string Progress::rate(std::int64_t now, bool) {
  if (!has_bytes_) return {};
  std::int64_t ms = std::max<std::int64_t>(now - start_ms_, 1);
  return ", " + humanise_bytes(bytes_) + " | " + humanise_bytes(bytes_ * 1000 / static_cast<std::uint64_t>(ms)) + "/s";
}

void Progress::show(bool is_last, std::string_view message) {
  std::int64_t now = now_ms();
  if (now < not_before_ms_) return;
  int percent = total_ ? static_cast<int>(done_ * 100 / total_) : -1;
  if (!is_last && percent == last_percent_ && now - shown_ms_ < 1000) return;
  last_percent_ = percent;
  shown_ms_ = now;
  std::string line = total_ ? strf("%3d%% (%u/%u)", percent, done_, total_) : strf("%u", done_);
  line += rate(now, is_last);
  if (is_last) line += ", " + std::string(message) + ".";
  std::size_t length = line.size();
  if (length < last_length_) line.append(last_length_ - length, ' ');
  last_length_ = length;
  err(title_ + ": " + line + (is_last ? "\n" : "   \r"));
}

void Progress::update(std::uint64_t done) {
  if (!is_on_) return;
  std::lock_guard lock(mutex_);
  done_ = done;
  show(false, {});
}

void Progress::throughput(std::uint64_t bytes) {
  if (!is_on_) return;
  std::lock_guard lock(mutex_);
  bytes_ = bytes;
  has_bytes_ = true;
}

void Progress::stop(std::string_view message) {
  if (!is_on_ || is_stopped_) return;
  std::lock_guard lock(mutex_);
  is_stopped_ = true;
  show(true, message);
  if (total_) trace2::data("progress", "total_objects", static_cast<std::int64_t>(total_));
  if (bytes_) trace2::data("progress", "total_bytes", static_cast<std::int64_t>(bytes_));
  trace2::region_leave("progress", title_);
}

}  // namespace git
