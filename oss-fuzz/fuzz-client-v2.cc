// A hostile server of v2 against our client: whatever it says, the client ends in done or in an error.
#include <cstdint>
#include <string>
#include <string_view>

#include "negotiator/negotiator.h"
#include "protocol/fetch-v2-client.h"

namespace {

class NoHistory : public git::CommitSource {
 public:
  bool parse(git::CommitNumber) override { return false; }
  bool is_parsed(git::CommitNumber) override { return false; }
  std::uint64_t date(git::CommitNumber) override { return 0; }
  std::uint64_t generation(git::CommitNumber) override { return ~0ull; }
  void parents(git::CommitNumber, std::vector<git::CommitNumber>& out) override { out.clear(); }
  git::ObjectId name(git::CommitNumber) override { return git::ObjectId::null(git::HashAlgo::sha1); }
  std::optional<git::CommitNumber> find(const git::ObjectId&) override { return std::nullopt; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  NoHistory history;
  auto negotiator = git::make_noop_negotiator();
  git::FetchRequest request;
  request.server.add("version 2");
  request.server.add("fetch=shallow wait-for-done filter");
  request.wants.push_back(git::ObjectId::from_raw(std::string(20, '\x22'), git::HashAlgo::sha1));
  git::FetchV2Client client(std::move(request), negotiator.get(), &history);
  client.start();
  std::size_t piece = size ? data[0] % 23 + 1u : 1;
  auto drain = [&] {
    client.consume_output(client.pending_output().size());
    while (client.next_event()) {
    }
  };
  for (std::size_t at = 0; at < bytes.size() && client.is_waiting(); at += piece) {
    client.feed(bytes.substr(at, piece));
    drain();
  }
  client.feed_end();
  drain();
  if (client.is_waiting()) __builtin_trap();
  return 0;
}
