// REUC: for each path its name, three octal modes and the names of the stages that were there.
#include "base/strings.h"
#include "index/index-state.h"

namespace git {

std::string format_resolve_undo(const ResolveUndoMap& map) {
  std::string out;
  for (const auto& [path, undo] : map) {
    out.append(path);
    out += '\0';
    for (std::uint32_t mode : undo.mode) {
      out += strf("%o", mode);
      out += '\0';
    }
    for (int i = 0; i < 3; ++i)
      if (undo.mode[i]) out.append(undo.oid[i].raw());
  }
  return out;
}

std::optional<ResolveUndoMap> parse_resolve_undo(std::string_view bytes, HashAlgo algo) {
  ResolveUndoMap map;
  auto take = [&](std::string_view& field) {
    std::size_t nul = bytes.find('\0');
    if (nul == std::string_view::npos) return false;
    field = bytes.substr(0, nul);
    bytes.remove_prefix(nul + 1);
    return true;
  };
  while (!bytes.empty()) {
    std::string_view path, field;
    if (!take(path)) return std::nullopt;
    ResolveUndo undo;
    for (std::uint32_t& mode : undo.mode) {
      if (!take(field) || field.empty() || field.size() > 10) return std::nullopt;
      for (char c : field) {
        if (c < '0' || c > '7') return std::nullopt;
        mode = mode * 8 + static_cast<std::uint32_t>(c - '0');
      }
    }
    for (int i = 0; i < 3; ++i) {
      if (!undo.mode[i]) continue;
      if (bytes.size() < raw_size(algo)) return std::nullopt;
      undo.oid[i] = ObjectId::from_raw(bytes.substr(0, raw_size(algo)), algo);
      bytes.remove_prefix(raw_size(algo));
    }
    map[std::string(path)] = undo;
  }
  return map;
}

}  // namespace git
