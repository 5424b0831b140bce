// The server's machines, fed by hand.
#include <gtest/gtest.h>

#include <set>

#include "protocol/serve-fetch.h"
#include "protocol/serve-push.h"
#include "protocol/serve-v2.h"

namespace git {
namespace {

ObjectId oid_of(char c) { return ObjectId::from_raw(std::string(20, c), HashAlgo::sha1); }

class Host : public FetchHost {
 public:
  bool acknowledge(const ObjectId& have) override {
    if (!known.count(have)) return false;
    return is_common = true;
  }
  bool can_give_up() override { return gives_up && is_common; }
  bool has_common() const override { return is_common; }
  std::set<ObjectId> known;
  bool gives_up = false, is_common = false;
};

std::string packets(std::initializer_list<std::string> lines) {
  std::string bytes;
  for (const std::string& line : lines) {
    if (line == "0000")
      append_flush(bytes);
    else if (line == "0001")
      append_delim(bytes);
    else
      append_packet(bytes, line);
  }
  return bytes;
}

std::string say(ServeFetch& machine, const std::string& bytes) {
  machine.feed(bytes);
  while (auto event = machine.next_event())
    if (event->kind == ServeFetchEvent::Kind::wants) machine.proceed();
  std::string out(machine.pending_output());
  machine.consume_output(out.size());
  return out;
}

TEST(ServeFetch, DetailedAcksNameWhatIsCommonAndReady) {
  Host host;
  host.known.insert(oid_of('b'));
  host.gives_up = true;
  ServeFetch machine(HashAlgo::sha1, host, {});
  std::string want = strf("want %s multi_ack_detailed side-band-64k\n", oid_of('w'));
  EXPECT_EQ(say(machine, packets({want, "0000"})), "");
  EXPECT_EQ(say(machine, packets({strf("have %s\n", oid_of('a')), strf("have %s\n", oid_of('b')), "0000"})),
            packets({strf("ACK %s common\n", oid_of('b')), "NAK\n"}));
  EXPECT_EQ(say(machine, packets({strf("have %s\n", oid_of('b')), "0000"})),
            packets({strf("ACK %s common\n", oid_of('b')), strf("ACK %s ready\n", oid_of('b')), "NAK\n"}));
  EXPECT_EQ(say(machine, packets({"done\n"})), packets({strf("ACK %s\n", oid_of('b'))}));
  EXPECT_EQ(machine.state(), ServeFetch::State::pack);
}

TEST(ServeFetch, WithoutMultiAckOnlyTheFirstCommonOneIsNamed) {
  Host host;
  host.known = {oid_of('a'), oid_of('b')};
  ServeFetch machine(HashAlgo::sha1, host, {});
  say(machine, packets({strf("want %s\n", oid_of('w')), "0000"}));
  EXPECT_EQ(say(machine, packets({strf("have %s\n", oid_of('a')), strf("have %s\n", oid_of('b')), "done\n"})),
            packets({strf("ACK %s\n", oid_of('a'))}));
}

TEST(ServeFetch, NothingWantedIsTheEnd) {
  Host host;
  ServeFetch machine(HashAlgo::sha1, host, {});
  machine.feed("0000");
  EXPECT_EQ(machine.state(), ServeFetch::State::done);
}

TEST(ServeFetch, GarbageAmongTheHavesIsAnError) {
  Host host;
  ServeFetch machine(HashAlgo::sha1, host, {});
  say(machine, packets({strf("want %s\n", oid_of('w')), "0000"}));
  machine.feed(packets({"have nothing\n"}));
  auto event = machine.next_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, ServeFetchEvent::Kind::error);
  EXPECT_EQ(event->text, "git upload-pack: expected SHA1 list, got 'have nothing'");
}

TEST(ServeV2, GivesArgumentsOneByOne) {
  ServeV2 machine(true);
  machine.feed(packets({"command=fetch", "agent=x", "0001", "want-a", "want-b", "0000"}));
  // Keys are told as they come, so that a bad one is refused before the request is whole.
  EXPECT_EQ(machine.next_event()->text, "command=fetch");
  EXPECT_EQ(machine.next_event()->text, "agent=x");
  auto command = machine.next_event();
  ASSERT_TRUE(command);
  EXPECT_EQ(command->kind, ServeEvent::Kind::command);
  EXPECT_EQ(command->text, "fetch");
  EXPECT_EQ(command->keys, std::vector<std::string>{"agent=x"});
  EXPECT_EQ(machine.next_event()->text, "want-a");
  EXPECT_EQ(machine.next_event()->text, "want-b");
  EXPECT_EQ(machine.next_event()->kind, ServeEvent::Kind::end);
  EXPECT_TRUE(machine.is_waiting());
  machine.feed_end();
  EXPECT_EQ(machine.next_event()->kind, ServeEvent::Kind::done);
}

TEST(ServeV2, HangingUpInsideOfARequestIsAnError) {
  ServeV2 machine(true);
  machine.feed(packets({"command=fetch", "0001", "want-a"}));
  machine.feed_end();
  ServeEvent last;
  while (auto event = machine.next_event()) last = *event;
  EXPECT_EQ(last.kind, ServeEvent::Kind::error);
  EXPECT_EQ(last.text, "the remote end hung up unexpectedly");
}

TEST(ServePush, ReadsCommandsCapabilitiesAndOptions) {
  ServePush machine(HashAlgo::sha1, true);
  std::string first =
      strf("%s %s refs/heads/a", oid_of('a'), oid_of('b')) + std::string(1, '\0') + " report-status-v2 atomic push-options";
  machine.feed(packets(
      {strf("shallow %s", oid_of('s')), first, strf("%s %s refs/heads/b", oid_of('a'), oid_of('c')), "0000", "opt", "0000"}));
  EXPECT_EQ(machine.state(), ServePush::State::ready);
  EXPECT_EQ(machine.request().commands.size(), 2u);
  EXPECT_EQ(machine.request().report_status, 2);
  EXPECT_TRUE(machine.request().atomic);
  EXPECT_EQ(machine.request().options, std::vector<std::string>{"opt"});
  EXPECT_EQ(machine.request().shallow.size(), 1u);
}

}  // namespace
}  // namespace git
