// printf's conversions over typed arguments.  The format is walked once; each "%..." takes
// the next argument, and the number formatting proper is left to snprintf.
#include "base/fmt.h"

#include <cstdio>
#include <cstdlib>

namespace git {
namespace {

struct Spec {
  std::string flags;
  int width = -1;
  int precision = -1;
  char conversion = 's';
};

[[noreturn]] void format_bug(std::string_view format) {
  std::fprintf(stderr, "BUG: format '%.*s' does not fit its arguments\n", static_cast<int>(format.size()), format.data());
  std::abort();
}

std::string pad(std::string text, const Spec& spec) {
  if (spec.width < 0 || text.size() >= static_cast<std::size_t>(spec.width)) return text;
  std::size_t missing = static_cast<std::size_t>(spec.width) - text.size();
  if (spec.flags.find('-') != std::string::npos) return text + std::string(missing, ' ');
  return std::string(missing, ' ') + text;
}

std::string snprint(const Spec& spec, const char* length, auto value) {
  std::string fmt = "%" + spec.flags;
  if (spec.width >= 0) fmt += std::to_string(spec.width);
  if (spec.precision >= 0) fmt += "." + std::to_string(spec.precision);
  fmt += length;
  fmt += spec.conversion;
  char buffer[512];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  int n = std::snprintf(buffer, sizeof buffer, fmt.c_str(), value);
#pragma GCC diagnostic pop
  return std::string(buffer, n < 0 ? 0 : std::min<std::size_t>(static_cast<std::size_t>(n), sizeof buffer - 1));
}

std::string format_text(Spec spec, std::string_view text) {
  if (spec.precision >= 0) text = text.substr(0, static_cast<std::size_t>(spec.precision));
  return pad(std::string(text), spec);
}

std::string format_one(Spec spec, const FormatArg& arg, std::string_view format) {
  switch (arg.kind()) {
    case FormatArg::Kind::text:
    case FormatArg::Kind::owned:
      if (spec.conversion != 's') format_bug(format);
      return format_text(spec, arg.text());
    case FormatArg::Kind::integer:
      if (spec.conversion == 'c') return pad(std::string(1, static_cast<char>(arg.integer())), spec);
      if (spec.conversion == 's') spec.conversion = 'd';
      return snprint(spec, "ll", static_cast<long long>(arg.integer()));
    case FormatArg::Kind::natural:
      if (spec.conversion == 'c') return pad(std::string(1, static_cast<char>(arg.natural())), spec);
      if (spec.conversion == 's' || spec.conversion == 'd' || spec.conversion == 'i') spec.conversion = 'u';
      return snprint(spec, "ll", static_cast<unsigned long long>(arg.natural()));
    case FormatArg::Kind::real:
      if (spec.conversion == 's') spec.conversion = 'g';
      return snprint(spec, "", arg.real());
  }
  return {};
}

int star(const FormatArg& arg) {
  return static_cast<int>(arg.kind() == FormatArg::Kind::natural ? static_cast<std::int64_t>(arg.natural()) : arg.integer());
}

}  // namespace

std::string vstrf(std::string_view format, std::initializer_list<FormatArg> args) {
  std::string out;
  out.reserve(format.size() + 16 * args.size());
  const FormatArg* next = args.begin();
  auto take = [&]() -> const FormatArg& {
    if (next == args.end()) format_bug(format);
    return *next++;
  };
  for (std::size_t i = 0; i < format.size(); i++) {
    if (format[i] != '%') {
      std::size_t end = format.find('%', i);
      if (end == std::string_view::npos) end = format.size();
      out.append(format.substr(i, end - i));
      i = end - 1;
      continue;
    }
    if (++i >= format.size()) format_bug(format);
    if (format[i] == '%') {
      out += '%';
      continue;
    }
    Spec spec;
    while (i < format.size() && std::string_view("-0+ #").find(format[i]) != std::string_view::npos) spec.flags += format[i++];
    auto number = [&]() {
      if (i < format.size() && format[i] == '*') {
        i++;
        return star(take());
      }
      int n = 0;
      while (i < format.size() && format[i] >= '0' && format[i] <= '9') n = n * 10 + (format[i++] - '0');
      return n;
    };
    if (i < format.size() && (format[i] == '*' || (format[i] >= '1' && format[i] <= '9'))) spec.width = number();
    if (spec.width < -1) {
      spec.flags += '-';
      spec.width = -spec.width;
    }
    if (i < format.size() && format[i] == '.') {
      i++;
      spec.precision = number();
    }
    while (i < format.size() && std::string_view("lhzjt").find(format[i]) != std::string_view::npos) i++;
    if (i >= format.size()) format_bug(format);
    spec.conversion = format[i];
    out += format_one(spec, take(), format);
  }
  if (next != args.end()) format_bug(format);
  return out;
}

}  // namespace git
