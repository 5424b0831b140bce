// "UTF-16" needs a byte order mark, "UTF-16LE" must not have one, and "UTF-16LE-BOM" is the little-endian form with a mark, which
// iconv does not know.
#include "index/convert-encoding.h"

#include <iconv.h>

#include <cerrno>

#include "base/strings.h"

namespace git {
namespace {

std::string_view utf_suffix(std::string_view name) {  // "16", "16LE"; empty where it is no UTF
  if (istarts_with(name, "utf-")) return name.substr(4);
  if (istarts_with(name, "utf")) return name.substr(3);
  return {};
}

std::optional<std::string> run_iconv(std::string_view bytes, const char* to, const char* from) {
  iconv_t conversion = iconv_open(to, from);
  if (conversion == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
  std::string out;
  std::string buffer(bytes.size() + 64, '\0');
  char* in = const_cast<char*>(bytes.data());
  std::size_t in_left = bytes.size();
  bool ok = true;
  while (true) {
    char* target = buffer.data();
    std::size_t room = buffer.size();
    std::size_t n = iconv(conversion, in_left ? &in : nullptr, in_left ? &in_left : nullptr, &target, &room);
    out.append(buffer.data(), buffer.size() - room);
    if (n == static_cast<std::size_t>(-1)) {
      if (errno == E2BIG) continue;
      ok = false;
      break;
    }
    if (!in_left) break;
  }
  iconv_close(conversion);
  if (!ok) return std::nullopt;
  return out;
}

}  // namespace

bool is_same_encoding(std::string_view a, std::string_view b) {
  std::string_view ua = utf_suffix(a), ub = utf_suffix(b);
  if (!ua.empty() && !ub.empty()) return iequals(ua, ub);
  return iequals(a, b);
}

bool has_prohibited_utf_bom(std::string_view encoding, std::string_view bytes) {
  std::string_view u = utf_suffix(encoding);
  if (iequals(u, "16BE") || iequals(u, "16LE")) return starts_with(bytes, "\xfe\xff") || starts_with(bytes, "\xff\xfe");
  if (iequals(u, "32BE") || iequals(u, "32LE"))
    return starts_with(bytes, std::string_view("\0\0\xfe\xff", 4)) || starts_with(bytes, std::string_view("\xff\xfe\0\0", 4));
  return false;
}

bool is_missing_required_utf_bom(std::string_view encoding, std::string_view bytes) {
  std::string_view u = utf_suffix(encoding);
  if (u == "16") return !(starts_with(bytes, "\xfe\xff") || starts_with(bytes, "\xff\xfe"));
  if (u == "32")
    return !(starts_with(bytes, std::string_view("\0\0\xfe\xff", 4)) || starts_with(bytes, std::string_view("\xff\xfe\0\0", 4)));
  return false;
}

std::optional<std::string> reencode(std::string_view bytes, const std::string& to, const std::string& from) {
  std::string mark, target = to, origin = from;
  std::string_view u = utf_suffix(to);
  if (iequals(u, "16LE-BOM"))
    mark = "\xff\xfe", target = "UTF-16LE";
  else if (iequals(u, "16BE-BOM"))
    mark = "\xfe\xff", target = "UTF-16BE";
  std::string_view v = utf_suffix(from);
  if (iequals(v, "16LE-BOM") || iequals(v, "16BE-BOM")) origin = "UTF-16";
  std::optional<std::string> out = run_iconv(bytes, target.c_str(), origin.c_str());
  if (!out) return std::nullopt;
  return mark + *out;
}

}  // namespace git
