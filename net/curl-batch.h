// Several transfers at once, on libcurl's multi handle.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "net/curl-easy.h"

namespace git {

class CurlBatch {
 public:
  explicit CurlBatch(int parallel);
  ~CurlBatch();
  CurlBatch(const CurlBatch&) = delete;
  CurlBatch& operator=(const CurlBatch&) = delete;

  // Calls `start(i, handle)` for each i < count with a handle to set up, as soon as one is free, and `done(i, handle,
  // code)` when its transfer has ended.
  void run(std::size_t count, const std::function<void(std::size_t, CurlEasy&)>& start,
           const std::function<void(std::size_t, CurlEasy&, CURLcode)>& done);

 private:
  struct Slot {
    CurlEasy handle;
    std::size_t job = 0;
    bool is_busy = false;
  };
  CURLM* multi_;
  std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace git
