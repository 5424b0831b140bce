// Three texts into one.
#include <gtest/gtest.h>

#include "diff/xmerge.h"

namespace git {
namespace {

XmergeParams labels() {
  XmergeParams params;
  params.ours_label = "ours";
  params.theirs_label = "theirs";
  params.base_label = "base";
  return params;
}

TEST(Xmerge, ChangesThatDoNotTouchBothStand) {
  auto merged = merge_texts("a\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n", labels());
  EXPECT_EQ(merged.conflicts, 0);
  EXPECT_EQ(merged.bytes, "A\nb\nc\nd\nE\n");
}

TEST(Xmerge, TheSameChangeIsNoConflict) {
  auto merged = merge_texts("a\nb\n", "a\nX\n", "a\nX\n", labels());
  EXPECT_EQ(merged.conflicts, 0);
  EXPECT_EQ(merged.bytes, "a\nX\n");
}

TEST(Xmerge, ConflictsAreMarkedInTheStyleAskedFor) {
  XmergeParams params = labels();
  EXPECT_EQ(merge_texts("a\n", "b\n", "c\n", params).bytes, "<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n");
  params.style = ConflictStyle::diff3;
  EXPECT_EQ(merge_texts("a\n", "b\n", "c\n", params).bytes, "<<<<<<< ours\nb\n||||||| base\na\n=======\nc\n>>>>>>> theirs\n");
  params.style = ConflictStyle::zdiff3;
  EXPECT_EQ(merge_texts("a\n", "x\nb\n", "x\nc\n", params).bytes,
            "x\n<<<<<<< ours\nb\n||||||| base\na\n=======\nc\n>>>>>>> theirs\n");
}

TEST(Xmerge, FavorsAndUnion) {
  XmergeParams params = labels();
  params.favor = MergeFavor::ours;
  EXPECT_EQ(merge_texts("a\n", "b\n", "c\n", params).bytes, "b\n");
  params.favor = MergeFavor::both;
  EXPECT_EQ(merge_texts("a\n", "b\n", "c\n", params).bytes, "b\nc\n");
}

TEST(Xmerge, MarkersKeepTheLineEnding) {
  EXPECT_EQ(merge_texts("x\r\na\r\n", "x\r\nb\r\n", "x\r\nc\r\n", labels()).bytes,
            "x\r\n<<<<<<< ours\r\nb\r\n=======\r\nc\r\n>>>>>>> theirs\r\n");
}

}  // namespace
}  // namespace git
