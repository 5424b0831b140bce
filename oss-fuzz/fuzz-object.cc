// Commits, trees and tags, their headers and identities.
#include <cstdint>
#include <string>
#include <string_view>

#include "object/object.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (git::HashAlgo algo : {git::HashAlgo::sha1, git::HashAlgo::sha256}) {
    if (auto commit = git::parse_commit(bytes, algo); commit)
      if (auto ident = git::split_ident_line(commit->committer)) git::ident_time(*ident), git::ident_tz(*ident);
    (void)git::parse_tag(bytes, algo).ok();
    if (auto tree = git::parse_tree(bytes, algo); tree) {
      std::string again;
      for (const git::TreeEntry& entry : *tree) git::append_tree_entry(again, entry.mode, entry.name, entry.oid);
    }
  }
  git::find_commit_header(bytes, "gpgsig");
  git::commit_message(bytes);
  return 0;
}
