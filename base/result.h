// A value or the reason why there is none, for failures the caller can choose about.
//
//   Result<Tree> tree = parse_tree(bytes);
//   if (!tree) return tree.error();
//   use(*tree);
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/error.h"

namespace git {

enum class ErrorKind : unsigned char {
  missing,    // it isn't there
  corrupt,    // it is there and is not what it should be
  invalid,    // the caller's words are not acceptable
  conflict,   // the state is not what the caller expected, or somebody holds the lock
  io,         // the system said no; the message ends in its reason
  too_large,  // over a limit
};

struct Error {
  ErrorKind kind = ErrorKind::invalid;
  std::string message;  // one line, no "error: " in front
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error e) : state_(std::in_place_index<1>, std::move(e)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& operator*() { return std::get<0>(state_); }
  const T& operator*() const { return std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Error& error() const { return std::get<1>(state_); }
  // The value, or the end of the command with the error's message.
  T take_or_die() && {
    if (!ok()) die("%s", error().message);
    return std::move(std::get<0>(state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error e) : error_(std::move(e)) {}
  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return *error_; }
  void or_die() const {
    if (error_) die("%s", error_->message);
  }

 private:
  std::optional<Error> error_;
};

template <class... Args>
Error make_error(ErrorKind kind, std::string_view format, const Args&... args) {
  return Error{kind, strf(format, args...)};
}

}  // namespace git
