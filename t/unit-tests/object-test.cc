// Codecs of trees, commits, tags and identities, and the rules of fsck.
#include <gtest/gtest.h>

#include "object/fsck.h"
#include "object/object.h"

namespace git {
namespace {

const std::string kHex(40, '1');
ObjectId some_id() { return *ObjectId::from_hex(kHex, HashAlgo::sha1); }

TEST(Tree, ReadsWhatItWrote) {
  std::string bytes;
  append_tree_entry(bytes, kModeBlob, "a", some_id());
  append_tree_entry(bytes, kModeTree, "b", some_id());
  auto entries = parse_tree(bytes, HashAlgo::sha1);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[1].name, "b");
  EXPECT_EQ((*entries)[1].mode, kModeTree);
}

TEST(Tree, SaysWhatIsWrong) {
  auto why = [](const std::string& bytes) { return parse_tree(bytes, HashAlgo::sha1).error().message; };
  std::string good, unnamed;
  append_tree_entry(good, kModeBlob, "a", some_id());
  append_tree_entry(unnamed, kModeBlob, "", some_id());
  EXPECT_EQ(why(good.substr(0, 10)), "too-short tree object");
  EXPECT_EQ(why("9" + good), "malformed mode in tree entry");
  EXPECT_EQ(why(unnamed), "empty filename in tree entry");
}

TEST(Tree, DirectoriesSortAsIfTheyEndedInSlash) {
  EXPECT_LT(base_name_compare("a.c", kModeBlob, "a", kModeTree), 0);
  EXPECT_LT(base_name_compare("a", kModeBlob, "a.c", kModeBlob), 0);
  EXPECT_EQ(df_name_compare("a", kModeBlob, "a", kModeTree), 0);
}

TEST(CommitCodec, HeadersAndMessage) {
  std::string bytes = "tree " + kHex + "\nparent " + kHex + "\nauthor A <a@x> 1 +0000\ncommitter C <c@x> 42 -0130\n" +
                      "encoding latin1\ngpgsig one\n two\n\nsubject\n";
  auto commit = parse_commit(bytes, HashAlgo::sha1);
  ASSERT_TRUE(commit);
  EXPECT_EQ(commit->parents.size(), 1u);
  EXPECT_EQ(commit->commit_time, 42u);
  EXPECT_EQ(commit->encoding, "latin1");
  EXPECT_EQ(commit->message, "subject\n");
  EXPECT_EQ(find_commit_header(bytes, "gpgsig"), "one\ntwo");
  EXPECT_FALSE(find_commit_header(bytes, "subject"));
  EXPECT_EQ(parse_commit("tree", HashAlgo::sha1).error().message, "bogus commit object");
}

TEST(Ident, DateIsBehindTheLastBracket) {
  auto ident = split_ident_line("A U Thor <a@x> 1234567890 -0700");
  ASSERT_TRUE(ident);
  EXPECT_EQ(ident->name, "A U Thor");
  EXPECT_EQ(ident_time(*ident), 1234567890u);
  EXPECT_EQ(ident_tz(*ident), -700);
  EXPECT_FALSE(split_ident_line("nobody"));
  EXPECT_EQ(split_ident_line("A <a@x>")->date, "");
}

std::string first_finding(ObjectType type, std::string_view bytes) {
  FsckState state;
  std::string text;
  fsck_object(ObjectId::null(HashAlgo::sha1), type, bytes, FsckOptions(), state, [&](const FsckFinding& finding) {
    if (text.empty()) text = finding.text.substr(0, finding.text.find(':'));
    return true;
  });
  return text;
}

TEST(FsckRules, NameWhatTheyFind) {
  std::string tree = "tree " + kHex + "\n";
  EXPECT_EQ(first_finding(ObjectType::commit, "x\n"), "missingTree");
  EXPECT_EQ(first_finding(ObjectType::commit, tree), "missingAuthor");
  EXPECT_EQ(first_finding(ObjectType::commit, tree + "author A <a> 01 +0000\n"), "zeroPaddedDate");
  EXPECT_EQ(first_finding(ObjectType::commit, tree + "author A a> 1 +0000\n"), "badName");
  EXPECT_EQ(first_finding(ObjectType::tag, "object " + kHex + "\ntype fish\n"), "badType");
  std::string twice, far_apart, disguised;
  append_tree_entry(twice, kModeBlob, "a", some_id());
  append_tree_entry(twice, kModeBlob, "a", some_id());
  EXPECT_EQ(first_finding(ObjectType::tree, twice), "duplicateEntries");
  append_tree_entry(far_apart, kModeBlob, "a", some_id());
  append_tree_entry(far_apart, kModeBlob, "a.c", some_id());
  append_tree_entry(far_apart, kModeTree, "a", some_id());
  EXPECT_EQ(first_finding(ObjectType::tree, far_apart), "duplicateEntries");
  append_tree_entry(disguised, kModeTree, "GIT~1", some_id());
  EXPECT_EQ(first_finding(ObjectType::tree, disguised), "hasDotgit");
}

TEST(FsckRules, SubmoduleNamesAndUrls) {
  EXPECT_TRUE(is_safe_submodule_name("a/b"));
  EXPECT_FALSE(is_safe_submodule_name("../b"));
  EXPECT_FALSE(is_safe_submodule_name("a\\..\\b"));
  EXPECT_TRUE(is_safe_submodule_url("https://example.com/a.git"));
  EXPECT_FALSE(is_safe_submodule_url("-u./x"));
  EXPECT_FALSE(is_safe_submodule_url("https:///example.com/a.git"));
  EXPECT_FALSE(is_safe_submodule_url("git://host/%0ax"));
}

TEST(FsckRules, SeveritiesCanBeChanged) {
  FsckOptions options;
  EXPECT_EQ(options.severity_of(FsckMessage::missing_email), FsckSeverity::error);
  options.set_severity("missingemail", "ignore");
  EXPECT_EQ(options.severity_of(FsckMessage::missing_email), FsckSeverity::ignore);
  EXPECT_EQ(fsck_message_name(FsckMessage::missing_email), "missingEmail");
  EXPECT_THROW(options.set_severity("nulinheader", "warn"), Fatal);
}

}  // namespace
}  // namespace git
