#include "pack/ewah.h"

#include <algorithm>

#include "pack/bytes.h"

namespace git {

void Bitmap::or_with(const Bitmap& other) {
  if (words_.size() < other.words_.size()) words_.resize(other.words_.size());
  for (std::size_t i = 0; i < other.words_.size(); i++) words_[i] |= other.words_[i];
}
void Bitmap::xor_with(const Bitmap& other) {
  if (words_.size() < other.words_.size()) words_.resize(other.words_.size());
  for (std::size_t i = 0; i < other.words_.size(); i++) words_[i] ^= other.words_[i];
}
void Bitmap::and_not(const Bitmap& other) {
  for (std::size_t i = 0; i < std::min(words_.size(), other.words_.size()); i++) words_[i] &= ~other.words_[i];
}
void Bitmap::and_with(const Bitmap& other) {
  for (std::size_t i = 0; i < words_.size(); i++) words_[i] &= i < other.words_.size() ? other.words_[i] : 0;
}
bool Bitmap::is_subset_of(const Bitmap& other) const {
  for (std::size_t i = 0; i < words_.size(); i++)
    if (words_[i] & ~(i < other.words_.size() ? other.words_[i] : 0)) return false;
  return true;
}
std::size_t Bitmap::count() const {
  std::size_t n = 0;
  for (std::uint64_t w : words_) n += static_cast<std::size_t>(std::popcount(w));
  return n;
}
void Bitmap::for_each(const std::function<void(std::size_t)>& fn) const {
  for (std::size_t i = 0; i < words_.size(); i++)
    for (std::uint64_t w = words_[i]; w; w &= w - 1) fn(i * 64 + static_cast<std::size_t>(std::countr_zero(w)));
}

namespace {

constexpr std::uint64_t kMaxRun = 0xffffffffull, kMaxLiterals = 0x7fffffffull;

std::uint64_t run_word(bool bit, std::uint64_t run, std::uint64_t literals) {
  return (bit ? 1u : 0u) | run << 1 | literals << 33;
}

}  // namespace

std::string ewah_encode(const Bitmap& bits, std::size_t bit_count) {
  std::size_t count = (bit_count + 63) / 64;
  auto word = [&](std::size_t i) { return i < bits.words().size() ? bits.words()[i] : 0; };
  std::vector<std::uint64_t> out;
  std::size_t last = 0, at = 0;
  do {
    last = out.size();
    bool bit = at < count && word(at) == ~0ull;
    std::uint64_t run = 0, literals = 0;
    while (at < count && word(at) == (bit ? ~0ull : 0ull) && run < kMaxRun) at++, run++;
    out.push_back(0);
    while (at < count && word(at) != 0 && word(at) != ~0ull && literals < kMaxLiterals) out.push_back(word(at++)), literals++;
    out[last] = run_word(bit, run, literals);
  } while (at < count);
  std::string bytes;
  append_be32(bytes, static_cast<std::uint32_t>(bit_count));
  append_be32(bytes, static_cast<std::uint32_t>(out.size()));
  for (std::uint64_t w : out) append_be64(bytes, w);
  append_be32(bytes, static_cast<std::uint32_t>(last));
  return bytes;
}

std::optional<Bitmap> ewah_decode(std::string_view& bytes, std::size_t max_bits) {
  std::string_view whole = bytes;
  if (!ewah_skip(bytes)) return std::nullopt;
  std::uint32_t words = get_be32(whole.data() + 4);
  Bitmap bits;
  std::size_t limit = (max_bits + 63) / 64;
  std::vector<std::uint64_t>& out = bits.words();
  for (std::uint32_t i = 0; i < words;) {
    std::uint64_t header = get_be64(whole.data() + 8 + std::size_t{8} * i++);
    std::uint64_t run = header >> 1 & kMaxRun, literals = header >> 33;
    if (literals > words - i || out.size() + run + literals > limit) return std::nullopt;
    out.insert(out.end(), run, header & 1 ? ~0ull : 0ull);
    for (; literals; literals--) out.push_back(get_be64(whole.data() + 8 + std::size_t{8} * i++));
  }
  return bits;
}

bool ewah_skip(std::string_view& bytes) {
  if (bytes.size() < 12) return false;
  std::uint64_t size = 12 + std::uint64_t{8} * get_be32(bytes.data() + 4);
  if (bytes.size() < size) return false;
  bytes.remove_prefix(size);
  return true;
}

}  // namespace git
