// A hostile server against the pushing client: its advertisement, its bands and its report, in any fragmentation. What the
// machines make of it ends in done or in an error.
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/advertisement-client.h"
#include "protocol/push-client.h"
#include "wire/report-status.h"

namespace {

template <class Machine, class Drain>
void play(Machine& machine, std::string_view bytes, std::size_t piece, Drain&& drain) {
  for (std::size_t at = 0; at < bytes.size() && machine.is_waiting(); at += piece) {
    machine.feed(bytes.substr(at, piece));
    drain();
  }
  if (machine.is_waiting()) machine.feed_end();
  drain();
  if (machine.is_waiting()) __builtin_trap();
}

void push(std::string_view bytes, std::size_t piece, const char* capabilities) {
  git::PushRequest request;
  request.server = git::Capabilities::parse(capabilities);
  git::ObjectId null = git::ObjectId::null(git::HashAlgo::sha1);
  request.commands.push_back({null, null, "refs/heads/x"});
  git::PushClient client(std::move(request));
  client.start();
  client.consume_output(client.pending_output().size());
  play(client, bytes, piece, [&] {
    while (client.next_event()) {
    }
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::size_t piece = size ? data[0] % 31 + 1u : 1;
  git::AdvertisementClient advertised;
  play(advertised, bytes, piece, [] {});
  push(bytes, piece, "report-status");
  push(bytes, piece, "report-status-v2 side-band-64k object-format=sha1");
  git::StatusReportParser parser(git::HashAlgo::sha1);
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t end = bytes.find('\n', at);
    if (end == std::string_view::npos) end = bytes.size();
    if (!parser.line(bytes.substr(at, end - at))) break;
    at = end + 1;
  }
  git::SidebandText text;
  (void)text.feed(bytes, [](std::string_view line) { return std::string(line); });
  (void)text.finish([](std::string_view line) { return std::string(line); });
  return 0;
}
