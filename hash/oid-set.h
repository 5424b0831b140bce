// A set of object names for walks that ask it about every entry of every tree: open addressing over the names
// themselves, so that a question is one cache miss instead of the three of a node-based set.  The names are hashes
// already, so their first bytes are the slot; the null name, which marks a free slot, has a flag of its own.
//
//   OidSet seen;
//   if (seen.insert(oid)) ...       // true where it is new
//
// All names are of one algorithm.  Nothing is ever taken out one by one.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "hash/object-id.h"

namespace git {

class OidSet {
 public:
  bool empty() const { return size() == 0; }
  std::size_t size() const { return used_ + (has_null_ ? 1 : 0); }
  bool contains(const ObjectId& oid) const {
    if (used_ == 0) return has_null_ && oid.is_null();
    const unsigned char* slot = find_slot(oid);
    return is_taken(slot) || (has_null_ && oid.is_null());
  }
  bool insert(const ObjectId& oid) {
    if (oid.is_null()) return !std::exchange(has_null_, true);
    if (used_ + used_ / 2 + 8 > capacity_) grow(oid.algo());
    unsigned char* slot = find_slot(oid);
    if (is_taken(slot)) return false;
    std::memcpy(slot, oid.data(), width_);
    used_++;
    return true;
  }

 private:
  static std::size_t slot_number(const unsigned char* raw) {
    std::size_t h;
    std::memcpy(&h, raw, sizeof h);
    return h;
  }
  bool is_taken(const unsigned char* slot) const {
    if (slot_number(slot)) return true;
    // A name may begin with eight zero bytes, if hardly ever.
    for (std::size_t at = sizeof(std::size_t); at < width_; at++)
      if (slot[at]) return true;
    return false;
  }
  // Where `oid` is, or the free slot where it would be. REQUIRES: capacity_ > used_.
  unsigned char* find_slot(const ObjectId& oid) const {
    const std::size_t mask = capacity_ - 1;
    for (std::size_t at = slot_number(oid.data()) & mask;; at = (at + 1) & mask) {
      unsigned char* slot = slots_.get() + at * width_;
      bool is_equal = std::memcmp(slot, oid.data(), sizeof(std::size_t)) == 0 && std::memcmp(slot, oid.data(), width_) == 0;
      if (is_equal || !is_taken(slot)) return slot;
    }
  }
  void grow(HashAlgo algo) {
    OidSet larger;
    larger.width_ = raw_size(algo);
    larger.capacity_ = capacity_ ? capacity_ * 2 : 64;
    larger.slots_ = std::make_unique<unsigned char[]>(larger.capacity_ * larger.width_);
    const std::size_t mask = larger.capacity_ - 1;
    for (std::size_t i = 0; i < capacity_; i++) {
      const unsigned char* slot = slots_.get() + i * width_;
      if (!is_taken(slot)) continue;
      std::size_t at = slot_number(slot) & mask;
      while (larger.is_taken(larger.slots_.get() + at * width_)) at = (at + 1) & mask;
      std::memcpy(larger.slots_.get() + at * width_, slot, width_);
    }
    slots_ = std::move(larger.slots_);
    capacity_ = larger.capacity_;
    width_ = larger.width_;
  }

  std::unique_ptr<unsigned char[]> slots_;
  std::size_t capacity_ = 0;  // a power of two
  std::size_t width_ = 0;     // bytes of a name
  std::size_t used_ = 0;
  bool has_null_ = false;
};

}  // namespace git
