// Deltas, run-length encoded bitmaps and entry headers.
#include <gtest/gtest.h>

#include "pack/delta.h"
#include "pack/ewah.h"
#include "pack/inflate.h"
#include "pack/pack-write.h"

namespace git {
namespace {

TEST(Delta, GivesBackTheTarget) {
  std::string base, target;
  for (int i = 0; i < 2000; i++) base += "line " + std::to_string(i) + "\n";
  target = base.substr(0, 5000) + "something new" + base.substr(4000);
  auto delta = DeltaIndex(base).make_delta(target);
  ASSERT_TRUE(delta);
  EXPECT_LT(delta->size(), 100u);
  std::string result;
  ASSERT_TRUE(apply_delta(base, *delta, result));
  EXPECT_EQ(result, target);
}

TEST(Delta, GivesUpBeyondTheLimit) {
  std::string base(1000, 'a'), target;
  for (int i = 0; i < 1000; i++) target.push_back(static_cast<char>(i * 7919 >> 3));
  EXPECT_FALSE(DeltaIndex(base).make_delta(target, 100));
}

TEST(Delta, RefusesALie) {
  std::string result;
  // Says that it makes 2^40 bytes of three, and copies beyond the end.
  EXPECT_FALSE(apply_delta("abc", std::string("\x03\x80\x80\x80\x80\x80\x20\x90\x04", 9), result));
  EXPECT_FALSE(apply_delta("abc", std::string("\x03\x04\x90\x04", 4), result));
  EXPECT_FALSE(apply_delta("abc", std::string("\x03\x01\x00", 3), result));
}

TEST(Ewah, RoundTrip) {
  Bitmap bits;
  for (std::size_t bit : {0u, 63u, 64u, 700u, 5000u}) bits.set(bit);
  for (std::size_t bit = 1024; bit < 2048; bit++) bits.set(bit);
  std::string encoded = ewah_encode(bits, 6000);
  std::string_view rest = encoded;
  auto decoded = ewah_decode(rest, 6000);
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(rest.empty());
  EXPECT_TRUE(bits.is_subset_of(*decoded) && decoded->is_subset_of(bits));
  rest = encoded;
  EXPECT_FALSE(ewah_decode(rest, 100));
}

TEST(Inflate, WantsTheExactSize) {
  std::string data(10000, 'x'), deflated = deflate_bytes(data, 6), result;
  std::size_t used = 0;
  ASSERT_TRUE(inflate_whole(deflated + "behind", data.size(), result, &used));
  EXPECT_EQ(result, data);
  EXPECT_EQ(used, deflated.size());
  EXPECT_FALSE(inflate_whole(deflated, data.size() - 1, result));
  EXPECT_FALSE(inflate_whole(deflated, data.size() + 1, result));
  EXPECT_FALSE(inflate_whole(deflated, std::uint64_t{1} << 50, result));
}

TEST(PackWrite, HeadersOfEntries) {
  EXPECT_EQ(format_entry_header(ObjectType::blob, 5), std::string("\x35"));
  EXPECT_EQ(format_entry_header(ObjectType::commit, 200), std::string("\x98\x0c"));
  EXPECT_EQ(format_delta_offset(127), std::string("\x7f"));
  EXPECT_EQ(format_delta_offset(128), std::string("\x80\x00", 2));
}

}  // namespace
}  // namespace git
