// git count-objects: how many objects are loose, and what they and the packs cost.
#include <sys/stat.h>

#include "base/display-path.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/progress.h"
#include "base/quote.h"
#include "builtin.h"
#include "odb.h"
#include "odb/loose-check.h"
#include "odb/pack-garbage.h"
#include "pack/pack.h"

GIT_BUILTIN("count-objects", cmd_count_objects, kSetup)

namespace git {
namespace {

struct Counts {
  std::uint64_t loose = 0, loose_size = 0, packed_loose = 0, garbage = 0, garbage_size = 0;

  void add_garbage(const std::string& shown, const std::string& path, const char* why) {
    if (auto st = stat_path(path)) garbage_size += static_cast<std::uint64_t>(st->st_size);
    warning("%s: %s", why, shown);
    garbage++;
  }
};

std::uint64_t on_disk(const struct stat& st) { return static_cast<std::uint64_t>(st.st_blocks) * 512; }

}  // namespace

int cmd_count_objects(Invocation& inv) {
  bool verbose = false, human = false;
  Options options({"git count-objects [-v] [-H | --human-readable]"});
  options.boolean('v', "verbose", &verbose, "be verbose");
  options.boolean('H', "human-readable", &human, "print sizes in human readable format");
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (!args.empty()) options.usage_with_options();

  ObjectDatabase& odb = inv.repo().odb();
  Counts counts;
  if (verbose)
    for_each_pack_garbage(odb.objects_dir(),
                          [&](const std::string& path, const char* why) { counts.add_garbage(display_path(path), path, why); });
  for_each_loose_file(
      odb.objects_dir(), odb.algo(),
      [&](const LooseFile& file) {
        auto st = lstat_path(file.path);
        if (!file.oid || !st || !S_ISREG(st->st_mode)) {
          if (verbose) counts.add_garbage(file.shown_path, file.path, "garbage found");
          return;
        }
        counts.loose_size += on_disk(*st);
        counts.loose++;
        if (!verbose) return;
        for (const auto& pack : odb.packs())
          if (pack->find(*file.oid)) {
            counts.packed_loose++;
            break;
          }
      },
      true);
  auto size = [&](std::uint64_t bytes) { return human ? humanise_bytes(bytes) : std::to_string(bytes / 1024); };
  if (!verbose) {
    outf(human ? "%u objects, %s\n" : "%u objects, %s kilobytes\n", counts.loose, size(counts.loose_size));
    return 0;
  }
  std::uint64_t packed = 0, packs = 0, pack_size = 0;
  for (const auto& pack : odb.packs()) {
    if (!pack->is_local() || !pack->open_index()) continue;
    packed += pack->count();
    pack_size += pack->file_size() + pack->index().bytes().size();
    packs++;
  }
  outf("count: %u\nsize: %s\nin-pack: %u\npacks: %u\nsize-pack: %s\n", counts.loose, size(counts.loose_size), packed, packs,
       size(pack_size));
  outf("prune-packable: %u\ngarbage: %u\nsize-garbage: %s\n", counts.packed_loose, counts.garbage, size(counts.garbage_size));
  for (const ObjectDatabase::Source& source : odb.sources())
    if (!source.is_local) outf("alternate: %s\n", quote_c_style(source.path));
  return 0;
}

}  // namespace git
