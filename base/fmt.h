// Type-safe printf-style formatting, so that messages keep git's own "%s" texts
// (which translators and scripts know) and still take our types.
//
//   strf("%s: not a valid %s (%d)", oid, "commit", n)
//
// Conversions: %s takes any argument; %d %i %u %x %X %o %c as in printf, any integer
// width (length modifiers are accepted and ignored); flags "-0+ #", width, precision and
// '*'; %%.  A type takes part by having `std::string format_arg(const T&)` found by ADL.
// A format that does not fit its arguments is a bug and aborts.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace git {

class FormatArg {
 public:
  enum class Kind : std::uint8_t { text, owned, integer, natural, real };

  FormatArg(const char* s) : kind_(Kind::text), text_(s ? s : "(null)") {}
  FormatArg(std::string_view s) : kind_(Kind::text), text_(s) {}
  FormatArg(const std::string& s) : kind_(Kind::text), text_(s) {}
  FormatArg(double v) : kind_(Kind::real), real_(v) {}
  template <std::integral T>
  FormatArg(T v) {
    if constexpr (std::is_signed_v<T>) {
      kind_ = Kind::integer;
      integer_ = static_cast<std::int64_t>(v);
    } else {
      kind_ = Kind::natural;
      natural_ = static_cast<std::uint64_t>(v);
    }
  }
  template <class T>
  requires(!std::integral<T> &&
           requires(const T& t) {
             { format_arg(t) } -> std::convertible_to<std::string>;
           }) FormatArg(const T& v)
      : kind_(Kind::owned), owned_(format_arg(v)) {}

  Kind kind() const { return kind_; }
  std::string_view text() const { return kind_ == Kind::owned ? std::string_view(owned_) : text_; }
  std::int64_t integer() const { return integer_; }
  std::uint64_t natural() const { return natural_; }
  double real() const { return real_; }

 private:
  Kind kind_;
  std::string_view text_;
  std::string owned_;
  std::int64_t integer_ = 0;
  std::uint64_t natural_ = 0;
  double real_ = 0;
};

// The one implementation behind every formatting function.
std::string vstrf(std::string_view format, std::initializer_list<FormatArg> args);

// Formats `args` into a new string.
template <class... Args>
std::string strf(std::string_view format, const Args&... args) {
  return vstrf(format, {FormatArg(args)...});
}

// The mark for texts that are shown to people and may be translated.
inline const char* _(const char* text) { return text; }
inline const char* Q_(const char* one, const char* many, std::uint64_t n) { return n == 1 ? one : many; }

}  // namespace git
