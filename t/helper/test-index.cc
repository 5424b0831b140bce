// test-tool dump-cache-tree, scrap-cache-tree, dump-split-index, read-cache, parse-pathspec-file: looks at the index that
// commands don't offer.
#include <algorithm>
#include <cstdint>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "index.h"
#include "index/cache-tree.h"
#include "index/index-format.h"
#include "index/pathspec.h"
#include "pack/ewah.h"
#include "repository.h"
#include "setup.h"
#include "t/helper/test-tool.h"

TEST_TOOL("dump-cache-tree", test_dump_cache_tree)
TEST_TOOL("scrap-cache-tree", test_scrap_cache_tree)
TEST_TOOL("dump-split-index", test_dump_split_index)
TEST_TOOL("read-cache", test_read_cache)
TEST_TOOL("parse-pathspec-file", test_parse_pathspec_file)

namespace git {
namespace {

void dump_one(const CacheTree& tree, const std::string& path, const char* mark) {
  if (tree.is_valid())
    outf("%s %s%s (%d entries, %d subtrees)\n", tree.oid, mark, path, tree.entry_count, tree.children.size());
  else
    outf("%-40s %s%s (%d subtrees)\n", "invalid", mark, path, tree.children.size());
}

// What is recorded beside what it should be; 1 where something valid is wrong.
int dump(CacheTree& tree, CacheTree& wanted, const std::string& path) {
  int errors = 0;
  dump_one(tree, path, "");
  bool same = tree.oid == wanted.oid && tree.entry_count == wanted.entry_count && tree.children.size() == wanted.children.size();
  if (!tree.is_valid() || !same) {
    dump_one(wanted, path, "#(ref) ");
    errors = tree.is_valid();
  }
  for (auto& [name, child] : tree.children)
    if (CacheTree* other = wanted.find(name)) errors |= dump(*child, *other, path + name + "/");
  return errors;
}

}  // namespace

int test_dump_cache_tree(std::vector<std::string>) {
  SetupResult setup = setup_git_directory(false);
  Index index = Index::read(*setup.repo), other = Index::read(*setup.repo);
  if (!index.cache_tree()) return 0;
  other.set_cache_tree(nullptr);
  if (!update_cache_tree(other, kCacheTreeDryRun | kCacheTreeMissingOk)) return 1;
  return dump(*index.cache_tree(), *other.cache_tree(), "");
}

// The file as it is, without what it takes from the shared one.
int test_dump_split_index(std::vector<std::string> args) {
  SetupResult setup = setup_git_directory(false);
  HashAlgo algo = setup.repo->algo();
  std::string bytes = read_file(args.at(1)).take_or_die();
  ParsedIndex parsed = parse_index(bytes, algo, false).take_or_die();
  outf("own %s\n", parsed.checksum);
  auto link = std::find_if(parsed.extensions.begin(), parsed.extensions.end(), [](const auto& e) { return e.name == "link"; });
  if (link == parsed.extensions.end()) {
    out("not a split index\n");
    return 0;
  }
  std::string_view data = link->data;
  outf("base %s\n", ObjectId::from_raw(data.substr(0, raw_size(algo)), algo));
  data.remove_prefix(raw_size(algo));
  for (const auto& e : parsed.entries) outf("%06o %s %d\t%s\n", e->mode, e->oid, e->stage, e->path);
  auto deleted = ewah_decode(data, UINT32_MAX), replaced = ewah_decode(data, UINT32_MAX);
  auto list = [](const char* title, const std::optional<Bitmap>& bits) {
    out(title);
    if (bits) bits->for_each([](std::size_t i) { outf(" %d", i); });
    out("\n");
  };
  list("replacements:", replaced);
  list("deletions:", deleted);
  return 0;
}

int test_scrap_cache_tree(std::vector<std::string>) {
  SetupResult setup = setup_git_directory(false);
  LockFile lock = LockFile::hold_or_die(setup.repo->index_file());
  Index index = Index::read(*setup.repo);
  index.set_cache_tree(nullptr);
  index.is_changed = true;
  if (!index.write_locked(lock)) die("unable to write index file");
  return 0;
}

int test_read_cache(std::vector<std::string> args) {
  std::string name;
  std::size_t count = 1;
  for (std::size_t i = 1; i < args.size(); ++i) {
    std::string_view value;
    if (skip_prefix(args[i], "--print-and-refresh=", &value))
      name = value;
    else if (auto n = parse_uint(args[i]))
      count = static_cast<std::size_t>(*n);
  }
  SetupResult setup = setup_git_directory(false);
  for (std::size_t i = 0; i < count; ++i) {
    Index index = Index::read(*setup.repo);
    if (name.empty()) continue;
    index.refresh(Index::kRefreshQuiet);
    IndexEntry* entry = index.find(name);
    if (!entry) die("%s not in index", name);
    outf("%s is%s up to date\n", name, entry->is_uptodate ? "" : " not");
  }
  return 0;
}

int test_parse_pathspec_file(std::vector<std::string> args) {
  std::string file;
  bool nul = false;
  for (std::size_t i = 1; i < args.size(); ++i) {
    std::string_view value;
    if (skip_prefix(args[i], "--pathspec-from-file=", &value))
      file = value;
    else if (args[i] == "--pathspec-file-nul")
      nul = true;
  }
  SetupResult setup = setup_git_directory(false);
  for (const PathspecItem& item : parse_pathspec_file(*setup.repo, file, nul, "", 0).items) outf("%s\n", item.original);
  return 0;
}

}  // namespace git
