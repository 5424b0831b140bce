// The rules for blobs that trees call .gitmodules or .gitattributes: what git would read from them and act upon.
#include "base/strings.h"
#include "object/fsck.h"

namespace git {
namespace {

constexpr std::size_t kMaxAttributes = 100u << 20;
constexpr std::size_t kMaxAttributesLine = 2048;

bool check_gitmodules(const ObjectId& oid, std::string_view bytes, const FsckOptions& options, const FsckReport& report) {
  bool is_bad = false;
  auto tell = [&](FsckMessage id, std::string_view text) {
    is_bad |= fsck_report(options, report, oid, ObjectType::blob, id, text);
  };
  if (!options.parse_config) return false;
  auto entries = options.parse_config(bytes);
  if (!entries) {
    tell(FsckMessage::gitmodules_parse, "could not parse gitmodules blob");
    return is_bad;
  }
  for (const auto& [key, value] : *entries) {
    std::string_view rest = key;
    std::size_t dot = rest.rfind('.');
    if (!skip_prefix(rest, "submodule.") || dot < 10) continue;
    std::string name = key.substr(10, dot - 10), variable = key.substr(dot + 1);
    if (!is_safe_submodule_name(name)) tell(FsckMessage::gitmodules_name, strf("disallowed submodule name: %s", name));
    if (!value) continue;
    if (variable == "url" && !is_safe_submodule_url(*value))
      tell(FsckMessage::gitmodules_url, strf("disallowed submodule url: %s", *value));
    if (variable == "path" && starts_with(*value, "-"))
      tell(FsckMessage::gitmodules_path, strf("disallowed submodule path: %s", *value));
    if (variable == "update" && starts_with(*value, "!"))
      tell(FsckMessage::gitmodules_update, strf("disallowed submodule update setting: %s", *value));
  }
  return is_bad;
}

bool check_gitattributes(const ObjectId& oid, std::string_view bytes, const FsckOptions& options, const FsckReport& report) {
  auto tell = [&](FsckMessage id, std::string_view text) {
    return fsck_report(options, report, oid, ObjectType::blob, id, text);
  };
  if (bytes.size() > kMaxAttributes) return tell(FsckMessage::gitattributes_large, ".gitattributes too large to parse");
  for (std::string_view line : split_lines(bytes))
    if (line.size() >= kMaxAttributesLine)
      return tell(FsckMessage::gitattributes_line_length, ".gitattributes has too long lines to parse");
  return false;
}

bool fsck_blob(const ObjectId& oid, std::string_view bytes, const FsckOptions& options, FsckState& state,
               const FsckReport& report) {
  if (options.skip_list.count(oid)) return false;
  bool is_bad = false;
  if (state.gitmodules_found.count(oid) && state.gitmodules_done.insert(oid).second)
    is_bad |= check_gitmodules(oid, bytes, options, report);
  if (state.gitattributes_found.count(oid) && state.gitattributes_done.insert(oid).second)
    is_bad |= check_gitattributes(oid, bytes, options, report);
  return is_bad;
}

int percent_digit(std::string_view s, std::size_t at) {
  if (at + 2 >= s.size() || s[at] != '%') return -1;
  int high = hex_value(s[at + 1]), low = hex_value(s[at + 2]);
  return high < 0 || low < 0 ? -1 : high << 4 | low;
}

std::string url_decode(std::string_view url) {
  std::string decoded;
  for (std::size_t i = 0; i < url.size(); i++) {
    int c = percent_digit(url, i);
    if (c > 0) {
      decoded += static_cast<char>(c);
      i += 2;
    } else {
      decoded += url[i];
    }
  }
  return decoded;
}

// Would a relative URL climb over the host of what it is relative to?
bool escapes_root(std::string_view url) {
  bool any = false;
  for (;;) {
    if (skip_prefix(url, "../") || skip_prefix(url, "..\\"))
      any = true;
    else if (!skip_prefix(url, "./") && !skip_prefix(url, ".\\"))
      break;
  }
  return any && !url.empty() && (url[0] == ':' || url[0] == '/' || url[0] == '\\');
}

// "http::https://..." is for a transport helper, which gets what is behind the colons.
bool find_curl_url(std::string_view url, std::string_view* real) {
  for (std::string_view scheme : {"http", "https", "ftp", "ftps"}) {
    std::string_view rest = url;
    if (!skip_prefix(rest, scheme)) continue;
    if (skip_prefix(rest, "::")) {
      *real = rest;
      return true;
    }
    if (starts_with(rest, "://")) {
      *real = url;
      return true;
    }
  }
  return false;
}

// A URL with a host, as curl would take it.
bool has_host(std::string_view url) {
  std::size_t colon = url.find("://");
  if (colon == std::string_view::npos || colon == 0) return false;
  for (char c : url.substr(0, colon))
    if (!is_alnum(c) && c != '+' && c != '-' && c != '.') return false;
  std::string_view rest = url.substr(colon + 3);
  std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  std::size_t at = authority.rfind('@');
  std::string_view host = at == std::string_view::npos ? authority : authority.substr(at + 1);
  if (host.empty() || host[0] == ':') return false;
  std::size_t port = host.rfind(':');
  if (port != std::string_view::npos && host.find(']', port) == std::string_view::npos)
    for (char c : host.substr(port + 1))
      if (!is_digit(c)) return false;
  return true;
}

}  // namespace

bool is_safe_submodule_name(std::string_view name) {
  if (name.empty()) return false;
  std::string slashed = replace_all(name, "\\", "/");
  for (std::string_view part : split(slashed, '/'))
    if (part == "..") return false;
  return true;
}

bool is_safe_submodule_url(std::string_view url) {
  if (starts_with(url, "-")) return false;
  std::string_view curl_url;
  // A backslash separates, too, on some systems.
  const bool is_relative =
      starts_with(url, "./") || starts_with(url, "../") || starts_with(url, ".\\") || starts_with(url, "..\\");
  if (is_relative || starts_with(url, "git://")) return url_decode(url).find('\n') == std::string::npos && !escapes_root(url);
  if (find_curl_url(url, &curl_url)) return has_host(curl_url) && url_decode(curl_url).find('\n') == std::string::npos;
  return true;
}

bool fsck_object(const ObjectId& oid, ObjectType type, std::string_view bytes, const FsckOptions& options, FsckState& state,
                 const FsckReport& report) {
  switch (type) {
    case ObjectType::blob:
      return fsck_blob(oid, bytes, options, state, report);
    case ObjectType::tree:
      return fsck_tree(oid, bytes, oid.algo(), options, state, report);
    case ObjectType::commit:
      return fsck_commit(oid, bytes, oid.algo(), options, report);
    case ObjectType::tag:
      return fsck_tag(oid, bytes, oid.algo(), options, report);
    default:
      break;
  }
  return fsck_report(options, report, oid, type, FsckMessage::unknown_type,
                     strf("unknown type '%d' (internal fsck error)", static_cast<int>(type)));
}

bool fsck_finish(const FsckOptions& options, FsckState& state,
                 const std::function<std::optional<ObjectData>(const ObjectId&)>& read, const FsckReport& report) {
  bool is_bad = false;
  auto finish = [&](auto& found, auto& done, FsckMessage missing, const char* missing_text, FsckMessage not_blob,
                    const char* blob_text) {
    for (const ObjectId& oid : std::vector<ObjectId>(found.begin(), found.end())) {
      if (done.count(oid)) continue;
      auto object = read(oid);
      if (!object) {
        is_bad |= fsck_report(options, report, oid, ObjectType::blob, missing, missing_text);
      } else if (object->type == ObjectType::blob) {
        is_bad |= fsck_blob(oid, object->data, options, state, report);
      } else if (object->type != ObjectType::none) {
        is_bad |= fsck_report(options, report, oid, object->type, not_blob, blob_text);
      }
    }
  };
  finish(state.gitmodules_found, state.gitmodules_done, FsckMessage::gitmodules_missing, "unable to read .gitmodules blob",
         FsckMessage::gitmodules_blob, "non-blob found at .gitmodules");
  finish(state.gitattributes_found, state.gitattributes_done, FsckMessage::gitattributes_missing,
         "unable to read .gitattributes blob", FsckMessage::gitattributes_blob, "non-blob found at .gitattributes");
  return is_bad;
}

}  // namespace git
