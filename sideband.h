// How a server's progress and messages appear here (git-config(1), "color.remote" and "sideband.allowControlCharacters"):
// "remote: " in front of every line, keywords coloured where asked for, control characters masked.
#pragma once

#include <string>
#include <string_view>

#include "wire/sideband.h"

namespace git {

class Config;

class RemoteText {
 public:
  // `url`: where the words come from, for sideband.<url>.allowControlCharacters.
  explicit RemoteText(Config* config, std::string_view url = {});
  void show(std::string_view piece);       // to stderr
  void finish();                           // a last line without its newline
  void show_error(std::string_view text);  // band 3: a line of its own

 private:
  std::string paint(std::string_view line) const;
  bool use_color_ = false;
  void allow(std::string_view words);
  std::size_t allowed_sequence(std::string_view text) const;

  // What is not masked, by kind of escape sequence.
  enum Allowed : unsigned { kColor = 1, kCursor = 2, kErase = 4, kEverything = 8 };
  unsigned allowed_ = kColor;
  std::string colors_[4];
  SidebandText text_;
};

}  // namespace git
