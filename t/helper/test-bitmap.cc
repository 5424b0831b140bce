// test-tool bitmap: what a bitmap file holds.
#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "odb.h"
#include "pack-bitmap.h"
#include "repository.h"
#include "setup.h"
#include "t/helper/test-tool.h"
#include "walk/commit-pool.h"

TEST_TOOL("bitmap", test_bitmap)

namespace git {
namespace {

int write_selected(Repository& repo, const std::string& pack_name) {
  std::shared_ptr<Pack> pack;
  for (const auto& p : repo.odb().packs())
    if (p->name() == pack_name) pack = p;
  if (!pack) return error("could not find pack '%s'", pack_name), 1;
  BitmapInput input;
  input.all_commits = true;
  input.checksum = ObjectId::from_raw(pack->checksum(), repo.algo());
  for (std::uint32_t rank = 0; rank < pack->count(); rank++) {
    input.objects.push_back(pack->oid_at(pack->position_at_rank(rank)));
    input.types.push_back(pack->type_at(pack->offset_at_rank(rank)));
  }
  LineReader lines(0);
  std::string line;
  while (lines.next(line)) {
    auto oid = ObjectId::from_hex(line, repo.algo());
    if (!oid) die("malformed input: %s", line);
    input.commits.push_back(*oid);
  }
  CommitPool& pool = repo.commits();
  std::stable_sort(input.commits.begin(), input.commits.end(), [&](const ObjectId& a, const ObjectId& b) {
    Commit *x = pool.get(a), *y = pool.get(b);
    pool.parse_quietly(x);
    pool.parse_quietly(y);
    return x->date > y->date;
  });
  write_bitmap(repo, std::move(input), pack->path_with("bitmap")).or_die();
  return 0;
}

}  // namespace

int test_bitmap(std::vector<std::string> args) {
  auto setup = setup_git_directory(false);
  Repository& repo = *setup.repo;
  std::string what = args.size() > 1 ? args[1] : "";
  if (what == "write" && args.size() == 3) return write_selected(repo, args[2]);
  auto index = BitmapIndex::open(repo);
  if (what == "list-commits" || what == "list-commits-with-offset") {
    if (!index) die("failed to load bitmap indexes");
    for (const auto& place : index->entry_places()) {
      if (what == "list-commits")
        outf("%s\n", place.commit);
      else
        outf("%s %u\n", place.commit, place.offset);
    }
  } else if (what == "dump-hashes") {
    if (!index || !index->has_name_hashes()) return 0;
    std::vector<std::pair<ObjectId, std::uint32_t>> hashes;
    for (std::uint32_t bit = 0; bit < index->count(); bit++) hashes.emplace_back(index->oid_of(bit), index->name_hash_of(bit));
    std::sort(hashes.begin(), hashes.end());
    for (const auto& [oid, hash] : hashes) outf("%s %u\n", oid, hash);
  } else {
    err("usage: test-tool bitmap (list-commits|list-commits-with-offset|dump-hashes|write <pack>)\n");
    return 129;
  }
  flush_out();
  return 0;
}

}  // namespace git
