// The index file's codec, exclude patterns, line ends and cone patterns, in memory.
#include <dirent.h>
#include <gtest/gtest.h>

#include "hash/hasher.h"
#include "index/convert-eol.h"
#include "index/dir.h"
#include "index/index-format.h"
#include "index/sparse.h"

namespace git {
namespace {

IndexEntry entry(const char* path, bool skipped = false) {
  IndexEntry e;
  e.path = path;
  e.mode = kModeBlob;
  e.oid = empty_blob_id(HashAlgo::sha1);
  e.skip_worktree = skipped;
  e.stat.size = 7;
  return e;
}

std::string with_checksum(std::string bytes) {
  bytes.append(hash_bytes(HashAlgo::sha1, bytes).raw());
  return bytes;
}

TEST(IndexFormat, EveryVersionReadsBackWhatWasWritten) {
  std::vector<IndexEntry> entries = {entry("dir/a.c"), entry("dir/b.c", true), entry("other")};
  for (int version : {3, 4}) {
    std::vector<FormatEntry> list;
    for (const IndexEntry& e : entries) list.push_back({&e, false});
    std::string bytes = format_index_entries(version, list, HashAlgo::sha1);
    append_extension(bytes, "TEST", "data");
    Result<ParsedIndex> parsed = parse_index(with_checksum(bytes), HashAlgo::sha1, true);
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    EXPECT_EQ(parsed->version, version);
    ASSERT_EQ(parsed->entries.size(), entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      EXPECT_EQ(parsed->entries[i]->path, entries[i].path);
      EXPECT_EQ(parsed->entries[i]->skip_worktree, entries[i].skip_worktree);
      EXPECT_EQ(parsed->entries[i]->stat, entries[i].stat);
    }
    ASSERT_EQ(parsed->extensions.size(), 1u);
  }
}

TEST(IndexFormat, CutFilesAreRefused) {
  IndexEntry e = entry("a");
  std::string bytes = with_checksum(format_index_entries(2, {{&e, false}}, HashAlgo::sha1));
  for (std::size_t n = 0; n < bytes.size(); ++n)
    EXPECT_FALSE(parse_index(std::string_view(bytes).substr(0, n), HashAlgo::sha1, true).ok());
}

TEST(IndexFormat, VarintsComeBack) {
  for (std::uint64_t value : {0ull, 127ull, 128ull, 16511ull, 16512ull, 1ull << 40}) {
    std::string bytes;
    put_varint(bytes, value);
    std::string_view view = bytes;
    EXPECT_EQ(take_varint(view), value);
    EXPECT_TRUE(view.empty());
  }
}

TEST(Ignore, TheLastPatternDecides) {
  PatternList list;
  add_patterns_from_buffer(list, "*.o\n!keep.o\n/top\nsub/*.x\n# note\nspace\\ \n", "");
  auto ignored = [&](const char* path) {
    const IgnorePattern* p = last_matching_pattern(list, path, DT_REG);
    return p && !(p->flags & kPatternNegative);
  };
  EXPECT_TRUE(ignored("a/b.o"));
  EXPECT_FALSE(ignored("a/keep.o"));
  EXPECT_TRUE(ignored("top"));
  EXPECT_FALSE(ignored("a/top"));
  EXPECT_TRUE(ignored("sub/f.x"));
  EXPECT_FALSE(ignored("sub/deep/f.x"));
  EXPECT_TRUE(ignored("space "));
}

TEST(Convert, LineEndsThereAndBack) {
  EXPECT_EQ(lf_to_crlf("a\nb\r\n"), "a\r\nb\r\n");
  EXPECT_EQ(crlf_to_lf("a\r\nb\rc\n"), "a\nb\rc\n");
  EXPECT_EQ(ident_to_git("x $Id: 1234 $ y"), "x $Id$ y");
  EXPECT_EQ(describe_eol("a\r\nb\n"), "mixed");
}

TEST(Sparse, ConesAreSetsOfDirectories) {
  SparsePatterns p = SparsePatterns::parse("/*\n!/*/\n/a/\n!/a/*/\n/a/b/\n", true);
  ASSERT_TRUE(p.use_cone);
  EXPECT_TRUE(p.path_in_checkout("file", DT_REG));
  EXPECT_TRUE(p.path_in_checkout("a/file", DT_REG));
  EXPECT_TRUE(p.path_in_checkout("a/b/c/file", DT_REG));
  EXPECT_FALSE(p.path_in_checkout("a/x/file", DT_REG));
  EXPECT_FALSE(p.path_in_checkout("z/file", DT_REG));
  EXPECT_EQ(p.format_cone(), "/*\n!/*/\n/a/\n!/a/*/\n/a/b/\n");
}

}  // namespace
}  // namespace git
