// "Content-Encoding: gzip", both ways.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace git {

std::string gzip_bytes(std::string_view bytes);

// Undoes "Content-Encoding: gzip" piece by piece.
class GzipReader {
 public:
  GzipReader();
  ~GzipReader();
  // Appends what `bytes` inflate to, calling `sink` with pieces of bounded size. False where they are no gzip.
  template <class Sink>
  bool feed(std::string_view bytes, Sink&& sink) {
    begin(bytes);
    for (;;) {
      std::string_view piece = step();
      if (!piece.empty()) sink(piece);
      if (has_failed()) return false;
      if (needs_input()) return true;
    }
  }
  bool is_done() const;

 private:
  void begin(std::string_view bytes);
  std::string_view step();
  bool has_failed() const;
  bool needs_input() const;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace git
