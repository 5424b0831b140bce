// Refspecs (git-fetch(1), git-push(1)): "[+]<src>:<dst>", patterns with one '*', "^<pattern>" to leave out, ":" for
// matching branches.  Parsing and mapping names; which refs exist is not known here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"

namespace git {

struct RefspecItem {
  bool force = false;
  bool is_pattern = false;
  bool is_matching = false;   // ":" or "+:"
  bool is_exact_oid = false;  // the source of a fetch is an object name
  bool is_negative = false;
  std::optional<std::string> src;  // absent: deletion (push), or HEAD (fetch)
  std::optional<std::string> dst;  // absent: no ':' was there
  std::string raw;
};

// nullopt where it is malformed.
std::optional<RefspecItem> parse_refspec(std::string_view text, bool is_fetch);
bool is_valid_refspec(std::string_view text, bool is_fetch);

class Refspec {
 public:
  explicit Refspec(bool is_fetch) : is_fetch_(is_fetch) {}
  void append(std::string_view text);  // dies "invalid refspec '%s'"
  void append(const std::vector<std::string>& texts);
  void add(RefspecItem item) { items_.push_back(std::move(item)); }
  const std::vector<RefspecItem>& items() const { return items_; }
  std::vector<RefspecItem>& items() { return items_; }
  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }
  void clear() { items_.clear(); }
  bool is_fetch() const { return is_fetch_; }
  // What a v2 server should list for these.
  void add_ref_prefixes(std::vector<std::string>& prefixes) const;

 private:
  bool is_fetch_;
  std::vector<RefspecItem> items_;
};

// `name` matched against "a/*b"; `*replaced` gets `value` with what '*' stood for.
bool match_refspec_pattern(std::string_view pattern, std::string_view name, std::string_view value = {},
                           std::string* replaced = nullptr);
bool is_omitted_by_negative(const Refspec& refspec, std::string_view name);
// All places that `src` goes to.
std::vector<std::string> refspec_destinations(const Refspec& refspec, std::string_view src);
std::optional<std::string> refspec_destination(const Refspec& refspec, std::string_view src);
// The sources of `dst`.
std::vector<RefspecItem> find_refspecs_by_destination(const Refspec& refspec, std::string_view dst);
void expand_ref_prefix(std::vector<std::string>& prefixes, std::string_view name);

}  // namespace git
