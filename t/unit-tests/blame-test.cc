// Which line of a parent a changed line is thought to come from.
#include <gtest/gtest.h>

#include "blame-fuzzy.h"

namespace git {
namespace {

std::vector<int> match(std::string_view before, std::string_view after) {
  auto parent = line_fingerprints(before);
  const auto target = line_fingerprints(after);
  return match_changed_lines(parent, target, 0, static_cast<int>(target.size()), 0, static_cast<int>(parent.size()));
}

TEST(BlameFuzzy, CaseAndSpacesDoNotMatter) {
  EXPECT_EQ(LineFingerprint("int  main").similarity(LineFingerprint("INT main")),
            LineFingerprint("int main").similarity(LineFingerprint("int main")));
  EXPECT_EQ(LineFingerprint("").similarity(LineFingerprint("x")), 0);
}

TEST(BlameFuzzy, LinesKeepTheirOrder) {
  EXPECT_EQ(match("abc\nabc\n", "abcd\nabcd\n"), (std::vector<int>{0, 1}));
  EXPECT_EQ(match("one two three\nfour five six\n", "one two\nthree\nfour five six seven\n"), (std::vector<int>{0, 0, 1}));
}

TEST(BlameFuzzy, NothingAlikeIsNobodys) { EXPECT_EQ(match("abc\n", "xyz\n"), std::vector<int>{-1}); }

TEST(BlameFuzzy, AnInsertionMayComeFromElsewhere) {
  auto parent = line_fingerprints("a long line with many letters\nshort\n");
  const auto target = line_fingerprints("a long line with more letters\n");
  EXPECT_EQ(match_changed_lines(parent, target, 0, 1, 2, 0), std::vector<int>{0});
  auto empty = line_fingerprints("");
  EXPECT_EQ(match_changed_lines(empty, target, 0, 1, 0, 0), std::vector<int>{-1});
}

}  // namespace
}  // namespace git
