// Columns are the lines of history that run past the current commit; new columns are those below it. `mapping_` says,
// per screen column, which new column a line that is there now has to reach; collapsing moves lines left one or two
// places a row until each is where it belongs.
#include "show/graph.h"

#include "base/error.h"
#include "base/strings.h"
#include "config.h"
#include "config/color.h"
#include "walk/revisions.h"

namespace git {

Graph::Graph(RevWalk& walk, Config& config, bool use_color, std::function<void(std::string_view)> write)
    : walk_(walk), write_(std::move(write)), use_color_(use_color) {
  if (auto list = config.get_string("log.graphcolors")) {
    for (std::string_view name : split(*list, ',')) {
      if (auto color = parse_color(trim(name)))
        colors_.push_back(*color);
      else
        warning("ignored invalid color '%s' in log.graphColors", trim(name));
    }
  }
  if (colors_.empty()) {
    for (int bold = 0; bold < 2; bold++)
      for (int c : {1, 2, 3, 4, 5, 6}) colors_.push_back(strf("\033[%s%dm", bold ? "1;" : "", 30 + c));
  }
  color_ = colors_.size() - 1;
}

std::vector<Commit*> Graph::interesting_parents(Commit* commit) const {
  std::vector<Commit*> list;
  for (Commit* p : walk_.parents(commit)) {
    bool interesting = walk_.boundary ? (walk_.flags(p) & kRevChildShown) != 0 : walk_.would_show(p);
    if (interesting) list.push_back(p);
    if (walk_.first_parent_only) break;
  }
  return list;
}

int Graph::find_new_column(const Commit* commit) const {
  for (std::size_t i = 0; i < new_columns_.size(); i++)
    if (new_columns_[i].commit == commit) return static_cast<int>(i);
  return -1;
}
std::size_t Graph::color_of(const Commit* commit) const {
  for (const Column& c : columns_)
    if (c.commit == commit) return c.color;
  return use_color_ ? color_ : colors_.size();
}

void Graph::insert_into_new_columns(Commit* commit, int from) {
  int at = find_new_column(commit);
  if (at < 0) {
    at = static_cast<int>(new_columns_.size());
    new_columns_.push_back({commit, color_of(commit)});
  }
  int place;
  if (parents_count() > 1 && from > -1 && merge_layout_ == -1) {
    // The first parent of a merge: does its line lie left of the merge, or straight below?
    int distance = from - at;
    int shift = distance > 1 ? 2 * distance - 3 : 1;
    merge_layout_ = distance > 0 ? 0 : 1;
    edges_added_ = parents_count() + merge_layout_ - 2;
    place = width_ + (merge_layout_ - 1) * shift;
    width_ += 2 * merge_layout_;
  } else if (edges_added_ > 0 && width_ >= 2 && at == mapping_[static_cast<std::size_t>(width_ - 2)]) {
    // The last edge of the merge joins the line beside it at once.
    place = width_ - 2;
    edges_added_ = -1;
  } else {
    place = width_;
    width_ += 2;
  }
  mapping_[static_cast<std::size_t>(place)] = at;
}

void Graph::update_columns() {
  std::swap(columns_, new_columns_);
  new_columns_.clear();
  std::size_t most = columns_.size() + parents_.size();
  mapping_size_ = 2 * most;
  if (mapping_.size() < mapping_size_ + 2) {
    mapping_.resize(mapping_size_ + 2, -1);
    old_mapping_.resize(mapping_size_ + 2, -1);
  }
  for (std::size_t i = 0; i < mapping_.size(); i++) mapping_[i] = -1;
  width_ = 0;
  previous_edges_added_ = edges_added_;
  edges_added_ = 0;
  bool seen = false, in_columns = true;
  const int count = static_cast<int>(columns_.size());
  for (int i = 0; i <= count; i++) {
    Commit* here;
    if (i == count) {
      if (seen) break;
      in_columns = false;
      here = commit_;
    } else {
      here = columns_[static_cast<std::size_t>(i)].commit;
    }
    if (here != commit_) {
      insert_into_new_columns(here, -1);
      continue;
    }
    seen = true;
    commit_index_ = i;
    merge_layout_ = -1;
    for (Commit* p : parents_) {
      if (parents_.size() > 1 || !in_columns) color_ = (color_ + 1) % colors_.size();
      insert_into_new_columns(p, i);
    }
    if (parents_.empty()) width_ += 2;
  }
  while (mapping_size_ > 1 && mapping_[mapping_size_ - 1] < 0) mapping_size_--;
}

bool Graph::needs_pre_commit_row() const {
  return parents_.size() >= 3 && commit_index_ < static_cast<int>(columns_.size()) - 1 && expansion_row_ < dashed_parents() * 2;
}

void Graph::update(Commit* commit) {
  commit_ = commit;
  parents_ = interesting_parents(commit);
  previous_commit_index_ = commit_index_;
  update_columns();
  expansion_row_ = 0;
  if (state_ != State::padding)
    state_ = State::skip;
  else
    state_ = needs_pre_commit_row() ? State::pre_commit : State::commit;
}

void Graph::set_state(State state) {
  previous_state_ = state_;
  state_ = state;
}

bool Graph::is_mapping_correct() const {
  for (std::size_t i = 0; i < mapping_size_; i++)
    if (mapping_[i] >= 0 && mapping_[i] != static_cast<int>(i / 2)) return false;
  return true;
}

// ---- rows ----
void Graph::put(std::string& line, const Column& column, char c) {
  bool colored = column.color < colors_.size();
  if (colored) line += colors_[column.color];
  line += c;
  if (colored) line += kColorReset;
  line_width_++;
}
void Graph::put_text(std::string& line, std::string_view text) {
  line += text;
  line_width_ += static_cast<int>(text.size());
}
void Graph::pad(std::string& line) {
  if (line_width_ < width_) line.append(static_cast<std::size_t>(width_ - line_width_), ' ');
}

void Graph::padding_row(std::string& line) {
  for (const Column& c : new_columns_) {
    put(line, c, '|');
    put(line, ' ');
  }
}

void Graph::pre_commit_row(std::string& line) {
  bool seen = false;
  for (std::size_t i = 0; i < columns_.size(); i++) {
    const Column& c = columns_[i];
    if (c.commit == commit_) {
      seen = true;
      put(line, c, '|');
      put_text(line, std::string(static_cast<std::size_t>(expansion_row_), ' '));
    } else if (seen && expansion_row_ == 0) {
      bool slanted = previous_state_ == State::post_merge && previous_commit_index_ < static_cast<int>(i);
      put(line, c, slanted ? '\\' : '|');
    } else {
      put(line, c, seen ? '\\' : '|');
    }
    put(line, ' ');
  }
  expansion_row_++;
  if (!needs_pre_commit_row()) set_state(State::commit);
}

void Graph::octopus(std::string& line) {
  int count = dashed_parents();
  for (int i = 0; i < count; i++) {
    int j = mapping_[static_cast<std::size_t>((commit_index_ + i + 2) * 2)];
    const Column& c = new_columns_[static_cast<std::size_t>(j)];
    put(line, c, '-');
    put(line, c, i == count - 1 ? '.' : '-');
  }
}

void Graph::commit_row(std::string& line) {
  bool seen = false;
  const int count = static_cast<int>(columns_.size());
  for (int i = 0; i <= count; i++) {
    if (i == count && seen) break;
    const Column* c = i < count ? &columns_[static_cast<std::size_t>(i)] : nullptr;
    Commit* here = c ? c->commit : commit_;
    if (here == commit_) {
      seen = true;
      put_text(line, walk_.flags(commit_) & kRevBoundary ? "o" : walk_.mark(commit_, true));
      if (parents_.size() > 2) octopus(line);
    } else if (seen && edges_added_ > 1) {
      put(line, *c, '\\');
    } else if (seen && edges_added_ == 1) {
      bool slanted = previous_state_ == State::post_merge && previous_edges_added_ > 0 && previous_commit_index_ < i;
      put(line, *c, slanted ? '\\' : '|');
    } else if (previous_state_ == State::collapsing && old_mapping_[static_cast<std::size_t>(2 * i + 1)] == i &&
               mapping_[static_cast<std::size_t>(2 * i)] < i) {
      put(line, *c, '/');
    } else {
      put(line, *c, '|');
    }
    put(line, ' ');
  }
  if (parents_.size() > 1)
    set_state(State::post_merge);
  else
    set_state(is_mapping_correct() ? State::padding : State::collapsing);
}

void Graph::post_merge_row(std::string& line) {
  static constexpr char kEdges[] = {'/', '|', '\\'};
  bool seen = false;
  const Column* parent_column = nullptr;
  const int count = static_cast<int>(columns_.size());
  for (int i = 0; i <= count; i++) {
    if (i == count && seen) break;
    const Column* c = i < count ? &columns_[static_cast<std::size_t>(i)] : nullptr;
    Commit* here = c ? c->commit : commit_;
    if (here == commit_) {
      seen = true;
      int edge = merge_layout_;
      for (std::size_t j = 0; j < parents_.size(); j++) {
        int at = find_new_column(parents_[j]);
        put(line, new_columns_[static_cast<std::size_t>(at)], kEdges[edge]);
        if (edge == 2) {
          if (edges_added_ > 0 || j + 1 < parents_.size()) put(line, ' ');
        } else {
          edge++;
        }
      }
      if (edges_added_ == 0) put(line, ' ');
    } else if (seen) {
      put(line, *c, edges_added_ > 0 ? '\\' : '|');
      put(line, ' ');
    } else {
      put(line, *c, '|');
      if (merge_layout_ != 0 || i != commit_index_ - 1) {
        if (parent_column)
          put(line, *parent_column, '_');
        else
          put(line, ' ');
      }
    }
    if (!parents_.empty() && here == parents_[0]) parent_column = c;
  }
  set_state(is_mapping_correct() ? State::padding : State::collapsing);
}

void Graph::collapsing_row(std::string& line) {
  bool used_horizontal = false;
  int horizontal_edge = -1, horizontal_target = -1;
  std::swap(mapping_, old_mapping_);
  for (std::size_t i = 0; i < mapping_size_; i++) mapping_[i] = -1;
  auto cell = [&](int i) -> int& { return mapping_[static_cast<std::size_t>(i)]; };
  const int size = static_cast<int>(mapping_size_);
  // Only one line a row may run along horizontally.
  auto run_along = [&](int edge, int target, int end) {
    if (horizontal_edge != -1) return;
    horizontal_edge = edge;
    horizontal_target = target;
    for (int j = target * 2 + 3; j < end; j += 2) cell(j) = target;
  };
  for (int i = 0; i < size; i++) {
    int target = old_mapping_[static_cast<std::size_t>(i)];
    if (target < 0) continue;
    if (target * 2 == i) {
      cell(i) = target;
    } else if (cell(i - 1) < 0) {
      cell(i - 1) = target;
      run_along(i, target, i - 2);
    } else if (cell(i - 1) == target) {
      // It joins the line on its left.
    } else {
      cell(i - 2) = target;
      run_along(i - 1, target, i - 2);
    }
  }
  std::copy(mapping_.begin(), mapping_.begin() + size, old_mapping_.begin());
  if (mapping_[mapping_size_ - 1] < 0) mapping_size_--;
  for (int i = 0; i < static_cast<int>(mapping_size_); i++) {
    int target = cell(i);
    if (target < 0) {
      put(line, ' ');
    } else if (target * 2 == i) {
      put(line, new_columns_[static_cast<std::size_t>(target)], '|');
    } else if (target == horizontal_target && i != horizontal_edge - 1) {
      if (i != target * 2 + 3) cell(i) = -1;
      used_horizontal = true;
      put(line, new_columns_[static_cast<std::size_t>(target)], '_');
    } else {
      if (used_horizontal && i < horizontal_edge) cell(i) = -1;
      put(line, new_columns_[static_cast<std::size_t>(target)], '/');
    }
  }
  if (is_mapping_correct()) set_state(State::padding);
}

bool Graph::next_line(std::string& line) {
  if (!commit_) return false;
  line_width_ = 0;
  bool shown = false;
  switch (state_) {
    case State::padding:
      padding_row(line);
      break;
    case State::skip:
      put_text(line, "...");
      set_state(needs_pre_commit_row() ? State::pre_commit : State::commit);
      break;
    case State::pre_commit:
      pre_commit_row(line);
      break;
    case State::commit:
      commit_row(line);
      shown = true;
      break;
    case State::post_merge:
      post_merge_row(line);
      break;
    case State::collapsing:
      collapsing_row(line);
      break;
  }
  pad(line);
  return shown;
}

void Graph::padding_line(std::string& line) {
  if (state_ != State::commit) {
    next_line(line);
    return;
  }
  line_width_ = 0;
  for (const Column& c : columns_) {
    put(line, c, '|');
    if (c.commit == commit_ && parents_.size() > 2)
      put_text(line, std::string((parents_.size() - 2) * 2, ' '));
    else
      put(line, ' ');
  }
  pad(line);
  previous_state_ = State::padding;
}

// ---- showing ----
void Graph::show_commit() {
  if (is_commit_finished()) {
    show_padding();
    return;
  }
  bool shown = false;
  while (!shown && !is_commit_finished()) {
    std::string line = line_prefix;
    shown = next_line(line);
    write_(line);
    if (!shown) write_("\n");
  }
}
void Graph::show_oneline() {
  std::string line = line_prefix;
  next_line(line);
  write_(line);
}
void Graph::show_padding() {
  std::string line = line_prefix;
  padding_line(line);
  write_(line);
}
bool Graph::show_remainder() {
  if (is_commit_finished()) return false;
  for (;;) {
    std::string line = line_prefix;
    next_line(line);
    write_(line);
    if (is_commit_finished()) return true;
    write_("\n");
  }
}
void Graph::show_text(std::string_view text) {
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    std::size_t used = end == std::string_view::npos ? text.size() : end + 1;
    write_(text.substr(0, used));
    text.remove_prefix(used);
    if (!text.empty()) show_oneline();
  }
}
void Graph::show_commit_message(std::string_view text) {
  bool terminated = !text.empty() && text.back() == '\n';
  show_text(text);
  if (is_commit_finished()) return;
  if (!terminated) write_("\n");
  show_remainder();
  if (terminated) write_("\n");
}

}  // namespace git
