// What counts as text: no NUL, no lone CR, and few control characters.
#include "index/convert-eol.h"

#include "base/strings.h"
#include "hash/hasher.h"

namespace git {

TextStats gather_text_stats(std::string_view bytes) {
  TextStats s;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto c = static_cast<unsigned char>(bytes[i]);
    if (c == '\r') {
      if (i + 1 < bytes.size() && bytes[i + 1] == '\n')
        ++s.crlf, ++i;
      else
        ++s.lone_cr;
    } else if (c == '\n') {
      ++s.lone_lf;
    } else if (c == 127) {
      ++s.nonprintable;
    } else if (c < 32) {
      if (c == '\b' || c == '\t' || c == 033 || c == 014) {
        ++s.printable;
      } else {
        if (!c) ++s.nul;
        ++s.nonprintable;
      }
    } else {
      ++s.printable;
    }
  }
  if (!bytes.empty() && bytes.back() == 032) --s.nonprintable;  // a DOS end-of-file mark
  return s;
}

bool looks_binary(const TextStats& s) { return s.lone_cr || s.nul || (s.printable >> 7) < s.nonprintable; }

EolKind output_eol(CrlfAction action, bool text_eol_is_crlf) {
  switch (action) {
    case CrlfAction::binary:
      return EolKind::unset;
    case CrlfAction::text_crlf:
    case CrlfAction::undefined:
    case CrlfAction::auto_crlf:
      return EolKind::crlf;
    case CrlfAction::text_input:
    case CrlfAction::auto_input:
      return EolKind::lf;
    case CrlfAction::text:
    case CrlfAction::auto_detect:
      break;
  }
  return text_eol_is_crlf ? EolKind::crlf : EolKind::lf;
}

bool is_auto_action(CrlfAction a) {
  return a == CrlfAction::auto_detect || a == CrlfAction::auto_input || a == CrlfAction::auto_crlf;
}

bool will_convert_lf_to_crlf(const TextStats& stats, CrlfAction action, bool text_eol_is_crlf) {
  if (output_eol(action, text_eol_is_crlf) != EolKind::crlf || !stats.lone_lf) return false;
  return !is_auto_action(action) || !(stats.lone_cr || stats.crlf || looks_binary(stats));
}

std::string crlf_to_lf(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if (bytes[i] != '\r' || i + 1 >= bytes.size() || bytes[i + 1] != '\n') out += bytes[i];
  return out;
}

std::string lf_to_crlf(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 32);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')) out += '\r';
    out += bytes[i];
  }
  return out;
}

std::optional<std::string> ident_to_git(std::string_view bytes) {
  if (bytes.find("$Id") == std::string_view::npos) return std::nullopt;
  std::string out;
  while (true) {
    std::size_t at = bytes.find("$Id:");
    if (at == std::string_view::npos) break;
    std::size_t end = bytes.find('$', at + 4), newline = bytes.find('\n', at + 4);
    if (end == std::string_view::npos || newline < end) {
      out.append(bytes.substr(0, at + 4));
      bytes.remove_prefix(at + 4);
      continue;
    }
    out.append(bytes.substr(0, at));
    out.append("$Id$");
    bytes.remove_prefix(end + 1);
  }
  out.append(bytes);
  return out;
}

std::optional<std::string> ident_to_worktree(std::string_view bytes, HashAlgo algo) {
  if (bytes.find("$Id") == std::string_view::npos) return std::nullopt;
  std::string expansion = "$Id: " + hash_object(algo, "blob", bytes).hex() + " $";
  std::string out;
  while (true) {
    std::size_t at = bytes.find("$Id");
    if (at == std::string_view::npos || at + 3 >= bytes.size()) break;
    char next = bytes[at + 3];
    if (next == '$') {
      out.append(bytes.substr(0, at)).append(expansion);
      bytes.remove_prefix(at + 4);
      continue;
    }
    std::size_t end = next == ':' ? bytes.find('$', at + 4) : std::string_view::npos;
    std::size_t newline = bytes.find('\n', at + 3);
    bool keyword = end != std::string_view::npos && newline > end;
    if (keyword && end > at + 5) {
      std::size_t space = bytes.find(' ', at + 5);
      keyword = space >= end - 1;  // none inside, or only the last character
    }
    if (!keyword) {
      out.append(bytes.substr(0, at + 3));
      bytes.remove_prefix(at + 3);
      continue;
    }
    out.append(bytes.substr(0, at)).append(expansion);
    bytes.remove_prefix(end + 1);
  }
  out.append(bytes);
  return out;
}

}  // namespace git
