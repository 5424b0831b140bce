// Sets of numbers as plain bits, and as the run-length encoded EWAH form that bitmap files have them in.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace git {

class Bitmap {
 public:
  void set(std::size_t bit) {
    if (bit / 64 >= words_.size()) words_.resize(bit / 64 + bit / 640 + 1);
    words_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
  void clear(std::size_t bit) {
    if (bit / 64 < words_.size()) words_[bit / 64] &= ~(std::uint64_t{1} << (bit % 64));
  }
  bool get(std::size_t bit) const { return bit / 64 < words_.size() && words_[bit / 64] >> (bit % 64) & 1; }
  void or_with(const Bitmap& other);
  void and_not(const Bitmap& other);
  void and_with(const Bitmap& other);
  void xor_with(const Bitmap& other);
  bool is_subset_of(const Bitmap& other) const;
  std::size_t count() const;
  bool empty() const { return count() == 0; }
  void for_each(const std::function<void(std::size_t)>& fn) const;
  const std::vector<std::uint64_t>& words() const { return words_; }
  std::vector<std::uint64_t>& words() { return words_; }

 private:
  std::vector<std::uint64_t> words_;
};

// The serialized form: bit count, word count, words, place of the last run-length word.
std::string ewah_encode(const Bitmap& bits, std::size_t bit_count);
// Takes a serialized bitmap off the front of `bytes`; nullopt where it is malformed or holds more than `max_bits`.
std::optional<Bitmap> ewah_decode(std::string_view& bytes, std::size_t max_bits);
// As ewah_decode(), only stepping over it.
bool ewah_skip(std::string_view& bytes);

}  // namespace git
