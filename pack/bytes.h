// Numbers in network byte order, as all of a pack's files have them.
#pragma once

#include <cstdint>
#include <string>

namespace git {

inline std::uint32_t get_be32(const void* p) {
  const auto* b = static_cast<const unsigned char*>(p);
  return std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | b[3];
}
inline std::uint64_t get_be64(const void* p) {
  const auto* b = static_cast<const unsigned char*>(p);
  return std::uint64_t{get_be32(b)} << 32 | get_be32(b + 4);
}
inline std::uint16_t get_be16(const void* p) {
  const auto* b = static_cast<const unsigned char*>(p);
  return static_cast<std::uint16_t>(b[0] << 8 | b[1]);
}
inline void put_be32(void* p, std::uint32_t v) {
  auto* b = static_cast<unsigned char*>(p);
  for (int i = 0; i < 4; i++) b[i] = static_cast<unsigned char>(v >> (24 - 8 * i));
}
inline void append_be32(std::string& out, std::uint32_t v) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(v >> shift));
}
inline void append_be64(std::string& out, std::uint64_t v) {
  append_be32(out, static_cast<std::uint32_t>(v >> 32));
  append_be32(out, static_cast<std::uint32_t>(v));
}
inline void append_be16(std::string& out, std::uint16_t v) {
  out.push_back(static_cast<char>(v >> 8));
  out.push_back(static_cast<char>(v));
}

}  // namespace git
