// --color-moved: a removed line that was added elsewhere (or the other way round) is moved. Lines are looked up by
// content; runs of them that match one place on the other side are blocks, and neighbouring blocks alternate in colour.
#include <algorithm>
#include <unordered_map>

#include "base/strings.h"
#include "diff/emit.h"
#include "diff/xdiff.h"

namespace git {
namespace {

constexpr int kMinAlnum = 20;

}  // namespace

struct MovedLines::Impl {
  using Symbol = PatchWriter::Symbol;
  struct Entry {
    std::size_t symbol;
    long next_line = -1;  // entry of the line behind, of the same sign; -1 where there is none
    int id = 0;           // equal content, equal number
    int indent_width = 0, indent_off = 0;
  };
  struct Match {
    long entry;
    int indent_delta = 0;
  };
  static constexpr int kBlankIndent = -1000000;

  DiffOptions& options;
  std::vector<Symbol>& symbols;
  std::vector<Entry> entries;                                 // of '+' and '-' lines
  std::unordered_map<std::size_t, long> entry_of;             // by symbol
  std::unordered_map<int, std::vector<long>> added, removed;  // by id, in order

  bool by_indent() const { return options.color_moved_ws & kMovedWsAllowIndentation; }

  void fill_indent(Entry& entry) const {
    std::string_view s = symbols[entry.symbol].bytes;
    const int tab = static_cast<int>(symbols[entry.symbol].rule & 077);
    int width = 0;
    std::size_t off = 0;
    while (off < s.size() && (s[off] == '\f' || s[off] == '\v')) off++;
    while (off < s.size()) {
      if (s[off] == ' ') {
        width++;
        off++;
      } else if (s[off] == '\t') {
        width += tab - (width % tab);
        off++;
        while (off < s.size() && s[off] == '\t') {
          width += tab;
          off++;
        }
      } else {
        break;
      }
    }
    const bool blank = std::all_of(s.begin() + static_cast<std::ptrdiff_t>(off), s.end(), is_line_space);
    entry.indent_width = blank ? kBlankIndent : width;
    entry.indent_off = static_cast<int>(blank ? s.size() : off);
  }

  void collect() {
    std::unordered_map<std::string, int> ids;
    long previous = -1;
    for (std::size_t i = 0; i < symbols.size(); i++) {
      const char kind = symbols[i].kind;
      if (kind != '+' && kind != '-') {
        previous = -1;
        continue;
      }
      Entry entry{i};
      std::string_view content = symbols[i].bytes;
      if (by_indent()) {
        fill_indent(entry);
        content.remove_prefix(static_cast<std::size_t>(entry.indent_off));
      }
      std::string key = line_key(content, options.color_moved_ws & kXdfWhitespaceFlags);
      entry.id = ids.try_emplace(std::move(key), static_cast<int>(ids.size())).first->second;
      const long number = static_cast<long>(entries.size());
      if (previous >= 0 && symbols[entries[static_cast<std::size_t>(previous)].symbol].kind == kind)
        entries[static_cast<std::size_t>(previous)].next_line = number;
      entries.push_back(entry);
      entry_of[i] = number;
      (kind == '+' ? added : removed)[entry.id].push_back(number);
      previous = number;
    }
  }

  const Entry& entry(long n) const { return entries[static_cast<std::size_t>(n)]; }

  // Does the line at `current` continue the block?
  bool continues(const Match& match, const Entry& current, long next) const {
    if (next < 0 || entry(next).id != current.id) return false;
    if (!by_indent()) return true;
    const Entry& other = entry(next);
    if (current.indent_width == kBlankIndent && other.indent_width == kBlankIndent) return true;
    const int delta = symbols[current.symbol].kind == '+' ? current.indent_width - other.indent_width
                                                          : other.indent_width - current.indent_width;
    return delta == match.indent_delta || match.indent_delta == kBlankIndent;
  }

  std::vector<Match> start_block(const Entry& current, const std::vector<long>& candidates) const {
    std::vector<Match> block;
    for (long candidate : candidates) {
      Match match{candidate};
      if (by_indent()) {
        const Entry& other = entry(candidate);
        if (other.indent_width == kBlankIndent || current.indent_width == kBlankIndent)
          match.indent_delta = kBlankIndent;
        else
          match.indent_delta = symbols[current.symbol].kind == '+' ? current.indent_width - other.indent_width
                                                                   : other.indent_width - current.indent_width;
      }
      block.push_back(match);
    }
    return block;
  }

  // Blocks with too few letters are no blocks. Tells whether the block up to `end` (exclusive) stays.
  bool adjust_last_block(std::size_t end, int length) {
    if (options.color_moved == ColorMoved::plain) return length != 0;
    int alnum = 0;
    for (int i = 1; i <= length; i++)
      for (char c : symbols[end - static_cast<std::size_t>(i)].bytes) {
        if (!is_alnum(c)) continue;
        if (++alnum >= kMinAlnum) return true;
      }
    for (int i = 1; i <= length; i++) symbols[end - static_cast<std::size_t>(i)].moved = 0;
    return false;
  }

  void mark() {
    collect();
    std::vector<Match> block;
    bool flipped = false;
    int length = 0;
    char block_kind = 0;
    const bool plain = options.color_moved == ColorMoved::plain;
    std::size_t n = 0;
    for (; n < symbols.size(); n++) {
      Symbol& symbol = symbols[n];
      const std::vector<long>* candidates = nullptr;
      static const std::vector<long> kNone;
      if (symbol.kind == '+' || symbol.kind == '-') {
        const Entry& current = entry(entry_of[n]);
        auto& other = symbol.kind == '+' ? removed : added;
        auto it = other.find(current.id);
        candidates = it == other.end() ? &kNone : &it->second;
      } else {
        flipped = false;
      }
      if (!block.empty() && (!candidates || candidates->empty() || symbol.kind != block_kind)) {
        if (!adjust_last_block(n, length) && length > 1) {
          // The block is broken up: look at its lines again, from the second one.
          candidates = nullptr;
          n -= static_cast<std::size_t>(length);
        }
        block.clear();
        length = 0;
        flipped = false;
      }
      if (!candidates || candidates->empty()) {
        block_kind = 0;
        if (!candidates || symbol.kind == '+' || symbol.kind == '-') continue;
        continue;
      }
      if (plain) {
        symbol.moved |= kMovedLine;
        continue;
      }
      const Entry& current = entry(entry_of[n]);
      std::vector<Match> going_on;
      for (const Match& match : block) {
        const long next = entry(match.entry).next_line;
        if (!continues(match, current, next)) continue;
        Match moved_on{next, match.indent_delta};
        if (by_indent() && match.indent_delta == kBlankIndent && current.indent_width != kBlankIndent &&
            entry(next).indent_width != kBlankIndent)
          moved_on.indent_delta = symbol.kind == '+' ? current.indent_width - entry(next).indent_width
                                                     : entry(next).indent_width - current.indent_width;
        going_on.push_back(moved_on);
      }
      const bool had_block = !block.empty();
      block = std::move(going_on);
      if (block.empty()) {
        const bool contiguous = had_block && adjust_last_block(n, length);
        if (had_block && !contiguous && length > 1)
          n -= static_cast<std::size_t>(length);
        else
          block = start_block(entry(entry_of[n]), *candidates);
        if (!had_block || true) {
          if (contiguous && !block.empty() && block_kind == symbol.kind)
            flipped = !flipped;
          else
            flipped = false;
        }
        length = 0;
      }
      if (!block.empty()) {
        block_kind = symbol.kind;
        length++;
        symbol.moved |= kMovedLine;
        if (flipped && options.color_moved != ColorMoved::blocks) symbol.moved |= kMovedAlternative;
      } else {
        block_kind = 0;
      }
    }
    if (!block.empty() || plain) adjust_last_block(n, length);
  }

  // zebra-dimmed: only the borders of blocks where two meet keep their colour.
  void dim() {
    constexpr unsigned kZebra = kMovedLine | kMovedAlternative;
    for (std::size_t n = 0; n < symbols.size(); n++) {
      Symbol& symbol = symbols[n];
      if (symbol.kind != '+' && symbol.kind != '-') continue;
      const Symbol* previous = n ? &symbols[n - 1] : nullptr;
      if (previous && previous->kind != '+' && previous->kind != '-') previous = nullptr;
      const Symbol* next = n + 1 < symbols.size() ? &symbols[n + 1] : nullptr;
      if (next && next->kind != '+' && next->kind != '-') next = nullptr;
      if (!(symbol.moved & kMovedLine)) continue;
      if (previous && (previous->moved & kZebra & kMovedLine) && (previous->moved & kZebra) != (symbol.moved & kZebra)) continue;
      if (next && (next->moved & kMovedLine) && (next->moved & kZebra) != (symbol.moved & kZebra)) continue;
      symbol.moved |= kMovedUninteresting;
    }
  }
};

void MovedLines::mark(DiffOptions& options, std::vector<PatchWriter::Symbol>& symbols) {
  Impl impl{options, symbols, {}, {}, {}, {}};
  impl.mark();
  if (options.color_moved == ColorMoved::zebra_dim) impl.dim();
}

}  // namespace git
