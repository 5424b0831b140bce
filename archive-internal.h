// What the parts of `git archive` share: the request, and the writers of the formats.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "hash/object-id.h"
#include "index/pathspec.h"
#include "object/object.h"
#include "odb.h"

namespace git {

class AttributeReader;
struct Commit;

// --add-file and --add-virtual-file.
struct ArchiveExtraFile {
  std::string path;     // in the archive
  std::string content;  // of a virtual one
  std::string source;   // the file to read; "" for a virtual one
  std::uint32_t mode = kModeBlob;
};

struct ArchiveRequest {
  std::string base;  // --prefix
  ObjectId tree;
  Commit* commit = nullptr;
  std::int64_t time = 0;
  Pathspec pathspec;
  bool is_verbose = false;
  bool uses_worktree_attributes = false;
  int compression_level = -1;
  std::vector<ArchiveExtraFile> extra_files;
};

// One path of the archive, parents before children; directories and submodules end in '/'.
struct ArchiveEntry {
  std::string_view path;
  ObjectId oid;
  std::uint32_t mode = 0;
  std::string_view content;        // of a blob or link, unless
  ObjectStream* stream = nullptr;  // it is too big for memory
  std::uint64_t size = 0;
  bool is_directory() const { return is_tree_mode(mode) || is_gitlink_mode(mode); }
};

class ArchiveWriter {
 public:
  virtual ~ArchiveWriter() = default;
  virtual void begin() = 0;
  virtual void add(const ArchiveEntry& entry) = 0;
  virtual void finish() = 0;
};

struct ArchiveFormat {
  enum class Kind : std::uint8_t { tar, zip, filtered_tar };
  std::string name;
  Kind kind = Kind::tar;
  std::string command;  // of filtered_tar
  bool is_remote_allowed = true;
};

std::unique_ptr<ArchiveWriter> make_tar_writer(Repository& repo, const ArchiveRequest& request, const ArchiveFormat& format);
// `is_text` (by path and content) becomes a flag of each entry.
std::unique_ptr<ArchiveWriter> make_zip_writer(Repository& repo, const ArchiveRequest& request, AttributeReader& attributes);

}  // namespace git
