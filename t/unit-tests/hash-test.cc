// Hashes against published vectors, native code against portable code, and ordinary bytes against the detector.
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "hash/hash-internal.h"
#include "hash/hasher.h"
#include "hash/oid-set.h"

namespace git {
namespace {

std::string hex_of(HashAlgo algo, std::string_view bytes, bool unsafe = false) { return hash_bytes(algo, bytes, unsafe).hex(); }

TEST(Hash, KnownVectors) {
  EXPECT_EQ(hex_of(HashAlgo::sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex_of(HashAlgo::sha1, ""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex_of(HashAlgo::sha256, "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(empty_tree_id(HashAlgo::sha1).hex(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  EXPECT_EQ(empty_blob_id(HashAlgo::sha1).hex(), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
}

TEST(Hash, PiecesGiveTheSameAsTheWhole) {
  std::string bytes;
  for (int i = 0; i < 1000; i++) bytes += static_cast<char>(i * 7);
  for (HashAlgo algo : {HashAlgo::sha1, HashAlgo::sha256}) {
    for (std::size_t step : {1u, 3u, 63u, 64u, 65u, 200u}) {
      Hasher hasher(algo);
      for (std::size_t at = 0; at < bytes.size(); at += step) hasher.update(std::string_view(bytes).substr(at, step));
      EXPECT_EQ(hasher.finish(), hash_bytes(algo, bytes)) << step;
    }
  }
}

TEST(Hash, CopiesGoTheirOwnWay) {
  Hasher one(HashAlgo::sha1);
  one.update("ab");
  Hasher two(one);
  one.update("c");
  two.update("d");
  EXPECT_EQ(one.finish().hex(), hex_of(HashAlgo::sha1, "abc"));
  EXPECT_EQ(two.finish().hex(), hex_of(HashAlgo::sha1, "abd"));
}

TEST(Hash, NativeAndPortableAgree) {
  std::mt19937 random(1);
  unsigned char block[64];
  for (int round = 0; round < 100; round++) {
    for (unsigned char& byte : block) byte = static_cast<unsigned char>(random());
    hash::Sha1State a{1, 2, 3, 4, 5}, b = a;
    std::uint32_t wa[80], wb[80];
    hash::sha1_compress_portable(a, block, 1, wa);
    if (auto native = hash::sha1_compress_native()) {
      native(b, block, 1, wb);
      EXPECT_EQ(a, b);
      EXPECT_TRUE(std::equal(wa, wa + 80, wb));
    }
    hash::Sha256State c{1, 2, 3, 4, 5, 6, 7, 8}, d = c;
    hash::sha256_compress_portable(c, block, 1);
    if (auto native = hash::sha256_compress_native()) {
      native(d, block, 1);
      EXPECT_EQ(c, d);
    }
  }
}

TEST(Hash, BackwardsUndoesForwards) {
  std::mt19937 random(2);
  std::uint32_t words[80];
  for (std::uint32_t& word : words) word = static_cast<std::uint32_t>(random());
  hash::Sha1State start{5, 4, 3, 2, 1}, state = start;
  hash::sha1_forward(state, words, 58);
  hash::sha1_back(state, words, 80, 58);
  EXPECT_EQ(state, start);
}

TEST(Hash, OrdinaryBlocksAreNoAttack) {
  std::mt19937 random(3);
  std::string bytes(1 << 18, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  EXPECT_EQ(hash_bytes(HashAlgo::sha1, bytes), hash_bytes(HashAlgo::sha1, bytes, true));
}

TEST(ObjectIdTest, HexIsExact) {
  std::string hex = "a9993e364706816aba3e25717850c26c9cd0d89d";
  EXPECT_TRUE(ObjectId::from_hex(hex, HashAlgo::sha1));
  EXPECT_FALSE(ObjectId::from_hex(hex + "0", HashAlgo::sha1));
  EXPECT_FALSE(ObjectId::from_hex("g" + hex.substr(1), HashAlgo::sha1));
  std::string_view rest = "a9993e364706816aba3e25717850c26c9cd0d89d tail";
  EXPECT_TRUE(ObjectId::parse_prefix(rest, HashAlgo::sha1));
  EXPECT_EQ(rest, " tail");
}

TEST(OidSet, AgreesWithAnOrdinarySet) {
  std::mt19937 random(7);
  for (HashAlgo algo : {HashAlgo::sha1, HashAlgo::sha256}) {
    OidSet set;
    std::set<ObjectId> model;
    EXPECT_FALSE(set.contains(ObjectId::null(algo)));
    for (int i = 0; i < 5000; i++) {
      // Few enough to come twice; some start with zeros, and one is nothing but zeros.
      std::string raw(raw_size(algo), '\0');
      raw[random() % 2 ? 0 : raw.size() - 1] = static_cast<char>(random());
      raw[11] = static_cast<char>(random() % 8);
      ObjectId oid = ObjectId::from_raw(raw, algo);
      EXPECT_EQ(set.contains(oid), model.count(oid) != 0);
      EXPECT_EQ(set.insert(oid), model.insert(oid).second);
    }
    EXPECT_EQ(set.size(), model.size());
    EXPECT_EQ(set.insert(ObjectId::null(algo)), model.insert(ObjectId::null(algo)).second);
    EXPECT_TRUE(set.contains(ObjectId::null(algo)));
  }
}

}  // namespace
}  // namespace git
