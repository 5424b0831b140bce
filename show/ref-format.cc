// Blocks nest, so output goes to a stack: %(align) and %(if) push a level, %(end) pops it through the level's handler.
// Values are quoted at the bottom, and a whole block when it arrives there.
#include "show/ref-format.h"

#include <memory>

#include "base/quote.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "config/color.h"

namespace git {

std::string quote_ref_value(const std::string& text, RefQuote quote) {
  switch (quote) {
    case RefQuote::shell:
      return sq_quote(text);
    case RefQuote::perl:
      return perl_quote(text);
    case RefQuote::python:
      return python_quote(text);
    case RefQuote::tcl:
      return tcl_quote(text);
    case RefQuote::none:
      break;
  }
  return text;
}

namespace {

// %% and %xx in literal text.
void append_literal(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 1 < text.size() && text[i + 1] == '%') {
      ++i;
    } else if (text[i] == '%' && i + 2 < text.size()) {
      int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
}

std::string pad(std::string text, const RefAtom& atom) {
  int missing = atom.width - utf8_width_no_ansi(text);
  if (missing <= 0) return text;
  auto room = static_cast<std::size_t>(missing);
  if (atom.side == RefAtom::Side::left) return text + std::string(room, ' ');
  if (atom.side == RefAtom::Side::right) return std::string(room, ' ') + text;
  return std::string(room / 2, ' ') + text + std::string(room - room / 2, ' ');
}

bool is_blank(std::string_view text) { return trim(text).empty(); }

struct Condition {
  bool then_seen = false, else_seen = false, satisfied = false;
  RefAtom::Test test = RefAtom::Test::non_empty;
  std::string text;
};

struct Level {
  enum class Kind : std::uint8_t { bottom, align, if_, else_ } kind = Kind::bottom;
  std::string output;
  const RefAtom* align = nullptr;
  std::shared_ptr<Condition> condition;
};

class FormatStack {
 public:
  explicit FormatStack(RefQuote quote) : quote_(quote) { levels_.emplace_back(); }
  std::string& top() { return levels_.back().output; }
  void append_value(const std::string& text) { top() += levels_.size() == 1 ? quote_ref_value(text, quote_) : text; }
  void push(Level level) { levels_.push_back(std::move(level)); }
  Result<void> handle(const RefAtom& atom);
  bool is_complete() const { return levels_.size() == 1; }

 private:
  Result<void> then();
  Result<void> otherwise();
  Result<void> end();
  void pop();
  RefQuote quote_;
  std::vector<Level> levels_;
};

Error misplaced(const char* what, const char* missing) {
  return make_error(ErrorKind::invalid, "format: %%(%s) atom used without a %%(%s) atom", what, missing);
}

void FormatStack::pop() {
  std::string output = std::move(levels_.back().output);
  levels_.pop_back();
  top() += output;
}

Result<void> FormatStack::then() {
  std::shared_ptr<Condition> condition = levels_.back().condition;
  if (!condition) return misplaced("then", "if");
  if (condition->then_seen) return make_error(ErrorKind::invalid, "format: %%(then) atom used more than once");
  if (condition->else_seen) return make_error(ErrorKind::invalid, "format: %%(then) atom used after %%(else)");
  condition->then_seen = true;
  switch (condition->test) {
    case RefAtom::Test::equals:
      condition->satisfied = top() == condition->text;
      break;
    case RefAtom::Test::differs:
      condition->satisfied = top() != condition->text;
      break;
    case RefAtom::Test::non_empty:
      condition->satisfied = !is_blank(top());
      break;
  }
  top().clear();
  return {};
}

Result<void> FormatStack::otherwise() {
  std::shared_ptr<Condition> condition = levels_.back().condition;
  if (!condition) return misplaced("else", "if");
  if (!condition->then_seen) return misplaced("else", "then");
  if (condition->else_seen) return make_error(ErrorKind::invalid, "format: %%(else) atom used more than once");
  condition->else_seen = true;
  push({Level::Kind::else_, "", nullptr, condition});
  return {};
}

Result<void> FormatStack::end() {
  switch (levels_.back().kind) {
    case Level::Kind::bottom:
      return make_error(ErrorKind::invalid, "format: %%(end) atom used without corresponding atom");
    case Level::Kind::align:
      top() = pad(std::move(top()), *levels_.back().align);
      break;
    case Level::Kind::if_:
      if (!levels_.back().condition->then_seen) die("format: %%(if) atom used without a %%(then) atom");
      if (!levels_.back().condition->satisfied) top().clear();
      break;
    case Level::Kind::else_: {
      std::string chosen = levels_.back().condition->satisfied ? "" : std::move(top());
      bool keep_then = levels_.back().condition->satisfied;
      levels_.pop_back();
      if (!keep_then) top() = std::move(chosen);
      break;
    }
  }
  if (levels_.size() == 2) top() = quote_ref_value(top(), quote_);
  pop();
  return {};
}

Result<void> FormatStack::handle(const RefAtom& atom) {
  switch (atom.field) {
    case AtomField::align:
      push({Level::Kind::align, "", &atom, nullptr});
      return {};
    case AtomField::if_: {
      auto condition = std::make_shared<Condition>();
      condition->test = atom.test;
      condition->text = atom.test_text;
      push({Level::Kind::if_, "", nullptr, std::move(condition)});
      return {};
    }
    case AtomField::then:
      return then();
    case AtomField::else_:
      return otherwise();
    default:
      return end();
  }
}

}  // namespace

Result<RefFormat> RefFormat::parse(Repository* repo, std::string_view text, RefQuote quote, const AtomSettings& settings) {
  RefFormat format;
  format.quote_ = quote;
  std::string literal;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t percent = text.find('%', at);
    if (percent != std::string_view::npos && text.substr(percent, 2) == "%%") {
      literal += text.substr(at, percent + 2 - at);
      at = percent + 2;
      continue;
    }
    if (percent == std::string_view::npos || text.substr(percent, 2) != "%(") {
      std::size_t next = percent == std::string_view::npos ? text.size() : percent + 1;
      literal += text.substr(at, next - at);
      at = next;
      continue;
    }
    literal += text.substr(at, percent - at);
    std::size_t close = text.find(')', percent);
    if (close == std::string_view::npos)
      return make_error(ErrorKind::invalid, "malformed format string %s", text.substr(percent));
    if (!literal.empty()) {
      Piece piece;
      append_literal(piece.literal, literal);
      format.pieces_.push_back(std::move(piece));
      literal.clear();
    }
    Result<RefAtom> atom = parse_ref_atom(repo, text.substr(percent + 2, close - percent - 2), settings);
    if (!atom) return atom.error();
    bool binary_unsafe = quote == RefQuote::shell || quote == RefQuote::python || quote == RefQuote::tcl;
    if (atom->field == AtomField::raw && !atom->raw_size && binary_unsafe)
      return make_error(ErrorKind::invalid, "--format=%s cannot be used with --python, --shell, --tcl", atom->text);
    if (atom->field == AtomField::color) format.resets_color_ = settings.use_color && atom->argument != "reset";
    Piece piece;
    piece.is_atom = true;
    piece.atom = std::move(*atom);
    format.pieces_.push_back(std::move(piece));
    at = close + 1;
  }
  if (!literal.empty()) {
    Piece piece;
    append_literal(piece.literal, literal);
    format.pieces_.push_back(std::move(piece));
  }
  return format;
}

Result<std::string> RefFormat::format(RefValues& values, const RefItem& item) const {
  FormatStack stack(quote_);
  for (const Piece& piece : pieces_) {
    if (!piece.is_atom) {
      stack.top() += piece.literal;
    } else if (piece.atom.is_structural()) {
      Result<void> handled = stack.handle(piece.atom);
      if (!handled) return handled.error();
    } else {
      stack.append_value(values.get(piece.atom, item).text);
    }
  }
  if (resets_color_) stack.append_value(std::string(kColorReset));
  if (!stack.is_complete()) return make_error(ErrorKind::invalid, "format: %%(end) atom missing");
  return std::move(stack.top());
}

std::vector<RefAtom*> RefFormat::atoms_of(AtomField field) {
  std::vector<RefAtom*> result;
  for (Piece& piece : pieces_)
    if (piece.is_atom && piece.atom.field == field) result.push_back(&piece.atom);
  return result;
}

bool RefFormat::uses(AtomField field) const {
  for (const Piece& piece : pieces_)
    if (piece.is_atom && piece.atom.field == field) return true;
  return false;
}

}  // namespace git
