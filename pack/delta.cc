// A delta is a list of "copy this range of the base" and "insert these bytes".  To find the ranges, every 16th
// block of the base is put in a table under its rolling hash; the same hash slides over the target byte by byte,
// and each hit is extended both ways.  A base that repeats itself would make long chains, so a bucket is thinned
// out evenly to a fixed length.
#include "pack/delta.h"

#include <algorithm>
#include <cstring>

namespace git {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kMaxBucket = 64;
constexpr std::uint32_t kPrime = 0x01000193;
constexpr std::size_t kMaxCopy = 0x10000;
constexpr std::size_t kMaxInsert = 127;
constexpr std::size_t kGoodMatch = 4096;

constexpr std::uint32_t prime_power(std::size_t n) {
  std::uint32_t p = 1;
  while (n--) p *= kPrime;
  return p;
}
constexpr std::uint32_t kLeaving = prime_power(kBlock - 1);

const unsigned char* bytes_of(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }

std::uint32_t block_hash(const unsigned char* p) {
  std::uint32_t h = 0;
  for (std::size_t i = 0; i < kBlock; i++) h = h * kPrime + p[i] + 1;
  return h;
}

std::uint32_t roll(std::uint32_t h, unsigned char leaves, unsigned char enters) {
  return (h - (leaves + 1u) * kLeaving) * kPrime + enters + 1u;
}

std::uint32_t spread(std::uint32_t h) { return h ^ (h >> 15) ^ (h >> 7); }

std::optional<std::uint64_t> take_size(std::string_view& delta) {
  std::uint64_t value = 0;
  unsigned shift = 0;
  while (!delta.empty()) {
    unsigned char c = static_cast<unsigned char>(delta.front());
    delta.remove_prefix(1);
    if (shift > 57) return std::nullopt;
    value |= std::uint64_t{c & 0x7fu} << shift;
    shift += 7;
    if (!(c & 0x80)) return value;
  }
  return std::nullopt;
}

struct Step {
  bool is_copy = false;
  std::uint64_t offset = 0;
  std::size_t size = 0;
};

// Takes one command off the front of `delta` (without an insert's bytes); false where it is malformed.
bool take_step(std::string_view& delta, Step& step) {
  unsigned char op = static_cast<unsigned char>(delta.front());
  delta.remove_prefix(1);
  if (!(op & 0x80)) {
    step = {false, 0, op};
    return op != 0 && delta.size() >= op;
  }
  std::uint32_t fields[7] = {};
  for (unsigned i = 0; i < 7; i++) {
    if (!(op & (1u << i))) continue;
    if (delta.empty()) return false;
    fields[i] = static_cast<unsigned char>(delta.front());
    delta.remove_prefix(1);
  }
  step.is_copy = true;
  step.offset = fields[0] | fields[1] << 8 | fields[2] << 16 | fields[3] << 24;
  step.size = fields[4] | fields[5] << 8 | fields[6] << 16;
  if (!step.size) step.size = 0x10000;
  return true;
}

bool delta_fits(std::string_view delta, std::uint64_t base_size, std::uint64_t result_size) {
  std::uint64_t made = 0;
  Step step;
  while (!delta.empty()) {
    if (!take_step(delta, step)) return false;
    if (step.is_copy) {
      if (step.offset > base_size || step.size > base_size - step.offset) return false;
    } else {
      delta.remove_prefix(step.size);
    }
    made += step.size;
    if (made > result_size) return false;
  }
  return made == result_size;
}

void append_size(std::string& out, std::uint64_t n) {
  while (n >= 0x80) {
    out.push_back(static_cast<char>(n | 0x80));
    n >>= 7;
  }
  out.push_back(static_cast<char>(n));
}

// Writes commands, holding back bytes to insert until a copy (or the end) shows how many there are.
class DeltaWriter {
 public:
  DeltaWriter(std::string& out, std::string_view target) : out_(out), target_(target) {}

  std::size_t pending() const { return at_ - inserted_; }
  void skip(std::size_t n) { at_ += n; }  // n more bytes to insert
  std::size_t at() const { return at_; }

  // The last `n` pending bytes turned out to be part of the copy.
  void copy(std::uint64_t offset, std::size_t size, std::size_t taken_back) {
    at_ -= taken_back;
    flush();
    at_ += size;
    inserted_ = at_;
    while (size) {
      std::size_t n = std::min(size, kMaxCopy);
      append_copy(offset, n);
      offset += n;
      size -= n;
    }
  }

  void flush() {
    while (inserted_ < at_) {
      std::size_t n = std::min(at_ - inserted_, kMaxInsert);
      out_.push_back(static_cast<char>(n));
      out_.append(target_.substr(inserted_, n));
      inserted_ += n;
    }
  }

 private:
  void append_copy(std::uint64_t offset, std::size_t size) {
    unsigned op = 0x80;
    std::size_t at = out_.size();
    out_.push_back(0);
    for (unsigned i = 0; i < 4; i++)
      if (unsigned char b = static_cast<unsigned char>(offset >> (8 * i))) op |= 1u << i, out_.push_back(static_cast<char>(b));
    if (size != 0x10000)
      for (unsigned i = 0; i < 2; i++)
        if (unsigned char b = static_cast<unsigned char>(size >> (8 * i)))
          op |= 1u << (4 + i), out_.push_back(static_cast<char>(b));
    out_[at] = static_cast<char>(op);
  }

  std::string& out_;
  std::string_view target_;
  std::size_t at_ = 0, inserted_ = 0;
};

}  // namespace

std::optional<DeltaSizes> parse_delta_sizes(std::string_view& delta) {
  auto base = take_size(delta);
  if (!base) return std::nullopt;
  auto result = take_size(delta);
  if (!result) return std::nullopt;
  return DeltaSizes{*base, *result};
}

bool apply_delta(std::string_view base, std::string_view delta, std::string& result) {
  auto sizes = parse_delta_sizes(delta);
  if (!sizes || sizes->base != base.size() || !delta_fits(delta, base.size(), sizes->result)) return false;
  result.resize(sizes->result);
  char* to = result.data();
  Step step;
  while (!delta.empty()) {
    take_step(delta, step);
    if (step.is_copy) {
      std::memcpy(to, base.data() + step.offset, step.size);
    } else {
      std::memcpy(to, delta.data(), step.size);
      delta.remove_prefix(step.size);
    }
    to += step.size;
  }
  return true;
}

DeltaIndex::DeltaIndex(std::string_view base) : base_(base) {
  if (base.size() > 0xfffffffeu) base = base.substr(0, 0xfffffffeu);  // what copies can address
  std::size_t count = base.size() / kBlock;
  std::uint32_t size = 16;
  while (size < count && size < (1u << 24)) size <<= 1;
  mask_ = size - 1;
  std::vector<Block> raw;
  raw.reserve(count);
  std::uint32_t previous = 0;
  for (std::size_t i = 0; i < count; i++) {
    std::uint32_t h = block_hash(bytes_of(base) + i * kBlock);
    if (i && h == previous) continue;  // a run: its first block is enough
    raw.push_back({h, static_cast<std::uint32_t>(i * kBlock)});
    previous = h;
  }
  slots_.assign(std::size_t{size} + 1, 0);
  for (const Block& b : raw) slots_[(spread(b.hash) & mask_) + 1]++;
  // Crowded buckets keep an even sample.
  std::vector<std::uint32_t> seen, kept(size, 0);
  bool crowded = std::any_of(slots_.begin(), slots_.end(), [](std::uint32_t n) { return n > kMaxBucket; });
  if (crowded) {
    seen.assign(size, 0);
    std::vector<std::uint32_t> total(slots_.begin() + 1, slots_.end());
    std::erase_if(raw, [&](const Block& b) {
      std::uint32_t slot = spread(b.hash) & mask_;
      std::uint64_t n = total[slot], i = seen[slot]++;
      if (n <= kMaxBucket) return false;
      return i * kMaxBucket / n == (i ? (i - 1) * kMaxBucket / n : ~0ull);
    });
    std::fill(slots_.begin(), slots_.end(), 0);
    for (const Block& b : raw) slots_[(spread(b.hash) & mask_) + 1]++;
  }
  for (std::size_t i = 1; i < slots_.size(); i++) slots_[i] += slots_[i - 1];
  blocks_.resize(raw.size());
  for (const Block& b : raw) {
    std::uint32_t slot = spread(b.hash) & mask_;
    blocks_[slots_[slot] + kept[slot]++] = b;
  }
}

std::optional<std::string> DeltaIndex::make_delta(std::string_view target, std::size_t max_size) const {
  std::string out;
  append_size(out, base_.size());
  append_size(out, target.size());
  DeltaWriter writer(out, target);
  const unsigned char* t = bytes_of(target);
  const unsigned char* b = bytes_of(base_);
  std::size_t base_size = std::min<std::size_t>(base_.size(), 0xfffffffeu);
  bool have_hash = false;
  std::uint32_t hash = 0;
  while (writer.at() < target.size()) {
    std::size_t at = writer.at();
    if (target.size() - at < kBlock) {
      writer.skip(target.size() - at);
      break;
    }
    if (!have_hash) {
      hash = block_hash(t + at);
      have_hash = true;
    }
    std::uint32_t slot = spread(hash) & mask_;
    std::size_t best = 0, best_offset = 0;
    for (std::uint32_t i = slots_[slot]; i < slots_[slot + 1]; i++) {
      if (blocks_[i].hash != hash) continue;
      std::size_t offset = blocks_[i].offset;
      std::size_t limit = std::min(base_size - offset, target.size() - at), n = 0;
      if (limit <= best) continue;
      while (n + 8 <= limit) {
        std::uint64_t x, y;
        std::memcpy(&x, b + offset + n, 8);
        std::memcpy(&y, t + at + n, 8);
        if (x != y) break;
        n += 8;
      }
      while (n < limit && b[offset + n] == t[at + n]) n++;
      if (n > best) best = n, best_offset = offset;
      if (best >= kGoodMatch) break;
    }
    if (best < 4) {
      writer.skip(1);
      if (at + kBlock < target.size()) hash = roll(hash, t[at], t[at + kBlock]);
    } else {
      std::size_t back = 0;
      while (back < writer.pending() && back < best_offset && b[best_offset - back - 1] == t[at - back - 1]) back++;
      writer.copy(best_offset - back, best + back, back);
      have_hash = false;
    }
    if (max_size && out.size() + writer.pending() > max_size) return std::nullopt;
  }
  writer.flush();
  if (max_size && out.size() > max_size) return std::nullopt;
  return out;
}

}  // namespace git
