// A whole format: literal text, fields, and the blocks that %(align), %(if) and %(end) open and close.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "show/ref-atom.h"
#include "show/ref-values.h"

namespace git {

enum class RefQuote : std::uint8_t { none, shell, perl, python, tcl };
std::string quote_ref_value(const std::string& text, RefQuote quote);

class RefFormat {
 public:
  // Errors are git's: "malformed format string %s", "unknown field name: %s" ...
  static Result<RefFormat> parse(Repository* repo, std::string_view text, RefQuote quote, const AtomSettings& settings);
  // One item; block errors ("format: %(end) atom missing") are found here.
  Result<std::string> format(RefValues& values, const RefItem& item) const;

  std::vector<RefAtom*> atoms_of(AtomField field);
  bool uses(AtomField field) const;

 private:
  struct Piece {
    std::string literal;
    bool is_atom = false;
    RefAtom atom;
  };
  std::vector<Piece> pieces_;
  RefQuote quote_ = RefQuote::none;
  bool resets_color_ = false;
};

}  // namespace git
