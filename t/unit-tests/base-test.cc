// Formatting, strings, paths, options' numbers, messages' white space.
#include <gtest/gtest.h>

#include "base/command-line.h"
#include "base/files.h"
#include "base/fmt.h"
#include "base/strings.h"
#include "base/strip-space.h"
#include "base/wildmatch.h"
#include "hash/hasher.h"

namespace git {
namespace {

TEST(Format, TakesTypedArgumentsLikePrintf) {
  EXPECT_EQ(strf("%s: %d of %5u|%-4s|%04x|%c%%", "a", -1, 42u, "b", 255, 'z'), "a: -1 of    42|b   |00ff|z%");
  EXPECT_EQ(strf("%.*s", 2, "abcdef"), "ab");
  EXPECT_EQ(strf("%+05d", 130), "+0130");
}

TEST(Numbers, RefuseWhatFormatsMustRefuse) {
  EXPECT_FALSE(parse_uint(""));
  EXPECT_FALSE(parse_uint("-1"));
  EXPECT_FALSE(parse_uint("18446744073709551616"));
  EXPECT_EQ(parse_uint("18446744073709551615"), ~0ull);
  EXPECT_FALSE(parse_int("--1"));
  EXPECT_EQ(parse_int("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(parse_int_with_unit("2k"), 2048);
  EXPECT_FALSE(parse_int_with_unit("9223372036854775807k"));
}

TEST(Paths, AreNormalizedWithoutTheDisk) {
  EXPECT_EQ(normalize_path("/a/./b//../c"), "/a/c");
  EXPECT_EQ(normalize_path("a/b/.."), "a/");
  EXPECT_FALSE(normalize_path("../x"));
  EXPECT_EQ(relative_path("/a/b/c", "/a/d"), "../b/c");
  EXPECT_EQ(relative_path("/a", "/a/b"), "../");
  EXPECT_EQ(path_below("/a/bc", "/a/b"), std::nullopt);
  EXPECT_EQ(path_below("/a/b/c", "/a/b"), "c");
  EXPECT_EQ(path_dirname("/a"), "/");
  EXPECT_EQ(path_basename("a/b/"), "b");
}

TEST(StripSpace, KeepsOneEmptyLineBetweenParagraphs) {
  EXPECT_EQ(strip_space("\n\na  \n\n\n# c\nb"), "a\n\n# c\nb\n");
  EXPECT_EQ(strip_space("a\n# c\n", "#"), "a\n");
  EXPECT_EQ(comment_lines("x\n\n\ty\n", "#"), "# x\n#\n#\ty\n");
}

TEST(CommandLine, QuotesGroup) {
  auto words = parse_command_line("a 'b c' \"d\\\"e\" f\\ g");
  ASSERT_TRUE(words.ok());
  EXPECT_EQ(*words, (std::vector<std::string>{"a", "b c", "d\"e", "f g"}));
  EXPECT_EQ(parse_command_line("'x").error().message, "unclosed quote");
}

TEST(Wildmatch, SlashesAreSpecialWherePathsAreMeant) {
  EXPECT_TRUE(wildmatch("**/x", "a/b/x", kWildPathname));
  EXPECT_FALSE(wildmatch("*", "a/b", kWildPathname));
  EXPECT_TRUE(wildmatch("*", "a/b", 0));
}

TEST(Hash, KnownNames) {
  EXPECT_EQ(hash_object(HashAlgo::sha1, "blob", "").hex(), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
  EXPECT_EQ(empty_tree_id(HashAlgo::sha1).hex(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  EXPECT_EQ(empty_blob_id(HashAlgo::sha256).hex(), "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813");
  Hasher pieces(HashAlgo::sha1);
  std::string million(1000000, 'a');
  for (std::size_t at = 0; at < million.size(); at += 997) pieces.update(std::string_view(million).substr(at, 997));
  EXPECT_EQ(pieces.finish().hex(), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

}  // namespace
}  // namespace git
