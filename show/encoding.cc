// UTF-8 to UTF-8 costs nothing; everything else is iconv's business.
#include "show/encoding.h"

#include <iconv.h>

#include "base/strings.h"
#include "config.h"
#include "object/object.h"
#include "repository.h"

namespace git {

bool is_utf8_name(std::string_view encoding) {
  return encoding.empty() || iequals(encoding, "utf-8") || iequals(encoding, "utf8");
}

namespace {

std::optional<std::string> convert(std::string_view text, const std::string& to, const std::string& from) {
  iconv_t handle = iconv_open(to.c_str(), from.c_str());
  if (handle == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
  std::string out(text.size() * 2 + 16, '\0');
  std::size_t used = 0;
  std::string copy(text);
  char* in = copy.data();
  std::size_t left = copy.size();
  bool ok = true, flushing = false;
  for (;;) {
    char* target = out.data() + used;
    std::size_t room = out.size() - used;
    std::size_t n = iconv(handle, flushing ? nullptr : &in, flushing ? nullptr : &left, &target, &room);
    used = static_cast<std::size_t>(target - out.data());
    if (n == static_cast<std::size_t>(-1)) {
      if (errno != E2BIG) {
        ok = false;
        break;
      }
      out.resize(out.size() * 2);
      continue;
    }
    if (flushing) break;
    flushing = true;
  }
  iconv_close(handle);
  if (!ok) return std::nullopt;
  out.resize(used);
  return out;
}

}  // namespace

std::optional<std::string> reencode_text(std::string_view text, std::string_view to, std::string_view from) {
  if (iequals(to, from) || (is_utf8_name(to) && is_utf8_name(from))) return std::string(text);
  std::string target = is_utf8_name(to) ? "UTF-8" : std::string(to), source = is_utf8_name(from) ? "UTF-8" : std::string(from);
  if (auto done = convert(text, target, source)) return done;
  // Old names that some systems don't know.
  auto fallback = [](const std::string& name) { return iequals(name, "latin-1") ? std::string("ISO-8859-1") : name; };
  if (fallback(target) != target || fallback(source) != source) return convert(text, fallback(target), fallback(source));
  return std::nullopt;
}

std::string log_output_encoding(Repository& repo) {
  if (auto name = repo.config().get_string("i18n.logoutputencoding")) return *name;
  if (auto name = repo.config().get_string("i18n.commitencoding")) return *name;
  return "UTF-8";
}

std::string reencode_commit(std::string_view buffer, std::string_view to) {
  if (to.empty()) return std::string(buffer);
  std::size_t headers_end = buffer.find("\n\n");
  std::string_view headers = buffer.substr(0, headers_end);
  std::size_t at = headers.find("\nencoding ");
  std::string from = "UTF-8";
  if (at != std::string_view::npos) {
    std::size_t end = headers.find('\n', at + 10);
    from = std::string(headers.substr(at + 10, end == std::string_view::npos ? end : end - at - 10));
  } else if (is_utf8_name(to)) {
    return std::string(buffer);
  }
  auto with_header = [&](std::string text) {
    std::size_t e = text.find("\nencoding ");
    std::size_t limit = text.find("\n\n");
    if (e == std::string::npos || (limit != std::string::npos && e > limit)) return text;
    std::size_t end = text.find('\n', e + 10);
    if (is_utf8_name(to))
      text.erase(e, end - e);
    else
      text.replace(e + 10, end - e - 10, to);
    return text;
  };
  if (iequals(from, to) || (is_utf8_name(from) && is_utf8_name(to)))
    return at == std::string_view::npos ? std::string(buffer)
           : is_utf8_name(to)           ? with_header(std::string(buffer))
                                        : std::string(buffer);
  if (auto done = reencode_text(buffer, to, from)) return with_header(std::move(*done));
  return std::string(buffer);
}

}  // namespace git
