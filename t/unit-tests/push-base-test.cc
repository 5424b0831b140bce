// The keys of a push with a base: what is sent fits and comes back, and what anybody else sends does no harm.
#include <gtest/gtest.h>

#include "base/fmt.h"
#include "wire/push-base-keys.h"

namespace git {
namespace {

const std::string kOne(40, '1'), kTwo(40, '2');

ObjectId oid(const std::string& hex) { return *ObjectId::from_hex(hex, HashAlgo::sha1); }

std::string join_keys(const std::vector<std::string>& words) {
  std::string text = "version=1";
  for (const std::string& word : words) text += ":" + word;
  return text;
}

TEST(PushBaseKeys, WhatIsSentComesBack) {
  PushBaseKeys keys{{oid(kOne), oid(kTwo)}, {"refs/heads/a", "refs/tags/b"}};
  PushBaseKeys heard = parse_push_base_keys(join_keys(format_push_base_keys(keys)), HashAlgo::sha1);
  EXPECT_EQ(heard.bases, keys.bases);
  EXPECT_EQ(heard.refs, keys.refs);
}

TEST(PushBaseKeys, NothingWithoutABase) { EXPECT_TRUE(format_push_base_keys({{}, {"refs/heads/a"}}).empty()); }

TEST(PushBaseKeys, AllOfItStaysBelowTheLimit) {
  PushBaseKeys keys{{oid(kOne)}, {}};
  while (true) {
    std::vector<std::string> words = format_push_base_keys(keys);
    if (words.empty()) break;
    ASSERT_LT(join_keys(words).size(), kPushBaseKeysLimit);
    keys.refs.push_back("refs/heads/b" + std::to_string(keys.refs.size()));
  }
  EXPECT_GT(keys.refs.size(), 40u);
}

TEST(PushBaseKeys, NamesThatWouldBeTwoKeysAreNotSent) {
  EXPECT_TRUE(format_push_base_keys({{oid(kOne)}, {"refs/heads/a:base=x"}}).empty());
}

TEST(PushBaseKeys, WhatMeansNothingIsPassedOver) {
  std::string zero(40, '0');
  for (const std::string& text :
       {std::string("base="), "base=" + kOne.substr(1), "base=" + kOne + "1", "base=" + zero, "base=" + kOne + " ",
        std::string("Base=") + kOne, std::string(":::"), "base=" + std::string(64, '1')})
    EXPECT_TRUE(parse_push_base_keys(text, HashAlgo::sha1).bases.empty()) << text;
  PushBaseKeys keys = parse_push_base_keys("x=y:base=" + kOne + ":base=" + kOne + ":ref=:ref=a:ref=a", HashAlgo::sha1);
  EXPECT_EQ(keys.bases.size(), 1u);
  EXPECT_EQ(keys.refs, std::vector<std::string>{"a"});
}

TEST(PushBaseKeys, AMillionOfThemAreBounded) {
  std::string text;
  for (int i = 1; i < 200000; i++) text += strf("base=%040x:ref=refs/heads/b%d:", i, i);
  PushBaseKeys keys = parse_push_base_keys(text, HashAlgo::sha1);
  EXPECT_EQ(keys.bases.size(), kMaxPushBases);
  EXPECT_EQ(keys.refs.size(), kMaxPushBaseRefs);
}

}  // namespace
}  // namespace git
