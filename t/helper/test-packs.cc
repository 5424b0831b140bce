// test-tool's views of packs and what belongs to them.
#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "object-name.h"
#include "odb.h"
#include "pack-objects.h"
#include "pack/bytes.h"
#include "pack/delta.h"
#include "pack/inflate.h"
#include "pack/midx-format.h"
#include "pack/pack-write.h"
#include "pack/pack.h"
#include "repository.h"
#include "setup.h"
#include "t/helper/test-tool.h"

TEST_TOOL("read-midx", test_read_midx)
TEST_TOOL("find-pack", test_find_pack)
TEST_TOOL("pack-mtimes", test_pack_mtimes)
TEST_TOOL("pack-deltas", test_pack_deltas)
TEST_TOOL("delta", test_delta)
TEST_TOOL("name-hash", test_name_hash)
TEST_TOOL("crontab", test_crontab)

namespace git {
namespace {

const char* chunk_name(std::uint32_t id) {
  switch (id) {
    case kChunkPackNames:
      return "pack-names";
    case kChunkOidFanout:
      return "oid-fanout";
    case kChunkOidLookup:
      return "oid-lookup";
    case kChunkObjectOffsets:
      return "object-offsets";
    case kChunkLargeOffsets:
      return "large-offsets";
    default:
      return nullptr;
  }
}

void show_layer(const MultiPackIndex::Layer& layer, const std::string& dir, bool show_objects) {
  std::string_view bytes = layer.file.bytes();
  outf("header: %08x %d %d %d %d\n", kMidxSignature, layer.version, static_cast<int>(raw_size(layer.algo)),
       static_cast<int>(layer.chunk_count), static_cast<int>(get_be32(bytes.data() + 8)));
  out("chunks:");
  for (std::uint32_t id : {kChunkPackNames, kChunkOidFanout, kChunkOidLookup, kChunkObjectOffsets, kChunkLargeOffsets})
    if (std::find(layer.chunk_ids.begin(), layer.chunk_ids.end(), id) != layer.chunk_ids.end()) outf(" %s", chunk_name(id));
  outf("\nnum_objects: %u\npacks:\n", layer.count);
  for (const std::string& name : layer.pack_names) outf("%s\n", name);
  outf("object-dir: %s\n", dir);
  if (!show_objects) return;
  for (std::uint32_t i = 0; i < layer.count; i++) {
    std::string_view pack = layer.pack_names[layer.pack_at(i)];
    strip_suffix(pack, ".idx");
    outf("%s %u\t%s/pack/%s.pack\n", ObjectId::from_raw(layer.raw_at(i), layer.algo), layer.offset_at(i), dir, pack);
  }
}

}  // namespace

int test_read_midx(std::vector<std::string> args) {
  std::string mode;
  std::size_t at = 1;
  if (args.size() > 1 && starts_with(args[1], "--")) mode = args[at++];
  if (args.size() <= at) {
    err("usage: read-midx [--show-objects|--checksum|--preferred-pack|--bitmap] <object-dir> [<checksum>]\n");
    return 1;
  }
  auto setup = setup_git_directory(false);
  std::string dir = args[at];
  auto midx = MultiPackIndex::open(dir, setup.repo->algo());
  if (!midx) {
    if (midx.error().kind != ErrorKind::missing) error("%s", midx.error().message);
    return 1;
  }
  const MultiPackIndex::Layer* layer = (*midx)->layers().back().get();
  if (args.size() > at + 1) {
    for (const auto& l : (*midx)->layers())
      if (to_hex(l->checksum()) == args[at + 1]) layer = l.get();
    if (to_hex(layer->checksum()) != args[at + 1]) return error("could not find MIDX with checksum %s", args[at + 1]), 1;
  }
  if (mode == "--checksum") {
    outf("%s\n", to_hex(layer->checksum()));
  } else if (mode == "--preferred-pack") {
    if (layer->reverse_index.size() < 4) return error("could not determine MIDX preferred pack"), 1;
    outf("%s\n", layer->pack_names[layer->pack_at(get_be32(layer->reverse_index.data()))]);
  } else if (mode == "--bitmap") {
    if (layer->bitmapped_packs.empty()) return error("MIDX does not contain the BTMP chunk"), 1;
    for (std::size_t i = 0; i < layer->pack_names.size(); i++)
      outf("%s\n  bitmap_pos: %u\n  bitmap_nr: %u\n", layer->pack_names[i], get_be32(layer->bitmapped_packs.data() + 8 * i),
           get_be32(layer->bitmapped_packs.data() + 8 * i + 4));
  } else {
    std::string shown = is_absolute_path(dir) || starts_with(dir, ".") || mode != "--show-objects" ? dir : "./" + dir;
    show_layer(*layer, mode == "--show-objects" ? shown : dir, mode == "--show-objects");
  }
  flush_out();
  return 0;
}

int test_find_pack(std::vector<std::string> args) {
  long count = -1;
  std::string name;
  for (std::size_t i = 1; i < args.size(); i++) {
    std::string_view value;
    if (skip_prefix(args[i], "--check-count=", &value))
      count = std::stol(std::string(value));
    else if ((args[i] == "-c" || args[i] == "--check-count") && i + 1 < args.size())
      count = std::stol(args[++i]);
    else
      name = args[i];
  }
  auto setup = setup_git_directory(false);
  Repository& repo = *setup.repo;
  auto oid = get_oid(repo, name);
  if (!oid) die("cannot parse %s as an object name", name);
  long found = 0;
  for (const auto& pack : repo.odb().packs())
    if (pack->find(*oid)) {
      outf("%s\n", pack->path());
      found++;
    }
  if (count >= 0 && count != found) die("bad packfile count %d instead of %d", found, count);
  flush_out();
  return 0;
}

int test_pack_mtimes(std::vector<std::string> args) {
  if (args.size() != 2) return err("usage: pack-mtimes <pack-name.mtimes>\n"), 129;
  auto setup = setup_git_directory(false);
  for (const auto& pack : setup.repo->odb().packs()) {
    if (path_basename(pack->path_with("mtimes")) != args[1]) continue;
    for (std::uint32_t i = 0; i < pack->count(); i++) outf("%s %u\n", pack->oid_at(i), pack->mtime_at(i));
    flush_out();
    return 0;
  }
  die("could not find pack '%s'", args[1]);
}

int test_pack_deltas(std::vector<std::string> args) {
  std::uint32_t count = 0;
  for (const std::string& arg : args) {
    std::string_view value;
    if (skip_prefix(arg, "--num-objects=", &value)) count = static_cast<std::uint32_t>(parse_uint(value).value_or(0));
  }
  auto setup = setup_git_directory(false);
  Repository& repo = *setup.repo;
  HashFile pack(1, repo.algo(), "<stdout>");
  pack.write(format_pack_header(count));
  LineReader lines(0);
  std::string line;
  std::vector<std::uint64_t> offsets;
  while (lines.next(line)) {
    std::vector<std::string_view> words = split(line, ' ');
    auto oid = ObjectId::from_hex(words.at(1), repo.algo());
    ObjectData object = repo.odb().read(*oid).take_or_die();
    if (words[0] == "FULL") {
      pack.write(format_entry_header(object.type, object.data.size()));
      pack.write(deflate_bytes(object.data, -1));
      continue;
    }
    auto base_oid = ObjectId::from_hex(words.at(2), repo.algo());
    ObjectData base = repo.odb().read(*base_oid).take_or_die();
    std::string delta = *DeltaIndex(base.data).make_delta(object.data);
    pack.write(format_entry_header(ObjectType::ref_delta, delta.size()));
    pack.write(base_oid->raw());
    pack.write(deflate_bytes(delta, -1));
  }
  pack.finish();
  return 0;
}

int test_delta(std::vector<std::string> args) {
  if (args.size() != 5 || (args[1] != "-d" && args[1] != "-p"))
    return err("usage: test-tool delta (-d|-p) <from_file> <data_file> <out_file>\n"), 129;
  std::string from = read_file(args[2]).take_or_die(), data = read_file(args[3]).take_or_die(), result;
  if (args[1] == "-d")
    result = *DeltaIndex(from).make_delta(data);
  else if (!apply_delta(from, data, result))
    die("delta operation failed (returned NULL)");
  if (!write_file(args[4], result)) die_errno("write(%s)", args[4]);
  return 0;
}

int test_name_hash(std::vector<std::string>) {
  LineReader lines(0);
  std::string line;
  while (lines.next(line)) outf("%10u %10u %s\n", pack_name_hash(line), pack_name_hash_v2(line), line);
  flush_out();
  return 0;
}

// Stands in for crontab(1): -l shows the table, a file replaces it.
int test_crontab(std::vector<std::string> args) {
  if (args.size() != 3) return err("usage: test-tool crontab <file> -l|<input>\n"), 129;
  if (args[2] == "-l") {
    auto text = read_file_if_exists(args[1]);
    if (!text) return 0;
    out(*text);
    flush_out();
    return 0;
  }
  auto text = args[2] == "-" ? read_fd(0) : read_file(args[2]);
  if (!text || !write_file(args[1], *text)) die_errno("cannot write %s", args[1]);
  return 0;
}

}  // namespace git
