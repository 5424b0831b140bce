// The comparison engine and the patch reader: small texts whose hunks are known.
#include <gtest/gtest.h>

#include "diff/binary-patch.h"
#include "diff/patch-parse.h"
#include "diff/ws.h"
#include "diff/xdiff.h"
#include "diff/xdl-emit.h"

namespace git {
namespace {

struct Collect : HunkSink {
  std::string text;
  void hunk(long a, long b, long c, long d, std::string_view f) override { text += format_hunk_header(a, b, c, d, f) + "\n"; }
  void line(char kind, std::string_view bytes) override {
    text += kind;
    text += bytes;
  }
};

std::string patch(std::string_view before, std::string_view after, unsigned flags = 0, long context = 3) {
  XdiffParams params;
  params.flags = flags;
  LineDiff diff = compare_lines(before, after, params);
  mark_ignorable(diff, flags, {});
  HunkConfig config;
  config.context = context;
  Collect sink;
  emit_hunks(diff, config, sink);
  return sink.text;
}

TEST(Xdiff, EqualTextsHaveNoHunks) { EXPECT_EQ(patch("a\nb\n", "a\nb\n"), ""); }

TEST(Xdiff, OneChangedLine) { EXPECT_EQ(patch("a\nb\nc\n", "a\nx\nc\n"), "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"); }

TEST(Xdiff, AlgorithmsAgreeOnAnInsertion) {
  for (unsigned flags : {0u, unsigned{kXdfPatience}, unsigned{kXdfHistogram}, unsigned{kXdfNeedMinimal}})
    EXPECT_EQ(patch("a\nb\n", "a\nnew\nb\n", flags, 0), "@@ -1,0 +2 @@ a\n+new\n") << flags;
}

TEST(Xdiff, IndentHeuristicKeepsBlocksWhole) {
  const char* before = "f()\n{\n  x\n}\n";
  const char* after = "f()\n{\n  x\n}\n\ng()\n{\n  x\n}\n";
  EXPECT_EQ(patch(before, after, kXdfIndentHeuristic, 0), "@@ -4,0 +5,5 @@ f()\n+\n+g()\n+{\n+  x\n+}\n");
}

TEST(Xdiff, WhitespaceFlags) {
  EXPECT_EQ(patch("a b\n", "a  b\n", kXdfIgnoreWhitespaceChange), "");
  EXPECT_EQ(patch("ab\n", "a b\n", kXdfIgnoreWhitespace), "");
  EXPECT_NE(patch("ab\n", "a b\n", kXdfIgnoreWhitespaceChange), "");
  EXPECT_EQ(patch("a\n", "a \n", kXdfIgnoreWhitespaceAtEol), "");
  EXPECT_EQ(patch("a\r\n", "a\n", kXdfIgnoreCrAtEol), "");
  EXPECT_EQ(patch("a\nb\n", "a\n\nb\n", kXdfIgnoreBlankLines), "");
}

TEST(PatchParser, ReadsRenamesAndHunks) {
  const std::string text =
      "mail header\n\ndiff --git a/x b/y\nsimilarity index 90%\nrename from x\nrename to y\nindex 1..2 100644\n--- a/x\n+++ b/y\n"
      "@@ -1,2 +1,2 @@\n a\n-b\n+c\n-- \n2.55\n";
  PatchParser parser(text, {});
  auto first = parser.next();
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(first->has_value());
  const FilePatch& p = **first;
  EXPECT_TRUE(p.is_rename);
  EXPECT_EQ(p.old_name, "x");
  EXPECT_EQ(p.new_name, "y");
  EXPECT_EQ(p.score, 90);
  ASSERT_EQ(p.fragments.size(), 1u);
  EXPECT_EQ(p.lines_added, 1);
  auto end = parser.next();
  ASSERT_TRUE(end.ok());
  EXPECT_FALSE(end->has_value());
}

TEST(PatchParser, RefusesTruncatedHunks) {
  PatchParseOptions options;
  options.input_name = "p";
  PatchParser parser("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n", options);
  auto result = parser.next();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "corrupt patch at p:5");
}

TEST(BinaryPatch, Base85RoundTrip) {
  for (std::size_t n = 1; n < 60; n++) {
    std::string bytes;
    for (std::size_t i = 0; i < n; i++) bytes += static_cast<char>(i * 37 + n);
    EXPECT_EQ(decode_base85(encode_base85(bytes), n), bytes);
  }
  EXPECT_FALSE(decode_base85("~~~~~", 4));
}

TEST(Whitespace, FixesWhatItFinds) {
  std::string fixed;
  int count = 0;
  ws_fix_copy(fixed, "a \t\n", kWsDefaultRule, &count);
  EXPECT_EQ(fixed, "a\n");
  EXPECT_EQ(count, 1);
  EXPECT_EQ(ws_check(" \tx\n", kWsDefaultRule), unsigned{kWsSpaceBeforeTab});
}

}  // namespace
}  // namespace git
