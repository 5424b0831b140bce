// A prefix is looked up in the sorted indexes of the object database; how long a default abbreviation is follows
// from the number of objects: half of its bits, in hex digits, keep collisions unlikely.
#include "walk/abbrev.h"

#include <algorithm>

#include "base/date.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "config.h"
#include "odb.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

ObjectType peeled_type(Repository& repo, ObjectId oid) {
  for (int depth = 0; depth < 100; depth++) {
    ObjectType type = repo.odb().type_of(oid);
    if (type != ObjectType::tag) return type;
    Result<ObjectData> tag = repo.odb().read(oid);
    if (!tag) return ObjectType::bad;
    Result<TagHeader> header = parse_tag(tag->data, repo.algo());
    if (!header) return ObjectType::bad;
    oid = header->object;
  }
  return ObjectType::bad;
}

bool fits(Repository& repo, const ObjectId& oid, NameHint hint) {
  switch (hint) {
    case NameHint::none:
      return true;
    case NameHint::commit:
      return repo.odb().type_of(oid) == ObjectType::commit;
    case NameHint::tree:
      return repo.odb().type_of(oid) == ObjectType::tree;
    case NameHint::blob:
      return repo.odb().type_of(oid) == ObjectType::blob;
    case NameHint::committish:
      return peeled_type(repo, oid) == ObjectType::commit;
    case NameHint::treeish: {
      ObjectType type = peeled_type(repo, oid);
      return type == ObjectType::commit || type == ObjectType::tree;
    }
  }
  return false;
}

NameHint configured_hint(Repository& repo) {
  std::optional<std::string> value = repo.config().get_string("core.disambiguate");
  if (!value) return NameHint::none;
  if (*value == "none") return NameHint::none;
  if (*value == "commit") return NameHint::commit;
  if (*value == "committish") return NameHint::committish;
  if (*value == "tree") return NameHint::tree;
  if (*value == "treeish") return NameHint::treeish;
  if (*value == "blob") return NameHint::blob;
  error("unknown hint type for '%s': %s", "core.disambiguate", *value);
  return NameHint::none;
}

std::string first_line(std::string_view message) {
  while (starts_with(message, "\n")) message.remove_prefix(1);
  return std::string(message.substr(0, message.find('\n')));
}

std::string describe_candidate(Repository& repo, const ObjectId& oid) {
  std::string name = unique_abbrev(repo, oid);
  ObjectType type = repo.odb().type_of(oid, kLookupNoFetch);
  if (type == ObjectType::bad) return strf("%s [bad object]", name);
  if (type == ObjectType::tree || type == ObjectType::blob) return strf("%s %s", name, type_name(type));
  Result<ObjectData> data = repo.odb().read(oid);
  if (data && type == ObjectType::commit) {
    if (Result<CommitHeader> commit = parse_commit(data->data, repo.algo())) {
      DateFormat format{DateMode::short_date, false, {}};
      std::optional<IdentLine> author = split_ident_line(commit->author);
      std::string date = author ? show_date(ident_time(*author), ident_tz(*author), format) : "";
      return strf("%s commit %s - %s", name, date, first_line(commit->message));
    }
  }
  if (data && type == ObjectType::tag) {
    if (Result<TagHeader> tag = parse_tag(data->data, repo.algo())) {
      DateFormat format{DateMode::short_date, false, {}};
      std::optional<IdentLine> tagger = split_ident_line(tag->tagger);
      std::string date = tagger ? show_date(ident_time(*tagger), ident_tz(*tagger), format) : "";
      return strf("%s tag %s - %s", name, date, tag->name);
    }
    return strf("%s [bad tag, could not parse it]", name);
  }
  return strf("%s [bad object]", name);
}

int type_rank(ObjectType type) {
  switch (type) {
    case ObjectType::tag:
      return 0;
    case ObjectType::commit:
      return 1;
    case ObjectType::tree:
      return 2;
    case ObjectType::blob:
      return 3;
    default:
      return -1;
  }
}

void report_ambiguity(Repository& repo, std::string_view hex, std::vector<ObjectId> candidates, NameHint hint) {
  error("short object ID %s is ambiguous", hex);
  std::vector<ObjectId> shown;
  for (const ObjectId& oid : candidates)
    if (fits(repo, oid, hint)) shown.push_back(oid);
  if (shown.empty()) shown = std::move(candidates);
  std::vector<std::pair<int, ObjectId>> ranked;
  for (const ObjectId& oid : shown) ranked.push_back({type_rank(repo.odb().type_of(oid, kLookupNoFetch)), oid});
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first != b.first ? a.first < b.first : a.second < b.second; });
  err("hint: The candidates are:\n");
  for (const auto& [rank, oid] : ranked) errf("hint:   %s\n", describe_candidate(repo, oid));
}

std::string padded(std::string_view hex, HashAlgo algo) {
  std::string full = lowercase(hex);
  full.resize(hex_size(algo), '0');
  return full;
}

}  // namespace

std::vector<ObjectId> objects_with_prefix(Repository& repo, std::string_view hex) {
  std::vector<ObjectId> found;
  std::optional<ObjectId> prefix = ObjectId::from_hex(padded(hex, repo.algo()), repo.algo());
  if (!prefix) return found;
  repo.odb().for_each_prefixed(*prefix, hex.size(), [&](const ObjectId& oid) {
    found.push_back(oid);
    return true;
  });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

ShortName find_short_name(Repository& repo, std::string_view hex, NameHint hint, bool quiet, ObjectId& oid) {
  std::vector<ObjectId> found = objects_with_prefix(repo, hex);
  if (found.empty()) {
    repo.odb().reprepare();
    found = objects_with_prefix(repo, hex);
  }
  if (found.empty()) return ShortName::missing;
  if (found.size() == 1) {
    oid = found[0];
    return ShortName::found;
  }
  if (hint == NameHint::none) hint = configured_hint(repo);
  std::size_t fitting = 0;
  if (hint != NameHint::none)
    for (const ObjectId& candidate : found)
      if (fits(repo, candidate, hint)) {
        if (fitting++ == 0) oid = candidate;
      }
  if (fitting == 1) return ShortName::found;
  if (!quiet) report_ambiguity(repo, lowercase(hex), std::move(found), hint);
  return ShortName::ambiguous;
}

int default_abbrev(Repository& repo) {
  int full = static_cast<int>(hex_size(repo.algo()));
  std::optional<std::string> value = repo.config().get_string("core.abbrev");
  if (value && !iequals(*value, "auto")) {
    if (auto off = parse_maybe_bool(value); off && !*off && !parse_int(*value)) return full;
    std::int64_t n = repo.config().get_int64("core.abbrev").value_or(0);
    if (n < kMinimumAbbrev || n > full) die("abbrev length out of range: %d", n);
    return static_cast<int>(n);
  }
  int bits = 0;
  for (std::size_t count = repo.odb().approximate_object_count(); count > 1; count >>= 1) bits++;
  return std::max((bits + 2) / 2, kDefaultAbbrevFloor);
}

std::string unique_abbrev(Repository& repo, const ObjectId& oid, int length) {
  HashAlgo algo = repo.algo();
  if (length < 0) length = default_abbrev(repo);
  std::string hex = oid.hex();
  if (length == 0 || static_cast<std::size_t>(length) >= hex_size(algo)) return hex;
  std::size_t digits = static_cast<std::size_t>(length);
  std::size_t unique = digits;
  repo.odb().for_each_prefixed(oid, digits, [&](const ObjectId& other) {
    if (other == oid) return true;
    std::size_t common = 0;
    const unsigned char *a = oid.data(), *b = other.data();
    while (a[common / 2] == b[common / 2]) common += 2;
    if ((a[common / 2] >> 4) == (b[common / 2] >> 4)) common++;
    unique = std::max(unique, common + 1);
    return true;
  });
  hex.resize(std::min(unique, hex.size()));
  return hex;
}

}  // namespace git
