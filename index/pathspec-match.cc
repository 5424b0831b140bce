// Matching names with parsed pathspecs.  A literal item matches itself and everything below; a wild one matches whole names.
#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "index.h"
#include "index/attr.h"
#include "index/index-state.h"
#include "index/pathspec.h"
#include "repository.h"

namespace git {
namespace {

bool same_bytes(const PathspecItem& item, std::string_view a, std::string_view b) {
  return item.magic & kMagicIcase ? iequals(a, b) : a == b;
}

bool has_front(const PathspecItem& item, std::string_view name, std::string_view front) {
  return name.size() >= front.size() && same_bytes(item, name.substr(0, front.size()), front);
}

// Is `name` (relative to the item's directory) at most `max_depth` directories deep?
bool within_depth(std::string_view name, int max_depth) {
  if (max_depth < 0) return true;
  return std::count(name.begin(), name.end(), '/') <= max_depth;
}

bool wild_match(const PathspecItem& item, std::string_view pattern, std::string_view name, std::size_t literal) {
  literal = std::min(literal, pattern.size());
  if (!has_front(item, name, pattern.substr(0, literal))) return false;
  pattern.remove_prefix(literal);
  name.remove_prefix(literal);
  if (item.is_one_star) {
    std::string_view tail = pattern.substr(1);
    return name.size() >= tail.size() && same_bytes(item, name.substr(name.size() - tail.size()), tail);
  }
  unsigned flags =
      (item.magic & kMagicGlob ? unsigned{kWildPathname} : 0u) | (item.magic & kMagicIcase ? unsigned{kWildCaseFold} : 0u);
  return wildmatch(pattern, name, flags);
}

bool attrs_match(AttributeReader& reader, const PathspecItem& item, std::string_view name, bool is_directory) {
  std::string path(name);
  if (is_directory && (path.empty() || path.back() != '/')) path += '/';
  for (const PathspecAttr& test : item.attrs) {
    AttrValue value = reader.get(path, test.name);
    bool ok = test.mode == PathspecAttr::Mode::set     ? value.is_set()
              : test.mode == PathspecAttr::Mode::unset ? value.is_unset()
              : test.mode == PathspecAttr::Mode::value ? value.has_value() && value.value == test.value
                                                       : value.is_unspecified();
    if (!ok) return false;
  }
  return true;
}

int match_leading(const PathspecItem& item, std::string_view match, std::string_view name, std::size_t skipped) {
  std::size_t offset = !name.empty() && name.back() == '/' ? 1 : 0;
  if (name.size() < match.size() && name.size() >= offset && match[name.size() - offset] == '/' &&
      same_bytes(item, match.substr(0, name.size()), name))
    return kMatchedRecursivelyWithLeading;
  if (!item.is_wild()) return kMatchedNot;
  std::size_t literal = item.nowildcard_length - std::min(skipped, item.nowildcard_length);
  std::size_t n = std::min(literal, name.size());
  if (!same_bytes(item, match.substr(0, n), name.substr(0, n))) return kMatchedNot;
  if (n < literal && name.back() != '/' && match[n] != '/') return kMatchedNot;
  return kMatchedRecursivelyWithLeading;
}

int match_item(Index* index, const PathspecItem& item, std::string_view name, const MatchPathspecOptions& options) {
  std::size_t skipped = std::min(options.prefix_length, item.match.size());
  if ((item.magic & kMagicIcase) && item.prefix_length && item.prefix_length > options.prefix_length &&
      std::string_view(item.match).substr(0, item.prefix_length) != name.substr(0, item.prefix_length))
    return kMatchedNot;
  if (!item.attrs.empty()) {
    if (!index) return kMatchedNot;
    IndexInternals& in = index->internals();
    if (!in.converter) in.converter = std::make_unique<Converter>(index->repo(), index);
    if (!attrs_match(in.converter->attribute_reader(), item, name, options.is_directory)) return kMatchedNot;
  }
  std::string_view match = std::string_view(item.match).substr(skipped);
  name.remove_prefix(std::min(skipped, name.size()));
  if (match.empty()) return kMatchedRecursively;
  if (has_front(item, name, match)) {
    if (match.size() == name.size()) return kMatchedExactly;
    if (match.back() == '/' || name[match.size()] == '/') return kMatchedRecursively;
  } else if (options.is_directory && match.back() == '/' && name.size() == match.size() - 1 &&
             same_bytes(item, match.substr(0, name.size()), name)) {
    return kMatchedExactly;
  }
  if (item.is_wild() && wild_match(item, match, name, item.nowildcard_length - std::min(skipped, item.nowildcard_length)))
    return kMatchedFnmatch;
  return options.leading && !name.empty() ? match_leading(item, match, name, skipped) : int{kMatchedNot};
}

int match_items(Index* index, const Pathspec& spec, std::string_view name, const MatchPathspecOptions& options, bool exclude) {
  int best = 0;
  if (options.seen && options.seen->size() < spec.items.size()) options.seen->resize(spec.items.size());
  for (std::size_t i = 0; i < spec.items.size(); ++i) {
    const PathspecItem& item = spec.items[i];
    if (exclude != static_cast<bool>(item.magic & kMagicExclude)) continue;
    int how = match_item(index, item, name, options);
    if (how && (spec.magic & kMagicMaxDepth) && spec.max_depth >= 0 && how != kMatchedFnmatch && how != kMatchedExactly) {
      std::string_view below = name.substr(std::min(name.size(), item.match.size()));
      if (!below.empty() && below[0] == '/') below.remove_prefix(1);
      if (!within_depth(below, spec.max_depth)) how = kMatchedNot;
    }
    if (!how) continue;
    best = std::max(best, how);
    if (options.seen && (*options.seen)[i] < how) (*options.seen)[i] = static_cast<std::uint8_t>(how);
  }
  return best;
}

}  // namespace

int match_pathspec(Index* index, const Pathspec& spec, std::string_view name, const MatchPathspecOptions& options) {
  if (spec.empty()) {
    if (!(spec.magic & kMagicMaxDepth) || within_depth(name, spec.max_depth)) return kMatchedRecursively;
    return kMatchedNot;
  }
  int positive = match_items(index, spec, name, options, false);
  if (!(spec.magic & kMagicExclude) || !positive) return positive;
  MatchPathspecOptions exclude = options;
  exclude.leading = false;
  return match_items(index, spec, name, exclude, true) ? int{kMatchedNot} : positive;
}

void die_path_inside_submodule(Index& index, const Pathspec& spec) {
  for (const auto& e : index.entries()) {
    if (!is_gitlink_mode(e->mode)) continue;
    for (const PathspecItem& item : spec.items)
      if (item.match.size() > e->path.size() + 1 && item.match[e->path.size()] == '/' && starts_with(item.match, e->path))
        die("Pathspec '%s' is in submodule '%s'", item.original, e->path);
  }
}

bool index_entry_path_match(Index& index, const Pathspec& spec, std::string_view path, std::uint32_t mode,
                            std::vector<std::uint8_t>* seen) {
  MatchPathspecOptions options;
  options.seen = seen;
  options.is_directory = is_tree_mode(mode) || is_gitlink_mode(mode);
  return match_pathspec(&index, spec, path, options) != 0;
}

namespace {

// How one item looks at one tree entry.
Interest item_interest(AttributeReader* attrs, const Pathspec& spec, const PathspecItem& item, std::string_view base,
                       std::string_view name, std::uint32_t mode, bool recursive) {
  bool is_dir = is_tree_mode(mode), dir_like = is_dir || is_gitlink_mode(mode);
  std::string full = std::string(base) + std::string(name);
  std::string_view match = item.match;
  bool has_attrs = !item.attrs.empty();
  auto yes = [&](Interest interest) {
    if (!has_attrs) return interest;
    if (is_dir) return Interest::yes;
    return attrs && attrs_match(*attrs, item, full, dir_like) ? Interest::yes : Interest::no;
  };
  if ((item.magic & kMagicIcase) && item.prefix_length) {
    std::string_view fixed = match.substr(0, item.prefix_length);
    std::size_t n = std::min(fixed.size(), full.size());
    if (fixed.substr(0, n) != std::string_view(full).substr(0, n)) return Interest::no;
  }
  bool below = match.empty() || (has_front(item, base, match) &&
                                 (match.back() == '/' || base.size() == match.size() || base[match.size()] == '/'));
  if (below) {
    if (!(spec.magic & kMagicMaxDepth) || spec.max_depth < 0) return yes(Interest::all);
    std::string_view rest = std::string_view(full).substr(match.size());
    if (!rest.empty() && rest[0] == '/') rest.remove_prefix(1);
    return within_depth(rest, spec.max_depth) ? yes(Interest::yes) : Interest::no;
  }
  if (has_front(item, match, base)) {
    std::string_view rest = match.substr(base.size());
    if (has_front(item, rest, name)) {
      if (rest.size() == name.size()) return yes(Interest::yes);
      if (rest[name.size()] == '/' && (is_dir || (dir_like && rest.size() == name.size() + 1))) return yes(Interest::yes);
    }
  }
  if (!item.is_wild()) return Interest::no;
  if (wild_match(item, match, full, item.nowildcard_length)) return yes(Interest::yes);
  if (!is_dir || !recursive) return Interest::no;
  // Can something below match?
  std::string below_full = full + "/";
  std::size_t n = std::min(below_full.size(), item.nowildcard_length);
  return same_bytes(item, match.substr(0, n), std::string_view(below_full).substr(0, n)) ? Interest::yes : Interest::no;
}

// An excluding item takes a directory away only where it takes everything in it.
bool item_excludes(AttributeReader* attrs, const Pathspec& spec, const PathspecItem& item, std::string_view base,
                   std::string_view name, std::uint32_t mode) {
  if (!is_tree_mode(mode)) return item_interest(attrs, spec, item, base, name, mode, false) > Interest::no;
  if (!item.attrs.empty()) return false;
  std::string full = std::string(base) + std::string(name);
  std::string_view match = item.match;
  if (match.empty()) return true;
  if (match.back() == '/') match.remove_suffix(1);
  if (!item.is_wild() && has_front(item, full, match) && (full.size() == match.size() || full[match.size()] == '/')) return true;
  return item.is_wild() && item.is_one_star && item.match.back() == '*' &&
         has_front(item, full, match.substr(0, item.nowildcard_length));
}

}  // namespace

Interest tree_entry_interesting(Repository& repo, const Pathspec& spec, std::string_view base, std::string_view name,
                                std::uint32_t mode, bool recursive, AttributeReader* attributes) {
  if (spec.empty()) {
    if (!(spec.magic & kMagicMaxDepth) || spec.max_depth < 0) return Interest::all;
    return within_depth(std::string(base) + std::string(name), spec.max_depth) ? Interest::yes : Interest::no;
  }
  std::optional<AttributeReader> own;
  if ((spec.magic & kMagicAttr) && !attributes) attributes = &own.emplace(repo);
  AttributeReader* reader = spec.magic & kMagicAttr ? attributes : nullptr;
  Interest best = Interest::no;
  for (const PathspecItem& item : spec.items)
    if (!(item.magic & kMagicExclude)) best = std::max(best, item_interest(reader, spec, item, base, name, mode, recursive));
  if (best <= Interest::no || !(spec.magic & kMagicExclude)) return best;
  for (const PathspecItem& item : spec.items)
    if ((item.magic & kMagicExclude) && item_excludes(reader, spec, item, base, name, mode)) return Interest::no;
  return Interest::yes;
}

}  // namespace git
