// test-tool pkt-line: packets made of lines and taken apart again, for tests of protocols.
#include "wire/pkt-line.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "t/helper/test-tool.h"
#include "wire/sideband.h"

TEST_TOOL("pkt-line", test_pkt_line)

namespace git {

namespace {

void pack_line(std::string_view line) {
  std::string packet;
  std::string_view word = line;
  if (!word.empty() && word.back() == '\n') word.remove_suffix(1);
  if (word == "0000")
    append_flush(packet);
  else if (word == "0001")
    append_delim(packet);
  else if (word == "0002")
    append_response_end(packet);
  else
    append_packet(packet, line);
  out(packet);
}

int pack(const std::vector<std::string>& args) {
  if (args.size() > 2) {
    for (std::size_t i = 2; i < args.size(); i++) pack_line(args[i]);
    return 0;
  }
  LineReader reader(0);
  std::string line;
  while (reader.next(line)) pack_line(line + "\n");
  return 0;
}

int pack_raw() {
  std::string all = read_fd(0).take_or_die();
  std::string packet;
  append_packet(packet, all);
  out(packet);
  return 0;
}

template <class F>
void for_each_packet(F fn) {
  PacketDecoder decoder;
  decoder.feed(read_fd(0).take_or_die());
  while (auto packet = decoder.next()) fn(*packet);
  if (decoder.has_error()) die("%s", decoder.error());
  if (decoder.buffered()) die("the remote end hung up unexpectedly");
}

int unpack() {
  for_each_packet([](const Packet& packet) {
    switch (packet.type) {
      case PacketType::data:
        // What stands behind a NUL (capabilities) is not shown.
        outf("%s\n", packet.line().substr(0, packet.line().find('\0')));
        break;
      case PacketType::flush:
        out("0000\n");
        break;
      case PacketType::delim:
        out("0001\n");
        break;
      case PacketType::response_end:
        out("0002\n");
        break;
    }
  });
  return 0;
}

int unpack_sideband(const std::vector<std::string>& args) {
  bool chomps = args.size() > 2 && args[2] == "--chomp-newline";
  if (args.size() > 2 && args[2] == "--no-chomp-newline")
    chomps = false;
  else if (args.size() <= 2)
    chomps = true;
  bool has_ended = false;
  for_each_packet([&](const Packet& packet) {
    if (has_ended) return;
    if (packet.is_flush()) {
      has_ended = true;
      return;
    }
    if (!packet.is_data()) return;
    auto piece = parse_sideband(packet.payload);
    if (!piece) die("unexpected side band %d", packet.payload.empty() ? 0 : static_cast<int>(packet.payload[0]));
    std::string text(piece->data);
    if (chomps && !text.empty() && text.back() == '\n') text.pop_back();
    if (piece->band == kBandData)
      out(text);
    else if (piece->band == kBandProgress)
      err(text);
    else
      die("remote error: %s", text);
  });
  return 0;
}

int send_split() {
  std::string bytes;
  append_sideband(bytes, kBandProgress, "Foo.\n");
  append_sideband(bytes, kBandData, "primary: regular output\n");
  append_sideband(bytes, kBandProgress, "Bar.\n");
  append_sideband(bytes, kBandProgress, "Hello, wo");
  append_sideband(bytes, kBandProgress, "rld!\n");
  append_flush(bytes);
  out(bytes);
  return 0;
}

int receive() {
  SidebandText text;
  auto plain = [](std::string_view line) { return line; };
  bool has_ended = false;
  for_each_packet([&](const Packet& packet) {
    if (has_ended) return;
    if (packet.is_flush()) {
      has_ended = true;
      return;
    }
    auto piece = parse_sideband(packet.payload);
    if (!piece) return;
    if (piece->band == kBandData)
      out(piece->data);
    else
      err(text.feed(piece->data, plain));
  });
  err(text.finish(plain));
  return 0;
}

}  // namespace

int test_pkt_line(std::vector<std::string> args) {
  if (args.size() < 2) die("too few arguments");
  const std::string& what = args[1];
  if (what == "pack") return pack(args);
  if (what == "pack-raw-stdin") return pack_raw();
  if (what == "unpack") return unpack();
  if (what == "unpack-sideband") return unpack_sideband(args);
  if (what == "send-split-sideband") return send_split();
  if (what == "receive-sideband") return receive();
  die("invalid argument '%s'", what);
}

}  // namespace git
