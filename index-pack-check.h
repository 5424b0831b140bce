// What index-pack and unpack-objects ask of each object that comes in: is it well made (--fsck-objects), and is
// everything it names here (--strict)?
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "hash/object-id.h"
#include "object/object.h"

namespace git {

class Repository;
class IndexPack;

class IndexPackCheck {
 public:
  struct Options {
    bool fsck = false;
    bool links = false;
    std::string severities;  // "missingEmail=ignore,..."
  };
  IndexPackCheck(Repository* repo, HashAlgo algo, Options options);
  ~IndexPackCheck();

  // Safe from several threads. Dies "fsck error in packed object".
  void inspect(const ObjectId& oid, ObjectType type, std::string_view data);
  // Every name that objects hold must be in the pack or in the repository, with the right type. True where some
  // were only in the repository.
  bool finish_links(const IndexPack& pack);
  // As finish_links(), for objects held in memory: their type, none where they are not.
  void finish_links(const std::function<ObjectType(const ObjectId&)>& type_in_memory);
  // What can be told only at the end (.gitmodules blobs). Dies "fsck error in pack objects"; prints blobs that must be
  // looked for elsewhere.
  void finish_fsck();
  void remember_promisor_pack(const std::string& idx_path);

 private:
  struct Fsck;
  void note_links(const ObjectId& oid, ObjectType type, std::string_view data);
  void check_link(const ObjectId& oid, ObjectType wanted);

  Repository* repo_;
  std::unordered_set<ObjectId, ObjectIdHash> shallow_;
  HashAlgo algo_;
  Options options_;
  std::mutex mutex_;
  std::unordered_map<ObjectId, ObjectType, ObjectIdHash> links_;
  std::unique_ptr<Fsck> fsck_;
};

}  // namespace git
