// What the units of the comparison engine share: both texts as sequences of line classes (equal number: equal line)
// and the marks of changed lines.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "diff/xdiff.h"

namespace git::xdiff {

using LineClass = std::uint32_t;

// One text under comparison. `changed` has a false mark before the first and behind the last line, so
// that runs of marks end without a bounds check.
struct Side {
  std::span<const std::string_view> lines;
  std::vector<LineClass> classes;
  std::vector<char> marks;  // size + 2

  long size() const { return static_cast<long>(classes.size()); }
  bool is_changed(long line) const { return marks[static_cast<std::size_t>(line + 1)] != 0; }
  void set_changed(long line, bool v) { marks[static_cast<std::size_t>(line + 1)] = v; }
  LineClass at(long line) const { return classes[static_cast<std::size_t>(line)]; }
};

struct Env {
  Side one, two;
  std::uint32_t class_count = 0;
  const XdiffParams* params = nullptr;
};

// A range of both texts.
struct Box {
  long start1, count1, start2, count2;
  long end1() const { return start1 + count1; }
  long end2() const { return start2 + count2; }
};

// Each marks the changed lines of `box`.
void run_myers(Env& env, const Box& box);
void run_patience(Env& env, const Box& box);
void run_histogram(Env& env, const Box& box);
// Everything in `box` differs.
void mark_all(Env& env, const Box& box);
// Slides the groups of changed lines of `side` to where people want to see them.
void compact_changes(Side& side, Side& other, unsigned flags);

long bogo_sqrt(long n);

}  // namespace git::xdiff
