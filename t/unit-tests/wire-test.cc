// Packets, acks, sideband, reports: what is written is what is read, in any fragmentation.
#include <gtest/gtest.h>

#include "wire/acks.h"
#include "wire/capabilities.h"
#include "wire/pkt-line.h"
#include "wire/report-status.h"
#include "wire/sideband.h"

namespace git {
namespace {

TEST(PktLine, SurvivesEveryFragmentation) {
  std::string bytes;
  append_packet(bytes, "hello\n");
  append_flush(bytes);
  append_delim(bytes);
  append_packet(bytes, "");
  for (std::size_t piece = 1; piece <= bytes.size(); piece++) {
    PacketDecoder decoder;
    std::vector<Packet> packets;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      decoder.feed(std::string_view(bytes).substr(at, piece));
      while (auto packet = decoder.next()) packets.push_back(*packet);
    }
    ASSERT_EQ(packets.size(), 4u);
    EXPECT_EQ(packets[0].line(), "hello");
    EXPECT_TRUE(packets[1].is_flush());
    EXPECT_EQ(packets[2].type, PacketType::delim);
    EXPECT_TRUE(packets[3].is_data());
  }
}

TEST(PktLine, RefusesBadLengths) {
  for (const char* bytes : {"zzzz", "0003", "fff5", "-001"}) {
    PacketDecoder decoder;
    decoder.feed(bytes);
    EXPECT_FALSE(decoder.next());
    EXPECT_TRUE(decoder.has_error()) << bytes;
  }
}

TEST(Acks, ReadAndWrite) {
  ObjectId oid = ObjectId::from_raw(std::string(20, '\x11'), HashAlgo::sha1);
  for (AckKind kind : {AckKind::ack, AckKind::ack_common, AckKind::ack_continue, AckKind::ack_ready}) {
    std::string line = format_ack({kind, oid});
    auto ack = parse_ack(std::string_view(line).substr(0, line.size() - 1), HashAlgo::sha1);
    ASSERT_TRUE(ack);
    EXPECT_EQ(ack->kind, kind);
    EXPECT_EQ(ack->oid, oid);
  }
  EXPECT_EQ(parse_ack("NAK", HashAlgo::sha1)->kind, AckKind::nak);
  EXPECT_FALSE(parse_ack("ACK 123", HashAlgo::sha1));
}

TEST(Sideband, LinesArePrefixedOnceTheyAreWhole) {
  SidebandText text("");
  auto plain = [](std::string_view line) { return std::string(line); };
  EXPECT_EQ(text.feed("Counting: 1\rCou", plain), "remote: Counting: 1\r");
  EXPECT_EQ(text.feed("nting: 2\n", plain), "remote: Counting: 2\n");
  EXPECT_EQ(text.finish(plain), "");
}

TEST(Capabilities, ValuesAndFeatures) {
  Capabilities words = Capabilities::parse("multi_ack symref=HEAD:refs/heads/a symref=X:Y object-format=sha256");
  EXPECT_TRUE(words.has("multi_ack"));
  EXPECT_FALSE(words.has("multi"));
  EXPECT_EQ(words.values("symref").size(), 2u);
  EXPECT_EQ(words.object_format(), HashAlgo::sha256);
  EXPECT_EQ(protocol_version_of("version=1:version=2:base=x"), 2);
  EXPECT_EQ(protocol_version_of("version=x"), 0);
}

TEST(ReportStatus, OptionsBelongToTheRefBefore) {
  StatusReport report;
  report.unpack = "ok";
  RefReport ref;
  ref.name = "refs/for/x";
  ref.is_ok = true;
  ReportOptions options;
  options.ref_name = "refs/heads/x";
  options.forced_update = true;
  ref.options.push_back(options);
  report.refs.push_back(ref);
  PacketDecoder decoder;
  decoder.feed(format_status_report(report, true));
  StatusReportParser parser(HashAlgo::sha1);
  while (auto packet = decoder.next()) {
    if (packet->is_data()) {
      ASSERT_TRUE(parser.line(packet->line())) << parser.error();
    }
  }
  StatusReport again = parser.take();
  ASSERT_EQ(again.refs.size(), 1u);
  ASSERT_EQ(again.refs[0].options.size(), 1u);
  EXPECT_EQ(again.refs[0].options[0].ref_name, "refs/heads/x");
  EXPECT_TRUE(again.refs[0].options[0].forced_update);
}

}  // namespace
}  // namespace git
