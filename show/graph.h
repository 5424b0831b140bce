// "--graph": the lines of history drawn beside the commits.
//
// Every commit takes some rows: "..." where the one before was cut short, rows that make room for an octopus, the
// row with the commit itself, the row where a merge's edges leave, rows in which lines move left to where they belong,
// and then padding for as long as there is text to show.
//
//   skip -> pre_commit -> commit -> post_merge -> collapsing -> padding
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "walk/commit-pool.h"

namespace git {

class Config;
class RevWalk;

class Graph {
 public:
  // `write` gets everything the show_ functions print.
  Graph(RevWalk& walk, Config& config, bool use_color, std::function<void(std::string_view)> write);

  void update(Commit* commit);  // the next commit to be shown
  bool is_commit_finished() const { return state_ == State::padding; }
  // One row without newline; true where it was the commit's own.
  bool next_line(std::string& line);
  void padding_line(std::string& line);
  int width() const { return width_; }

  void show_commit();
  void show_oneline();
  void show_padding();
  bool show_remainder();
  std::string line_prefix;                // in front of every row
  void show_text(std::string_view text);  // later lines behind a row each
  void show_commit_message(std::string_view text);

 private:
  enum class State : std::uint8_t { padding, skip, pre_commit, commit, post_merge, collapsing };
  struct Column {
    Commit* commit;
    std::size_t color;
  };
  std::vector<Commit*> interesting_parents(Commit* commit) const;
  void update_columns();
  void insert_into_new_columns(Commit* commit, int from);
  int find_new_column(const Commit* commit) const;
  std::size_t color_of(const Commit* commit) const;
  void set_state(State state);
  int dashed_parents() const { return parents_count() + merge_layout_ - 3; }
  int parents_count() const { return static_cast<int>(parents_.size()); }
  bool needs_pre_commit_row() const;
  bool is_mapping_correct() const;
  void put(std::string& line, const Column& column, char c);
  void put(std::string& line, char c) {
    line += c;
    line_width_++;
  }
  void put_text(std::string& line, std::string_view text);
  void pad(std::string& line);
  void padding_row(std::string& line);
  void pre_commit_row(std::string& line);
  void commit_row(std::string& line);
  void post_merge_row(std::string& line);
  void collapsing_row(std::string& line);
  void octopus(std::string& line);

  RevWalk& walk_;
  std::function<void(std::string_view)> write_;
  std::vector<std::string> colors_;
  bool use_color_;
  Commit* commit_ = nullptr;
  std::vector<Commit*> parents_;
  std::vector<Column> columns_, new_columns_;
  std::vector<int> mapping_, old_mapping_;
  std::size_t mapping_size_ = 0;
  int width_ = 0, line_width_ = 0;
  int expansion_row_ = 0;
  State state_ = State::padding, previous_state_ = State::padding;
  int commit_index_ = 0, previous_commit_index_ = 0;
  int merge_layout_ = 0;
  int edges_added_ = 0, previous_edges_added_ = 0;
  std::size_t color_ = 0;
};

}  // namespace git
