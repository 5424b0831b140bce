// Streaming hashes.  SHA-1 is collision-detecting unless `unsafe` is asked for: use the unsafe one
// only over bytes that we made ourselves (trailers of our own files), never on what came from outside.
//
//   Hasher hasher(HashAlgo::sha1);
//   hasher.update("blob 0"); hasher.update(std::string_view("\0", 1));
//   ObjectId id = hasher.finish();   // dies "SHA-1 appears to be part of a collision attack: %s"
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "hash/object-id.h"

namespace git {

class HashEngine;  // one algorithm's state, hash/hash-internal.h

class Hasher {
 public:
  explicit Hasher(HashAlgo algo, bool unsafe = false);
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  Hasher(const Hasher&);
  Hasher& operator=(const Hasher&);
  ~Hasher();

  void update(std::string_view bytes);
  void update(const void* bytes, std::size_t size) { update({static_cast<const char*>(bytes), size}); }
  // The name of everything since construction or the last reset(). Leaves the hasher spent.
  ObjectId finish();
  void reset();
  HashAlgo algo() const { return algo_; }

 private:
  HashAlgo algo_;
  bool unsafe_;
  std::unique_ptr<HashEngine> engine_;
};

// The name of "type size\0bytes".
ObjectId hash_object(HashAlgo algo, std::string_view type_name, std::string_view bytes);
// The hash of plain bytes.
ObjectId hash_bytes(HashAlgo algo, std::string_view bytes, bool unsafe = false);

std::uint32_t crc32_of(std::uint32_t seed, std::string_view bytes);

}  // namespace git
