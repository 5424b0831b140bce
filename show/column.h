// Lists in columns (git-column(1), git-config(1) "column.*").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace git {

class Config;

struct ColumnStyle {
  enum class When : std::uint8_t { never, always, automatic } when = When::never;
  enum class Layout : std::uint8_t { column, row, plain } layout = Layout::column;
  bool dense = false;

  // Words of column.* and --column; false (after an error message) for an unknown one.
  bool add(std::string_view words);
  // column.ui, then column.<command>.
  void add_config(Config& config, std::string_view command);
  // Decides "auto"; true where columns are wanted.
  bool is_active(bool is_terminal) const { return when == When::always || (when == When::automatic && is_terminal); }
};

struct ColumnLayout {
  std::string indent, newline = "\n";
  int width = 80, padding = 1;
};

std::string format_columns(const std::vector<std::string>& items, const ColumnStyle& style, const ColumnLayout& layout);
int terminal_columns();

}  // namespace git
