// A hostile client against our servers (v0 fetch, v2 requests, push): they end in done or in an error.
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/serve-fetch.h"
#include "protocol/serve-push.h"
#include "protocol/serve-v2.h"

namespace {

class EmptyHost : public git::FetchHost {
 public:
  bool acknowledge(const git::ObjectId& have) override { return common_ = common_ || have.data()[0] % 2; }
  bool can_give_up() override { return common_; }
  bool has_common() const override { return common_; }

 private:
  bool common_ = false;
};

template <class Machine, class Drain>
void play(Machine& machine, std::string_view bytes, std::size_t piece, Drain&& drain) {
  for (std::size_t at = 0; at < bytes.size() && machine.is_waiting(); at += piece) {
    machine.feed(bytes.substr(at, piece));
    drain();
  }
  machine.feed_end();
  drain();
  machine.consume_output(machine.pending_output().size());
  if (machine.is_waiting()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::size_t piece = size ? data[0] % 31 + 1u : 1;
  EmptyHost host;
  git::ServeFetch fetch(git::HashAlgo::sha1, host, {false, true, 1000});
  play(fetch, bytes, piece, [&] {
    while (auto event = fetch.next_event())
      if (event->kind == git::ServeFetchEvent::Kind::wants) fetch.proceed();
  });
  git::ServeV2 requests(true);
  play(requests, bytes, piece, [&] {
    while (requests.next_event()) {
    }
  });
  git::ServePush push(git::HashAlgo::sha1, true);
  play(push, bytes, piece, [] {});
  return 0;
}
