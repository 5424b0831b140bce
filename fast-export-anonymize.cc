// Each kind of name has a table of its own and is numbered in the order of appearance: "path0/path1" says as much about
// a tree as its real names would, as far as reproducing a bug goes.  Commit messages and blobs are not looked up, for
// two equal ones tell nothing that would be missed.
#include "fast-export-anonymize.h"

#include "base/strings.h"
#include "object/object.h"

namespace git {

std::string Anonymizer::replace(Table& table, const std::string& token, const std::function<std::string(std::size_t)>& make) {
  if (auto found = table.find(token); found != table.end()) return found->second;
  auto chosen = chosen_.find(token);
  // Numbered by what was made up so far: chosen names don't count, but numbers never repeat either way.
  return table[token] = chosen != chosen_.end() ? chosen->second : make(table.size());
}

std::string Anonymizer::replace_components(Table& table, std::string_view text, const char* word) {
  std::string result;
  for (std::string_view part : split(text, '/')) {
    if (!result.empty()) result += '/';
    result += replace(table, std::string(part), [word](std::size_t n) { return word + std::to_string(n); });
  }
  return result;
}

std::string Anonymizer::path(std::string_view path) { return replace_components(paths_, path, "path"); }

std::string Anonymizer::refname(std::string_view refname) {
  for (std::string_view prefix : {"refs/heads/", "refs/tags/", "refs/remotes/", "refs/"})
    if (skip_prefix(refname, prefix)) return std::string(prefix) + replace_components(refs_, refname, "ref");
  return replace_components(refs_, refname, "ref");
}

std::string Anonymizer::tag_message(const std::string& message) {
  return replace(tags_, message, [](std::size_t n) { return "tag message " + std::to_string(n); });
}

std::string Anonymizer::ident(std::string_view ident) {
  auto parts = split_ident_line(ident);
  // Where there is no telling name from date, nothing of it may be kept.
  if (!parts || parts->date.empty()) return "Malformed Ident <malformed@example.com> 0 +0000";
  std::string who = std::string(parts->name) + " <" + std::string(parts->mail) + ">";
  std::string stand_in = replace(idents_, who, [](std::size_t n) {
    const std::string number = std::to_string(n);
    return "User " + number + " <user" + number + "@example.com>";
  });
  return stand_in + " " + std::string(parts->date) + " " + std::string(parts->tz);
}

ObjectId Anonymizer::oid(const ObjectId& oid) {
  if (auto found = oids_.find(oid); found != oids_.end()) return found->second;
  std::string raw(raw_size(oid.algo()), '\0');
  std::size_t number = oids_.size() + 1;
  for (std::size_t i = 0; i < 4; i++) raw[raw.size() - 1 - i] = static_cast<char>(number >> (8 * i) & 0xff);
  return oids_.emplace(oid, ObjectId::from_raw(raw, oid.algo())).first->second;
}

}  // namespace git
