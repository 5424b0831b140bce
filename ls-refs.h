// v2's "ls-refs" (gitprotocol-v2(5)): refs by prefix, found by seeking.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace git {

class Repository;
class ServeV2;

class LsRefsCommand {
 public:
  explicit LsRefsCommand(Repository& repo);
  // "" or "unborn": what stands behind "ls-refs=".
  std::string features() const { return unborn_ == Unborn::ignore || unborn_ == Unborn::allow ? "" : "unborn"; }
  void begin();
  // False where the line means nothing.
  bool argument(std::string_view line);
  void end(ServeV2& machine);

 private:
  enum class Unborn { ignore, allow, advertise };
  Repository& repo_;
  Unborn unborn_;
  std::vector<std::string> prefixes_;
  bool too_many_prefixes_ = false;
  bool symrefs_ = false, peel_ = false, wants_unborn_ = false;
};

}  // namespace git
