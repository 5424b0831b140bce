// The shorter of a deflated literal and a deflated delta is written, in lines of up to 52 bytes.
#include "diff/binary-patch.h"

#include <zlib.h>

#include <array>

#include "base/error.h"
#include "pack/delta.h"

namespace git {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
constexpr std::size_t kBytesPerLine = 52;

std::string deflate_all(std::string_view bytes, int level) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::string out(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                static_cast<uLong>(bytes.size()), level) != Z_OK)
    die("unable to deflate a binary patch");
  out.resize(size);
  return out;
}

std::string format_one_way(std::string_view from, std::string_view to, int level) {
  std::string data = deflate_all(to, level);
  std::string text = "literal " + std::to_string(to.size()) + "\n";
  if (!from.empty() && !to.empty()) {
    auto delta = DeltaIndex(from).make_delta(to, data.size());
    if (delta) {
      std::string deflated = deflate_all(*delta, level);
      if (deflated.size() < data.size()) {
        text = "delta " + std::to_string(delta->size()) + "\n";
        data = std::move(deflated);
      }
    }
  }
  for (std::string_view rest = data; !rest.empty();) {
    std::string_view line = rest.substr(0, kBytesPerLine);
    rest.remove_prefix(line.size());
    const char count = static_cast<char>(line.size() <= 26 ? 'A' + line.size() - 1 : 'a' + line.size() - 27);
    text += count;
    text += encode_base85(line) + "\n";
  }
  return text + "\n";
}

}  // namespace

std::string format_binary_patch(std::string_view before, std::string_view after, int level) {
  return "GIT binary patch\n" + format_one_way(before, after, level) + format_one_way(after, before, level);
}

std::string encode_base85(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; k++)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    char digits[5];
    for (int k = 4; k >= 0; k--) {
      digits[k] = kDigits[group % 85];
      group /= 85;
    }
    text.append(digits, 5);
  }
  return text;
}

std::optional<std::string> decode_base85(std::string_view text, std::size_t size) {
  if (text.size() < (size + 3) / 4 * 5) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; bytes.size() < size; i += 5) {
    std::uint64_t group = 0;
    for (std::size_t k = 0; k < 5; k++) {
      const std::size_t digit = kDigits.find(text[i + k]);
      if (digit == std::string_view::npos) return std::nullopt;
      group = group * 85 + digit;
    }
    if (group > 0xffffffffu) return std::nullopt;
    for (int shift = 24; shift >= 0 && bytes.size() < size; shift -= 8) bytes += static_cast<char>(group >> shift & 0xff);
  }
  return bytes;
}

}  // namespace git
