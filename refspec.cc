// What is allowed differs between the two directions: the source of a fetch and the destination of a push are names of
// refs elsewhere, the source of a push is any object expression.
#include "refspec.h"

#include "base/error.h"
#include "base/strings.h"
#include "refs.h"

namespace git {

namespace {

bool has_valid_fetch_names(RefspecItem& item, unsigned flags) {
  const std::string& src = *item.src;
  if (src.empty()) {
    // no source is HEAD
  } else if (!item.is_pattern && (ObjectId::from_hex(src, HashAlgo::sha1) || ObjectId::from_hex(src, HashAlgo::sha256))) {
    item.is_exact_oid = true;
  } else if (!check_refname_format(src, flags)) {
    return false;
  }
  return !item.dst || item.dst->empty() || check_refname_format(*item.dst, flags);
}

bool has_valid_push_names(const RefspecItem& item, unsigned flags) {
  if (item.src && !item.src->empty() && item.is_pattern && !check_refname_format(*item.src, flags)) return false;
  if (!item.dst) return item.src && check_refname_format(*item.src, flags);
  if (item.dst->empty()) return false;
  return check_refname_format(*item.dst, flags);
}

bool parse_negative(RefspecItem& item, std::string_view text) {
  if (text.find(':') != std::string_view::npos) return false;
  item.is_negative = true;
  if (text.empty()) return false;
  item.src = std::string(text);
  item.is_pattern = text.find('*') != std::string_view::npos;
  if (ObjectId::from_hex(text, HashAlgo::sha1) || ObjectId::from_hex(text, HashAlgo::sha256)) return false;
  return check_refname_format(text, kRefnameAllowOneLevel | (item.is_pattern ? kRefnameRefspecPattern : 0u));
}

}  // namespace

std::optional<RefspecItem> parse_refspec(std::string_view text, bool is_fetch) {
  RefspecItem item;
  item.raw = text;
  std::string_view rest = text;
  if (skip_prefix(rest, "+")) {
    item.force = true;
  } else if (skip_prefix(rest, "^")) {
    if (!parse_negative(item, rest)) return std::nullopt;
    return item;
  }
  std::size_t colon = rest.rfind(':');
  if (!is_fetch && rest == ":") {
    item.is_matching = true;
    return item;
  }
  bool dst_pattern = false;
  if (colon != std::string_view::npos) {
    item.dst = std::string(rest.substr(colon + 1));
    dst_pattern = item.dst->find('*') != std::string::npos;
  }
  std::string src(rest.substr(0, colon));
  bool src_pattern = src.find('*') != std::string::npos;
  if (src_pattern) {
    if (item.dst && !dst_pattern) return std::nullopt;
    item.is_pattern = true;
  } else if (dst_pattern) {
    return std::nullopt;
  }
  item.src = src == "@" ? "HEAD" : src;
  unsigned flags = kRefnameAllowOneLevel | (item.is_pattern ? kRefnameRefspecPattern : 0u);
  if (is_fetch ? !has_valid_fetch_names(item, flags) : !has_valid_push_names(item, flags)) return std::nullopt;
  if (!is_fetch && src.empty()) item.src.reset();
  return item;
}

bool is_valid_refspec(std::string_view text, bool is_fetch) { return parse_refspec(text, is_fetch).has_value(); }

void Refspec::append(std::string_view text) {
  auto item = parse_refspec(text, is_fetch_);
  if (!item) die(_("invalid refspec '%s'"), text);
  items_.push_back(std::move(*item));
}

void Refspec::append(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) append(text);
}

void expand_ref_prefix(std::vector<std::string>& prefixes, std::string_view name) {
  for (std::string& candidate : expand_ref_candidates(name)) prefixes.push_back(std::move(candidate));
}

void Refspec::add_ref_prefixes(std::vector<std::string>& prefixes) const {
  for (const RefspecItem& item : items_) {
    if (item.is_negative) continue;
    std::optional<std::string> prefix;
    if (is_fetch_) {
      if (item.is_exact_oid) continue;
      prefix = item.src;
    } else if (item.dst) {
      prefix = item.dst;
    } else if (item.src && !item.is_exact_oid) {
      prefix = item.src;
    }
    if (!prefix) continue;
    if (item.is_pattern)
      prefixes.push_back(prefix->substr(0, prefix->find('*')));
    else
      expand_ref_prefix(prefixes, prefix->empty() ? "HEAD" : *prefix);
  }
}

bool match_refspec_pattern(std::string_view pattern, std::string_view name, std::string_view value, std::string* replaced) {
  std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return false;
  std::string_view head = pattern.substr(0, star), tail = pattern.substr(star + 1);
  if (name.size() < head.size() + tail.size() || !starts_with(name, head) || !ends_with(name, tail)) return false;
  if (!replaced) return true;
  std::size_t value_star = value.find('*');
  if (value_star == std::string_view::npos) die(_("pattern '%s' has no '*'"), value);
  *replaced = std::string(value.substr(0, value_star));
  *replaced += name.substr(head.size(), name.size() - head.size() - tail.size());
  *replaced += value.substr(value_star + 1);
  return true;
}

bool is_omitted_by_negative(const Refspec& refspec, std::string_view name) {
  for (const RefspecItem& item : refspec.items()) {
    if (!item.is_negative) continue;
    if (item.is_pattern ? match_refspec_pattern(*item.src, name) : *item.src == name) return true;
  }
  return false;
}

std::vector<std::string> refspec_destinations(const Refspec& refspec, std::string_view src) {
  std::vector<std::string> found;
  if (is_omitted_by_negative(refspec, src)) return found;
  for (const RefspecItem& item : refspec.items()) {
    if (item.is_negative || !item.dst || item.dst->empty() || !item.src) continue;
    std::string dst;
    if (item.is_pattern ? match_refspec_pattern(*item.src, src, *item.dst, &dst) : *item.src == src)
      found.push_back(item.is_pattern ? dst : *item.dst);
  }
  return found;
}

std::optional<std::string> refspec_destination(const Refspec& refspec, std::string_view src) {
  auto all = refspec_destinations(refspec, src);
  if (all.empty()) return std::nullopt;
  return all.front();
}

std::vector<RefspecItem> find_refspecs_by_destination(const Refspec& refspec, std::string_view dst) {
  std::vector<RefspecItem> found;
  for (const RefspecItem& item : refspec.items()) {
    if (item.is_negative || !item.dst || !item.src) continue;
    RefspecItem match = item;
    std::string src;
    if (item.is_pattern) {
      if (!match_refspec_pattern(*item.dst, dst, *item.src, &src)) continue;
      match.src = src;
      match.dst = std::string(dst);
      match.is_pattern = false;
    } else if (*item.dst != dst) {
      continue;
    }
    if (is_omitted_by_negative(refspec, *match.src)) continue;
    found.push_back(std::move(match));
  }
  return found;
}

}  // namespace git
