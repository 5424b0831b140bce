// Stand-ins for everything in a history that could identify somebody (git-fast-export(1), "ANONYMIZING"): equal
// inputs get equal stand-ins within one export, so that the shape of history and trees stays what it was.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "hash/object-id.h"

namespace git {

class Anonymizer {
 public:
  // From now on `token` becomes `stand_in` wherever it would be replaced as a whole.
  void choose(const std::string& token, const std::string& stand_in) { chosen_[token] = stand_in; }
  bool has_choices() const { return !chosen_.empty(); }

  std::string path(std::string_view path);        // per component
  std::string refname(std::string_view refname);  // per component behind refs/heads/ and the like
  std::string blob() { return "anonymous blob " + std::to_string(blobs_++); }
  std::string commit_message() { return "subject " + std::to_string(messages_++) + "\n\nbody\n"; }
  std::string tag_message(const std::string& message);
  // "Name <mail> time zone" with the name and address replaced.
  std::string ident(std::string_view ident);
  ObjectId oid(const ObjectId& oid);

 private:
  using Table = std::unordered_map<std::string, std::string>;
  std::string replace(Table& table, const std::string& token, const std::function<std::string(std::size_t)>& make);
  std::string replace_components(Table& table, std::string_view text, const char* word);

  std::map<std::string, std::string> chosen_;
  Table paths_, refs_, tags_, idents_;
  std::map<ObjectId, ObjectId> oids_;
  std::uint64_t blobs_ = 0, messages_ = 0;
};

}  // namespace git
