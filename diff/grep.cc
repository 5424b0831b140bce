// Patterns become leaves of an expression tree that is asked line by line.
#include "diff/grep.h"

#ifdef HAVE_LIBPCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#endif

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "diff/xdiff.h"

namespace git {
namespace {

bool is_word_char(char c) { return is_alnum(c) || c == '_'; }

// One pattern.
class Matcher {
 public:
  virtual ~Matcher() = default;
  virtual std::optional<GrepMatch> find(std::string_view line, std::size_t from) const = 0;
};

class RegexMatcher : public Matcher {
 public:
  explicit RegexMatcher(Regex regex) : regex_(std::move(regex)) {}
  std::optional<GrepMatch> find(std::string_view line, std::size_t from) const override {
    std::vector<Regex::Match> match(1);
    if (!regex_.search(line.substr(from), match, from > 0)) return std::nullopt;
    return GrepMatch{from + static_cast<std::size_t>(match[0].start), from + static_cast<std::size_t>(match[0].end)};
  }

 private:
  Regex regex_;
};

class FixedMatcher : public Matcher {
 public:
  explicit FixedMatcher(std::string text) : text_(std::move(text)) {}
  std::optional<GrepMatch> find(std::string_view line, std::size_t from) const override {
    const std::size_t at = line.find(text_, from);
    if (at == std::string_view::npos) return std::nullopt;
    return GrepMatch{at, at + text_.size()};
  }

 private:
  std::string text_;
};

#ifdef HAVE_LIBPCRE2
class PerlMatcher : public Matcher {
 public:
  PerlMatcher(const std::string& pattern, bool ignore_case) {
    int code = 0;
    PCRE2_SIZE offset = 0;
    std::uint32_t flags = PCRE2_MULTILINE | (ignore_case ? PCRE2_CASELESS : 0u) | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
    code_ = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), flags, &code, &offset, nullptr);
    if (!code_) {
      char buffer[256];
      pcre2_get_error_message(code, reinterpret_cast<PCRE2_UCHAR*>(buffer), sizeof buffer);
      die("command line, '%s': %s", pattern, buffer);
    }
    data_ = pcre2_match_data_create_from_pattern(code_, nullptr);
    pcre2_jit_compile(code_, PCRE2_JIT_COMPLETE);
  }
  ~PerlMatcher() override {
    pcre2_match_data_free(data_);
    pcre2_code_free(code_);
  }
  PerlMatcher(const PerlMatcher&) = delete;
  PerlMatcher& operator=(const PerlMatcher&) = delete;
  std::optional<GrepMatch> find(std::string_view line, std::size_t from) const override {
    const int count = pcre2_match(code_, reinterpret_cast<PCRE2_SPTR>(line.data()), line.size(), from, from ? PCRE2_NOTBOL : 0u,
                                  data_, nullptr);
    if (count < 0) return std::nullopt;
    const PCRE2_SIZE* ovector = pcre2_get_ovector_pointer(data_);
    return GrepMatch{ovector[0], ovector[1]};
  }

 private:
  pcre2_code* code_ = nullptr;
  pcre2_match_data* data_ = nullptr;
};
#endif

bool is_fixed(std::string_view pattern) { return pattern.find_first_of("$()*+.?[\\]^{|}") == std::string_view::npos; }

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (std::string_view(".[]()*+?{}|^$\\").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::unique_ptr<Matcher> compile(const std::string& pattern, const GrepSettings& s) {
  if (s.type == GrepType::perl) {
#ifdef HAVE_LIBPCRE2
    return std::make_unique<PerlMatcher>(pattern, s.ignore_case);
#else
    die("cannot use Perl-compatible regexes when not compiled with USE_LIBPCRE");
#endif
  }
  const bool fixed = s.type == GrepType::fixed || is_fixed(pattern);
  if (fixed && !s.ignore_case) return std::make_unique<FixedMatcher>(pattern);
  unsigned flags = Regex::kNewline | (s.ignore_case ? Regex::kIgnoreCase : 0u);
  if (fixed || s.type == GrepType::extended) flags |= Regex::kExtended;
  auto regex = Regex::compile(fixed ? escaped(pattern) : pattern, flags);
  if (!regex) die("command line, '%s': %s", pattern, regex.error().message);
  return std::make_unique<RegexMatcher>(std::move(*regex));
}

}  // namespace

class GrepExpression {
 public:
  enum class Kind : std::uint8_t { atom, not_, and_, or_, all } kind = Kind::atom;
  std::unique_ptr<Matcher> matcher;
  std::size_t number = 0;  // of the top-level alternative
  std::unique_ptr<GrepExpression> left, right;
};

namespace {

using Node = std::unique_ptr<GrepExpression>;

class ExpressionParser {
 public:
  ExpressionParser(const std::vector<GrepWord>& words, const GrepSettings& settings) : words_(words), settings_(settings) {}
  Node parse() {
    Node node = parse_or();
    if (at_ < words_.size()) die("incomplete pattern expression: %s", text(words_[at_]));
    if (!node) die("no pattern given");
    return node;
  }

 private:
  static std::string text(const GrepWord& word) { return word.token == GrepToken::close ? ")" : word.pattern; }
  bool is(GrepToken token) const { return at_ < words_.size() && words_[at_].token == token; }
  Node make(GrepExpression::Kind kind, Node left, Node right = nullptr) {
    auto node = std::make_unique<GrepExpression>();
    node->kind = kind;
    node->left = std::move(left);
    node->right = std::move(right);
    return node;
  }
  Node parse_or() {
    Node left = parse_and();
    if (!left) return nullptr;
    if (at_ < words_.size() && !is(GrepToken::close)) {
      if (is(GrepToken::or_)) at_++;
      Node right = parse_or();
      if (!right) die("not a pattern expression %s", "--or");
      return make(GrepExpression::Kind::or_, std::move(left), std::move(right));
    }
    return left;
  }
  Node parse_and() {
    Node left = parse_not();
    if (left && is(GrepToken::and_)) {
      at_++;
      if (at_ >= words_.size()) die("--and not followed by pattern expression");
      Node right = parse_and();
      if (!right) die("not a pattern expression");
      return make(GrepExpression::Kind::and_, std::move(left), std::move(right));
    }
    return left;
  }
  Node parse_not() {
    if (!is(GrepToken::not_)) return parse_atom();
    at_++;
    if (at_ >= words_.size()) die("--not not followed by pattern expression");
    Node inner = parse_not();
    if (!inner) die("--not followed by non pattern expression");
    return make(GrepExpression::Kind::not_, std::move(inner));
  }
  Node parse_atom() {
    if (is(GrepToken::pattern)) {
      auto node = std::make_unique<GrepExpression>();
      node->matcher = compile(words_[at_++].pattern, settings_);
      return node;
    }
    if (is(GrepToken::open)) {
      at_++;
      Node inner = parse_or();
      if (!is(GrepToken::close)) die("unmatched ( for expression group");
      at_++;
      return inner;
    }
    return nullptr;
  }

  const std::vector<GrepWord>& words_;
  const GrepSettings& settings_;
  std::size_t at_ = 0;
};

std::optional<GrepMatch> find_word(const Matcher& matcher, std::string_view line, std::size_t from, bool word) {
  for (;;) {
    auto match = matcher.find(line, from);
    if (!match || !word) return match;
    const bool starts = match->start == 0 || !is_word_char(line[match->start - 1]);
    const bool ends = match->end == line.size() || !is_word_char(line[match->end]);
    if (match->start == match->end) {
      // Nothing is no word.
    } else if (starts && ends) {
      return match;
    }
    // A match can start only where a word may.
    std::size_t next = match->start;
    if (next < line.size()) next++;
    while (next < line.size() && next > 0 && is_word_char(line[next - 1])) next++;
    if (match->start >= line.size() || next >= line.size()) return std::nullopt;
    from = next;
  }
}

bool evaluate(const GrepExpression& node, std::string_view line, bool word, std::size_t* column) {
  switch (node.kind) {
    case GrepExpression::Kind::atom: {
      auto match = find_word(*node.matcher, line, 0, word);
      if (match && column) *column = std::min(*column, match->start + 1);
      return match.has_value();
    }
    case GrepExpression::Kind::not_: {
      std::size_t ignored = 0;
      return !evaluate(*node.left, line, word, &ignored);
    }
    case GrepExpression::Kind::and_:
      return evaluate(*node.left, line, word, column) && evaluate(*node.right, line, word, column);
    default: {
      // Both are asked where the first column matters.
      const bool a = evaluate(*node.left, line, word, column);
      if (a && !column) return true;
      return evaluate(*node.right, line, word, column) || a;
    }
  }
}

void collect_alternatives(const GrepExpression& node, std::vector<const GrepExpression*>& list) {
  if (node.kind == GrepExpression::Kind::or_) {
    collect_alternatives(*node.left, list);
    collect_alternatives(*node.right, list);
  } else {
    list.push_back(&node);
  }
}
void collect_atoms(const GrepExpression& node, std::vector<const Matcher*>& list) {
  if (node.kind == GrepExpression::Kind::atom) list.push_back(node.matcher.get());
  if (node.left) collect_atoms(*node.left, list);
  if (node.right) collect_atoms(*node.right, list);
}

}  // namespace

Grep::Grep(GrepSettings settings, const std::vector<GrepWord>& words, std::function<void(std::string_view)> write)
    : s_(std::move(settings)), write_(std::move(write)), expression_(ExpressionParser(words, s_).parse()) {}
Grep::~Grep() = default;

bool Grep::matches(std::string_view line, std::vector<bool>* seen, std::size_t* column) const {
  if (seen) {
    std::vector<const GrepExpression*> alternatives;
    collect_alternatives(*expression_, alternatives);
    seen->resize(alternatives.size());
    for (std::size_t i = 0; i < alternatives.size(); i++)
      if (evaluate(*alternatives[i], line, s_.word, nullptr)) (*seen)[i] = true;
  }
  std::size_t first = line.size() + 2;
  const bool hit = evaluate(*expression_, line, s_.word, column ? &first : nullptr);
  if (column) *column = first > line.size() + 1 ? 1 : first;
  return hit;
}

std::optional<GrepMatch> Grep::next_match(std::string_view line, std::size_t from) const {
  std::vector<const Matcher*> atoms;
  collect_atoms(*expression_, atoms);
  std::optional<GrepMatch> best;
  for (const Matcher* atom : atoms) {
    auto match = find_word(*atom, line, from, s_.word);
    if (!match) continue;
    if (!best || match->start < best->start || (match->start == best->start && match->end > best->end)) best = match;
  }
  return best;
}

void Grep::put(std::string_view color, std::string_view text) {
  if (!s_.color || color.empty()) return write_(text);
  write_(color);
  write_(text);
  write_("\033[m");
}

void Grep::show_name(const std::string& name) {
  put(s_.colors.filename, name);
  write_(s_.nul_after_name ? std::string_view("\0", 1) : std::string_view("\n"));
}

void Grep::show_line(const std::string& name, std::string_view line, long number, std::size_t column, char sign) {
  const bool has_context = s_.before || s_.after || s_.function_body;
  if (s_.file_break && last_shown_ == 0) {
    if (show_hunk_mark_) write_("\n");
  } else if (has_context) {
    if (last_shown_ == 0 ? show_hunk_mark_ : number > last_shown_ + 1) {
      put(s_.colors.separator, "--");
      write_("\n");
    }
  }
  if (s_.heading && last_shown_ == 0) {
    put(s_.colors.filename, name);
    write_("\n");
  }
  last_shown_ = number;
  const std::string separator(1, sign);
  auto prefix = [&](std::size_t at_column) {
    if (!s_.heading && s_.show_name) {
      put(s_.colors.filename, name);
      if (s_.nul_after_name)
        write_(std::string_view("\0", 1));
      else
        put(s_.colors.separator, separator);
    }
    if (s_.show_line_number) {
      put(s_.colors.line_number, std::to_string(number));
      put(s_.colors.separator, separator);
    }
    if (s_.show_column && at_column) {
      put(s_.colors.column, std::to_string(at_column));
      put(s_.colors.separator, separator);
    }
  };
  if (!s_.only_matching) prefix(column);
  if (!s_.color && !s_.only_matching) {
    write_(line);
    write_("\n");
    return;
  }
  const bool selected = sign == ':';
  const std::string& plain = selected ? s_.colors.selected : sign == '-' ? s_.colors.context : s_.colors.function;
  const std::string& hit = selected ? s_.colors.match_selected : s_.colors.match_context;
  std::size_t at = 0;
  if (!s_.invert || !selected) {
    if (selected || !s_.only_matching)
      while (at <= line.size() && (sign == ':')) {
        auto match = next_match(line, at);
        if (!match || match->start == match->end) break;
        if (s_.only_matching)
          prefix(match->start + 1);
        else
          put(plain, line.substr(at, match->start - at));
        put(hit, line.substr(match->start, match->end - match->start));
        if (s_.only_matching) write_("\n");
        at = match->end;
      }
  }
  if (!s_.only_matching) {
    if (at < line.size()) put(plain, line.substr(at));
    write_("\n");
  }
}

bool Grep::search(const std::string& name, std::string_view text, bool is_binary, const FuncNameFinder& find_function) {
  last_shown_ = 0;
  bool binary_notice = false;
  if (is_binary && !s_.text) {
    if (s_.skip_binary) return false;
    binary_notice = true;
  }
  std::vector<std::string_view> lines = text_lines(text);
  for (std::string_view& line : lines)
    if (ends_with(line, "\n")) line.remove_suffix(1);
  if (s_.all_match) {
    std::vector<bool> seen;
    for (std::string_view line : lines) matches(line, &seen, nullptr);
    if (seen.empty() || std::find(seen.begin(), seen.end(), false) != seen.end()) {
      if (s_.unmatched_names) {
        show_name(name);
        return true;
      }
      return false;
    }
  }
  auto is_function = [&](std::size_t i) {
    return find_function ? find_function(lines[i]).has_value() : default_func_name(lines[i]).has_value();
  };
  long count = 0;
  long show_until = 0;  // context behind a hit, exclusive, from 0
  long shown_function = -1;
  const long size = static_cast<long>(lines.size());
  for (long i = 0; i < size; i++) {
    const auto at = static_cast<std::size_t>(i);
    std::size_t column = 0;
    bool hit = matches(lines[at], nullptr, &column) != s_.invert;
    if (s_.invert) column = 1;
    if (hit && s_.max_count >= 0 && count >= s_.max_count) hit = false;
    if (hit) {
      count++;
      if (s_.unmatched_names) return false;
      if (s_.quiet) return true;
      if (s_.name_only) {
        show_name(name);
        return true;
      }
      if (s_.count) continue;
      if (binary_notice) {
        write_("Binary file ");
        put(s_.colors.filename, name);
        write_(" matches\n");
        return true;
      }
      long from = i - s_.before;
      if (s_.function_body) {
        long start = i;
        while (start >= 0 && !is_function(static_cast<std::size_t>(start))) start--;
        if (start >= 0) {
          while (start > 0 && !lines[static_cast<std::size_t>(start - 1)].empty() &&
                 !is_function(static_cast<std::size_t>(start - 1)) &&
                 !std::all_of(lines[static_cast<std::size_t>(start - 1)].begin(),
                              lines[static_cast<std::size_t>(start - 1)].end(), is_line_space))
            start--;
          from = std::min(from, start);
        }
        long end = i + 1;
        while (end < size && !is_function(static_cast<std::size_t>(end))) end++;
        if (end < size)
          while (end > i + 1 && std::all_of(lines[static_cast<std::size_t>(end - 1)].begin(),
                                            lines[static_cast<std::size_t>(end - 1)].end(), is_line_space))
            end--;
        show_until = std::max(show_until, end);
      }
      from = std::max({from, 0L, last_shown_});
      if (s_.function_name && !s_.function_body) {
        for (long f = i; f >= 0 && f >= last_shown_ && f > shown_function; f--) {
          if (!is_function(static_cast<std::size_t>(f))) continue;
          if (f < from) {
            show_line(name, lines[static_cast<std::size_t>(f)], f + 1, 0, '=');
            shown_function = f;
          }
          break;
        }
      }
      for (long c = std::max(from, last_shown_); c < i; c++)
        show_line(name, lines[static_cast<std::size_t>(c)], c + 1, 0,
                  (s_.function_body || s_.function_name) && is_function(static_cast<std::size_t>(c)) ? '=' : '-');
      show_line(name, lines[at], i + 1, column, ':');
      show_until = std::max(show_until, i + 1 + s_.after);
    } else if (i < show_until && last_shown_) {
      if (!s_.count) {
        const bool function = (s_.function_body || s_.function_name) && is_function(at);
        show_line(name, lines[at], i + 1, 0, function ? '=' : '-');
      }
    } else if (s_.max_count >= 0 && count >= s_.max_count) {
      break;
    }
  }
  if (s_.unmatched_names) {
    if (!s_.quiet) show_name(name);
    return true;
  }
  if (count) show_hunk_mark_ = true;
  if (s_.count && count && !s_.quiet) {
    if (s_.show_name) {
      put(s_.colors.filename, name);
      if (s_.nul_after_name)
        write_(std::string_view("\0", 1));
      else
        put(s_.colors.separator, ":");
    }
    write_(std::to_string(count) + "\n");
  }
  return count > 0;
}

}  // namespace git
