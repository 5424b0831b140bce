// Line endings and $Id$: pure text work.
#pragma once

#include <string>
#include <string_view>

#include "hash/object-id.h"
#include "index/convert.h"

namespace git {

struct TextStats {
  std::size_t lone_cr = 0, lone_lf = 0, crlf = 0, nul = 0, printable = 0, nonprintable = 0;
};
TextStats gather_text_stats(std::string_view bytes);
bool looks_binary(const TextStats& stats);

enum class EolKind : std::uint8_t { unset, lf, crlf };
EolKind output_eol(CrlfAction action, bool text_eol_is_crlf);
bool is_auto_action(CrlfAction action);
bool will_convert_lf_to_crlf(const TextStats& stats, CrlfAction action, bool text_eol_is_crlf);

std::string crlf_to_lf(std::string_view bytes);
std::string lf_to_crlf(std::string_view bytes);

// "$Id: anything$" -> "$Id$"
std::optional<std::string> ident_to_git(std::string_view bytes);
// "$Id$" -> "$Id: <name> $"; keywords of other systems (spaces inside) stay.
std::optional<std::string> ident_to_worktree(std::string_view bytes, HashAlgo algo);

}  // namespace git
