// A loose object: its header and its inflated bytes.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "odb.h"

// The object is put where the database looks for it, under a name of its own.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string dir = [] {
    char pattern[] = "/tmp/fuzz-loose-XXXXXX";
    return std::string(mkdtemp(pattern));
  }();
  git::OdbOptions options;
  options.objects_dir = dir;
  git::ObjectId oid = git::ObjectId::from_raw(std::string(20, '\x11'), git::HashAlgo::sha1);
  try {
    git::ObjectDatabase odb(options);
    std::string path = odb.loose_path(oid);
    git::make_leading_dirs(path);
    git::write_file(path, {reinterpret_cast<const char*>(data), size});
    if (auto info = odb.info(oid, git::kLookupQuick); info && info->size > (64u << 20)) return 0;
    (void)odb.read(oid, git::kLookupQuick).ok();
  } catch (const git::Fatal&) {
  }
  return 0;
}
