// All columns are as wide as the widest item, unless "dense" tries fewer rows with columns of their own widths.
#include "show/column.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "base/env.h"
#include "base/error.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "config.h"

namespace git {

bool ColumnStyle::add(std::string_view words) {
  bool said_when = false, said_layout = false;
  while (!words.empty()) {
    std::size_t end = words.find_first_of(", ");
    std::string_view word = words.substr(0, end);
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
    if (word.empty()) continue;
    if (word == "always" || word == "never" || word == "auto") {
      when = word == "always" ? When::always : word == "never" ? When::never : When::automatic;
      said_when = true;
    } else if (word == "plain" || word == "column" || word == "row") {
      layout = word == "plain" ? Layout::plain : word == "column" ? Layout::column : Layout::row;
      said_layout = true;
    } else if (word == "dense" || word == "nodense") {
      dense = word == "dense";
    } else {
      return error("unsupported option '%s'", word) == 0;
    }
  }
  if (said_layout && !said_when) when = When::always;
  return true;
}

void ColumnStyle::add_config(Config& config, std::string_view command) {
  for (const std::string& key : {std::string("column.ui"), "column." + std::string(command)})
    if (std::optional<std::string> words = config.get_string(key))
      if (!add(*words)) die("invalid column.%s mode %s", key.substr(7), *words);
}

namespace {

class Table {
 public:
  Table(const std::vector<std::string>& items, const ColumnStyle& style, const ColumnLayout& layout)
      : items_(items), style_(style), layout_(layout) {
    for (const std::string& item : items) lengths_.push_back(utf8_width_no_ansi(item));
    int cell = *std::max_element(lengths_.begin(), lengths_.end()) + layout.padding;
    auto room = static_cast<std::size_t>(std::max(0, layout.width - static_cast<int>(layout.indent.size())));
    columns_ = std::max<std::size_t>(1, room / static_cast<std::size_t>(cell));
    rows_ = rows_for(columns_);
    widths_.assign(columns_, cell);
    if (style.dense) shrink();
  }

  std::string format() const {
    std::string text;
    for (std::size_t y = 0; y < rows_; ++y)
      for (std::size_t x = 0; x < columns_; ++x) {
        std::size_t i = index(x, y);
        if (i >= items_.size()) break;
        if (x == 0) text += layout_.indent;
        text += items_[i];
        bool is_last = x + 1 == columns_ || index(x + 1, y) >= items_.size();
        if (is_last) {
          text += layout_.newline;
          break;
        }
        text.append(static_cast<std::size_t>(std::max(0, widths_[x] - lengths_[i])), ' ');
      }
    return text;
  }

 private:
  std::size_t rows_for(std::size_t columns) const { return (items_.size() + columns - 1) / columns; }
  std::size_t index(std::size_t x, std::size_t y) const {
    return style_.layout == ColumnStyle::Layout::column ? x * rows_ + y : y * columns_ + x;
  }
  std::vector<int> own_widths() const {
    std::vector<int> widths(columns_, 0);
    for (std::size_t y = 0; y < rows_; ++y)
      for (std::size_t x = 0; x < columns_; ++x)
        if (index(x, y) < items_.size()) widths[x] = std::max(widths[x], lengths_[index(x, y)] + layout_.padding);
    return widths;
  }
  void shrink() {
    while (rows_ > 1) {
      std::size_t rows = rows_, columns = columns_;
      --rows_;
      columns_ = (items_.size() + rows_ - 1) / rows_;
      int total = static_cast<int>(layout_.indent.size());
      for (int width : own_widths()) total += width;
      if (total <= layout_.width) continue;
      rows_ = rows;
      columns_ = columns;
      break;
    }
    widths_ = own_widths();
  }

  const std::vector<std::string>& items_;
  const ColumnStyle& style_;
  const ColumnLayout& layout_;
  std::vector<int> lengths_, widths_;
  std::size_t columns_ = 1, rows_ = 1;
};

}  // namespace

std::string format_columns(const std::vector<std::string>& items, const ColumnStyle& style, const ColumnLayout& layout) {
  if (items.empty()) return "";
  if (style.layout != ColumnStyle::Layout::plain) return Table(items, style, layout).format();
  std::string text;
  for (const std::string& item : items) text += layout.indent + item + layout.newline;
  return text;
}

int terminal_columns() {
  if (std::optional<std::string> text = get_env("COLUMNS"))
    if (std::optional<std::uint64_t> n = parse_uint(*text); n && *n > 0 && *n < 100000) return static_cast<int>(*n);
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col) return size.ws_col;
  return 80;
}

}  // namespace git
