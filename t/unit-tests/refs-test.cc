// Names, packed-refs and reftables, without a repository around them.
#include <gtest/gtest.h>

#include "base/versioncmp.h"
#include "refs.h"
#include "refs/packed-refs.h"
#include "refs/ref-transaction.h"
#include "refs/reftable-format.h"
#include "refs/reftable-writer.h"

namespace git {
namespace {

TEST(Refname, FollowsTheManual) {
  for (const char* good : {"refs/heads/main", "refs/tags/v1.0", "a/b", "refs/heads/@", "refs/heads/x{y"})
    EXPECT_TRUE(check_refname_format(good)) << good;
  for (const char* bad : {"", "@", "/a/b", "a//b", "a/.b", "a/b.lock", "a/b.", "a..b/c", "a/b~1", "a/b^", "a/b:c", "a/b?", "a/b[",
                          "a/b\\", "a/b c", "a/@{b", "a/b/", "onelevel", "a/*"})
    EXPECT_FALSE(check_refname_format(bad)) << bad;
  EXPECT_TRUE(check_refname_format("HEAD", kRefnameAllowOneLevel));
  EXPECT_TRUE(check_refname_format("refs/heads/*", kRefnameRefspecPattern));
  EXPECT_FALSE(check_refname_format("refs/*/*", kRefnameRefspecPattern));
}

TEST(Refname, SafeNamesStayBelowRefs) {
  EXPECT_TRUE(refname_is_safe("refs/heads/bad...name"));
  EXPECT_TRUE(refname_is_safe("FETCH_HEAD"));
  EXPECT_FALSE(refname_is_safe("refs/../config"));
  EXPECT_FALSE(refname_is_safe("config"));
}

TEST(Refname, EarlierRulesMatchBetter) {
  EXPECT_GT(refname_match_rank("v1", "refs/tags/v1"), refname_match_rank("v1", "refs/heads/v1"));
  EXPECT_TRUE(refname_matches("origin", "refs/remotes/origin/HEAD"));
  EXPECT_FALSE(refname_matches("main", "refs/heads/mainline"));
}

constexpr const char* kOid = "1234567890123456789012345678901234567890";
constexpr const char* kOther = "abcdefabcdefabcdefabcdefabcdefabcdefabcd";

PackedSnapshot snapshot(const std::string& text) {
  auto owner = std::make_shared<std::string>(text);
  return PackedSnapshot(*owner, owner, "packed-refs", HashAlgo::sha1);
}

TEST(PackedRefs, FindsAndSeeks) {
  std::string text = packed_refs_header();
  for (int i = 100; i < 400; ++i) {
    text += std::string(kOid) + " refs/tags/t" + std::to_string(i) + "\n";
    if (i % 3 == 0) text += "^" + std::string(kOther) + "\n";
  }
  PackedSnapshot packed = snapshot(text);
  for (int i = 100; i < 400; ++i) {
    auto entry = packed.find("refs/tags/t" + std::to_string(i));
    ASSERT_TRUE(entry) << i;
    EXPECT_TRUE(entry->peel_known);
    EXPECT_EQ(entry->peeled.has_value(), i % 3 == 0);
  }
  EXPECT_FALSE(packed.find("refs/tags/t"));
  EXPECT_FALSE(packed.find("refs/tags/zzz"));
  auto cursor = packed.begin_at("refs/tags/t2");
  PackedEntry entry;
  ASSERT_TRUE(cursor.next(entry));
  EXPECT_EQ(entry.name, "refs/tags/t200");
}

TEST(PackedRefs, SortsWhatOldWritersLeft) {
  PackedSnapshot packed = snapshot(std::string(kOid) + " refs/heads/b\n" + kOther + " refs/heads/a\n");
  ASSERT_TRUE(packed.find("refs/heads/a"));
  EXPECT_EQ(packed.find("refs/heads/b")->oid.hex(), kOid);
  EXPECT_THROW(snapshot("garbage"), Fatal);
}

TEST(Reflog, LinesSurvive) {
  ObjectId a = *ObjectId::from_hex(kOid, HashAlgo::sha1), b = *ObjectId::from_hex(kOther, HashAlgo::sha1);
  std::string line = format_reflog_line(a, b, "A U Thor <a@example.com> 1112911993 -0700", "commit:\n two  words\n");
  line.pop_back();
  auto entry = parse_reflog_line(line, HashAlgo::sha1);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->committer, "A U Thor <a@example.com>");
  EXPECT_EQ(entry->time, 1112911993u);
  EXPECT_EQ(entry->tz, -700);
  EXPECT_EQ(entry->message, "commit: two words");
  EXPECT_FALSE(parse_reflog_line("nonsense", HashAlgo::sha1));
}

TEST(Reftable, NumbersAndHeaders) {
  for (std::uint64_t n : {0ull, 1ull, 127ull, 128ull, 16511ull, 16512ull, 1ull << 40}) {
    std::string bytes;
    reftable::put_varint(bytes, n);
    std::string_view in = bytes;
    std::uint64_t back = 0;
    ASSERT_TRUE(reftable::take_varint(in, &back));
    EXPECT_EQ(back, n);
    EXPECT_TRUE(in.empty());
  }
  EXPECT_FALSE(reftable::parse_header("REFT"));
}

TEST(Reftable, WrittenTablesAreRead) {
  char path[] = "/tmp/reftable-test-XXXXXX";
  int fd = mkstemp(path);
  ASSERT_GE(fd, 0);
  reftable::TableHeader header;
  header.min_update_index = header.max_update_index = 7;
  reftable::Writer writer(header, {256, 4});
  ObjectId oid = *ObjectId::from_hex(kOid, HashAlgo::sha1);
  for (int i = 1000; i < 2000; ++i) {
    reftable::RefRecord record;
    record.name = "refs/heads/b" + std::to_string(i);
    record.update_index = 7;
    record.type = reftable::RefType::value;
    record.oid = oid;
    writer.add_ref(record);
  }
  reftable::LogRecord log;
  log.name = "refs/heads/b1000";
  log.update_index = 7;
  log.old_oid = log.new_oid = oid;
  log.message = "hello\n";
  writer.add_log(log);
  std::string bytes = writer.finish();
  ASSERT_EQ(write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  close(fd);
  auto table = reftable::Table::open(path, "t");
  ASSERT_TRUE(table) << table.error().message;
  for (int i = 1000; i < 2000; i += 37) {
    std::string name = "refs/heads/b" + std::to_string(i);
    auto cursor = reftable::Table::seek_ref(*table, name);
    reftable::RefRecord record;
    ASSERT_TRUE(cursor.next(record));
    EXPECT_EQ(record.name, name);
  }
  auto logs = reftable::Table::seek_log(*table, "");
  reftable::LogRecord found;
  ASSERT_TRUE(logs.next(found));
  EXPECT_EQ(found.message, "hello\n");
  EXPECT_FALSE(logs.next(found));
  unlink(path);
}

TEST(Versions, NumbersCount) {
  EXPECT_LT(versioncmp("v1.9", "v1.10"), 0);
  EXPECT_LT(versioncmp("v1.0-rc1", "v1.0", {"-rc"}), 0);
  EXPECT_EQ(versioncmp("x", "x"), 0);
}

}  // namespace
}  // namespace git
