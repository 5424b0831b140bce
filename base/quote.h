// Quoting for shells, for C-like path lists, and for the scripting languages of for-each-ref.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace git {

// ---- sh ----
std::string sq_quote(std::string_view s);         // always within '...'
std::string sq_quote_pretty(std::string_view s);  // only where the shell needs it
// Each argument with a space in front.
std::string sq_quote_argv(const std::vector<std::string>& argv);
std::string sq_quote_argv_pretty(const std::vector<std::string>& argv);
std::optional<std::string> sq_dequote(std::string_view s);
// Takes one quoted word off the front of `s`, with nothing but what follows it left behind.
std::optional<std::string> sq_dequote_step(std::string_view& s);
// Words separated by white space; nullopt where it isn't such a list.
std::optional<std::vector<std::string>> sq_dequote_to_argv(std::string_view s);

// ---- C ----
// "a\tb" in double quotes where something in it needs that, `s` itself otherwise. `quote_high` is core.quotePath:
// bytes over 0x7f are escaped too.
std::string quote_c_style(std::string_view s, bool quote_high = true);
// The inside only, without the double quotes.
std::string escape_c_style(std::string_view s, bool quote_high = true);
bool needs_c_quoting(std::string_view s, bool quote_high = true);
// `path` seen from `prefix` ("sub/", "" for the top), then quoted.
std::string quote_path(std::string_view path, std::string_view prefix, bool quote_high = true);
// Takes a "..." off the front of `s`; nullopt (and `s` unchanged) where it isn't one.
std::optional<std::string> unquote_c_style(std::string_view& s);

// ---- other languages ----
std::string perl_quote(std::string_view s);
std::string python_quote(std::string_view s);
std::string tcl_quote(std::string_view s);

}  // namespace git
