// --grep, --author, --committer: which commits a walk shows by what their message says.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/regex.h"

namespace git {

class Config;
class Mailmap;
class Repository;
class ReflogWalk;
struct Commit;

class MessageFilter {
 public:
  enum class Syntax : std::uint8_t { basic, extended, fixed, perl };
  Syntax syntax = Syntax::basic;
  bool syntax_set = false;
  bool ignore_case = false, all_match = false, invert = false;
  const Mailmap* mailmap = nullptr;
  ReflogWalk* reflog = nullptr;
  std::string output_encoding = "UTF-8";
  std::function<std::string(const Commit*)> notes;  // searched like the message, where notes are shown

  void add_body(std::string pattern) { body_.push_back(std::move(pattern)); }
  void add_author(std::string pattern) { author_.push_back(std::move(pattern)); }
  void add_committer(std::string pattern) { committer_.push_back(std::move(pattern)); }
  void add_reflog(std::string pattern) { reflog_.push_back(std::move(pattern)); }
  bool empty() const { return body_.empty() && author_.empty() && committer_.empty() && reflog_.empty(); }
  bool has_reflog_pattern() const { return !reflog_.empty(); }
  void read_config(Config& config);  // grep.patternType, grep.extendedRegexp
  void compile();                    // dies on a bad expression
  bool matches(Repository& repo, const Commit* commit) const;
  // The parts of a line that matched the body patterns, for --color.
  const std::vector<std::string>& body_patterns() const { return body_; }

 private:
  struct Matcher;
  using List = std::vector<std::shared_ptr<Matcher>>;
  List compile_list(const std::vector<std::string>& patterns) const;
  std::vector<std::string> body_, author_, committer_, reflog_;
  List body_matchers_, author_matchers_, committer_matchers_, reflog_matchers_;
};

}  // namespace git
