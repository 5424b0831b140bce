// Ref names beside commits (git-log(1) "--decorate").
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hash/object-id.h"
#include "show/pretty.h"

namespace git {

class Repository;
class RevWalk;

struct DecorationFilter {
  std::vector<std::string> include, exclude, exclude_config;
  bool all_refs = false;  // --clear-decorations
};

class Decorations {
 public:
  enum class Kind : std::uint8_t { none, local_branch, remote_branch, tag, stash, head, grafted, symbol };
  struct Item {
    Kind kind;
    std::string name;
  };
  // `shorten`: "main" rather than "refs/heads/main".
  static std::shared_ptr<Decorations> load(Repository& repo, const DecorationFilter& filter, bool shorten);
  const std::vector<Item>* find(const ObjectId& oid) const;
  // " (HEAD -> main, tag: v1)", "" where there are none.
  std::string format(const ObjectId& oid, const PrettyContext::DecorateOptions& options, bool color) const;

 private:
  std::unordered_map<ObjectId, std::vector<Item>, ObjectIdHash> items_;
  std::string head_branch_;  // full name; "" where detached
  bool shorten_ = true;
  std::string colors_[8];
};

// The default filter: log.initialDecorationSet, log.excludeDecoration.
void read_decoration_config(Repository& repo, DecorationFilter& filter);

}  // namespace git
