// Handles are kept from one run to the next: so are their connections.
#include "net/curl-batch.h"

#include "base/error.h"

namespace git {

CurlBatch::CurlBatch(int parallel) : multi_(curl_multi_init()) {
  if (!multi_) die("curl_multi_init failed");
  for (int i = 0; i < parallel; i++) slots_.push_back(std::make_unique<Slot>());
}

CurlBatch::~CurlBatch() {
  for (auto& slot : slots_)
    if (slot->is_busy) curl_multi_remove_handle(multi_, slot->handle.get());
  curl_multi_cleanup(multi_);
}

void CurlBatch::run(std::size_t count, const std::function<void(std::size_t, CurlEasy&)>& start,
                    const std::function<void(std::size_t, CurlEasy&, CURLcode)>& done) {
  std::size_t next = 0, left = count;
  while (left > 0) {
    for (auto& slot : slots_) {
      if (slot->is_busy || next == count) continue;
      slot->job = next++;
      start(slot->job, slot->handle);
      slot->handle.set(CURLOPT_PRIVATE, static_cast<void*>(slot.get()));
      slot->is_busy = true;
      curl_multi_add_handle(multi_, slot->handle.get());
    }
    int running = 0;
    curl_multi_perform(multi_, &running);
    int queued = 0;
    bool has_ended = false;
    while (CURLMsg* message = curl_multi_info_read(multi_, &queued)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURLcode code = message->data.result;
      Slot* slot = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
      curl_multi_remove_handle(multi_, slot->handle.get());
      slot->is_busy = false;
      has_ended = true;
      left--;
      done(slot->job, slot->handle, code);
    }
    if (!has_ended && running > 0) curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
  }
}

}  // namespace git
