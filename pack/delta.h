// Deltas between two texts (gitformat-pack(5), "Deltified representation"): applying and making them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace git {

struct DeltaSizes {
  std::uint64_t base = 0;
  std::uint64_t result = 0;
};
// Takes the two sizes off the front of a delta; nullopt where it is too short.
std::optional<DeltaSizes> parse_delta_sizes(std::string_view& delta);

// What `delta` makes of `base`; false where it does not fit. No memory is taken for a delta that lies about its result.
bool apply_delta(std::string_view base, std::string_view delta, std::string& result);

// A text prepared for being the base of deltas; borrows its bytes.
class DeltaIndex {
 public:
  explicit DeltaIndex(std::string_view base);
  // The delta that makes `target` of the base; nullopt where it would be longer than `max_size` (0: no limit).
  std::optional<std::string> make_delta(std::string_view target, std::size_t max_size = 0) const;
  std::size_t memory_used() const { return slots_.size() * 4 + blocks_.size() * sizeof(Block); }
  std::string_view base() const { return base_; }

 private:
  struct Block {
    std::uint32_t hash;
    std::uint32_t offset;
  };
  std::string_view base_;
  std::uint32_t mask_ = 0;
  std::vector<std::uint32_t> slots_;  // where a bucket starts in blocks_
  std::vector<Block> blocks_;         // sorted by bucket, then offset
};

}  // namespace git
