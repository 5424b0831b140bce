// The machine behind git fast-import (git-fast-import(1)): a stream of commands in, objects and refs out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/tempfile.h"
#include "hash/object-id.h"
#include "object/object.h"
#include "pack/pack-write.h"

namespace git {

class Repository;

// Objects written one after the other into one pack; few of them become loose in the end.
class ImportStore {
 public:
  explicit ImportStore(Repository& repo);
  ~ImportStore();
  ObjectId add(ObjectType type, const std::string& data);
  ObjectData read(const ObjectId& oid);  // dies where it is nowhere
  bool has(const ObjectId& oid);
  ObjectType type_of(const ObjectId& oid);
  // Makes what was written so far part of the repository. The name of the pack, "" where there is none.
  std::string publish();
  std::uint64_t counts[5] = {};  // by type
  std::uint64_t max_pack_size = 0;
  int compression = -1;

 private:
  void start();
  Repository& repo_;
  Tempfile temp_;
  std::unique_ptr<HashFile> out_;
  std::vector<PackIndexEntry> entries_;
  std::unordered_map<ObjectId, std::pair<ObjectType, std::uint64_t>, ObjectIdHash> offsets_;
  std::vector<std::pair<ObjectId, std::uint64_t>> sizes_;
};

// A tree that can be changed; subtrees are read when they are entered.
class ImportTree {
 public:
  std::uint32_t mode = kModeTree;
  ObjectId oid;  // null where it has to be made anew
  bool is_loaded = true;
  std::map<std::string, std::unique_ptr<ImportTree>> children{};

  std::unique_ptr<ImportTree> clone() const;
  void load(ImportStore& store, HashAlgo algo);
  const ImportTree* find(ImportStore& store, HashAlgo algo, std::string_view path);
  void put(ImportStore& store, HashAlgo algo, std::string_view path, std::unique_ptr<ImportTree> node);
  std::unique_ptr<ImportTree> take(ImportStore& store, HashAlgo algo, std::string_view path);  // nullptr where it isn't there
  ObjectId write(ImportStore& store, HashAlgo algo);
};

struct ImportOptions {
  bool force = false, quiet = false, need_done = false, stats = false, relative_marks = false, allow_unsafe = false;
  std::string date_format = "raw";
  std::string export_marks, import_marks;
  bool import_marks_if_exists = false;
  std::string export_pack_edges;
  int cat_blob_fd = 1;
};

class FastImport {
 public:
  FastImport(Repository& repo, ImportOptions options, std::vector<std::string> command_line);
  ~FastImport();
  int run();

 private:
  struct Branch {
    ObjectId tip;
    std::unique_ptr<ImportTree> tree;
    bool is_deleted = false;
    int last_pack = 0;
  };
  struct Tag {
    std::string name;
    ObjectId oid;
  };
  // input
  bool read_line();
  bool next_line();
  void unread() { has_pushed_back_ = true; }
  std::string read_data();
  void skip_optional_newline();
  // commands
  void do_blob();
  void do_commit(std::string_view ref);
  void do_tag(std::string_view name);
  void do_reset(std::string_view ref);
  void do_alias();
  void do_ls(std::string_view rest, Branch* current);
  void do_cat_blob(std::string_view rest);
  void do_get_mark(std::string_view rest);
  void do_feature(std::string_view feature);
  bool do_option(std::string_view option, bool is_from_stream, bool is_feature);
  bool do_inline_command(Branch* current);
  void file_modify(std::string_view rest, ImportTree& tree);
  void file_delete(std::string_view rest, ImportTree& tree);
  void file_rename(std::string_view rest, ImportTree& tree, bool copy);
  void note_modify(std::string_view rest, ImportTree& tree);
  void refan_notes(ImportTree& tree);
  // parts
  std::uint64_t take_mark();
  std::string parse_ident(std::string_view text);
  std::optional<ObjectId> parse_from(Branch& branch, const std::string& ref);
  ObjectId resolve_commit(std::string_view name);
  ObjectId resolve_any(std::string_view name);
  ObjectId tree_of(const ObjectId& oid);
  ObjectId mark_oid(std::string_view mark);
  std::string take_path(std::string_view& rest, bool to_space);
  void set_mark(std::uint64_t mark, const ObjectId& oid) {
    if (mark) marks_[mark] = oid;
  }
  void respond(std::string_view bytes);
  // the end
  void checkpoint();
  void update_refs();
  void read_marks();
  void write_marks();
  void show_statistics();

  Repository& repo_;
  HashAlgo algo_;
  ImportOptions options_;
  std::vector<std::string> command_line_;
  ImportStore store_;
  std::string buffer_;
  std::size_t at_ = 0;
  bool eof_ = false;
  std::string line_;
  bool has_pushed_back_ = false, seen_command_ = false, is_done_ = false, failed_ = false, notes_changed_ = false;
  std::map<std::uint64_t, ObjectId> marks_;
  std::map<std::string, Branch> branches_;
  std::vector<Tag> tags_;
};

}  // namespace git
