// Values are checked as they come; what only the whole list can tell (a bundle without a URI) waits for check().
#include "wire/bundle-list.h"

#include "base/strings.h"

namespace git {

namespace {

// A peer may list without end; nobody has this many bundles.
constexpr std::size_t kMaxBundles = 1u << 16;
constexpr std::size_t kMaxWarnings = 100;

Error nonsense() { return make_error(ErrorKind::invalid, ""); }

}  // namespace

Result<void> BundleList::update_list(std::string_view key, std::string_view value) {
  if (iequals(key, "version")) {
    auto number = parse_int(value);
    if (!number || *number != 1) return nonsense();
    version = 1;
  } else if (iequals(key, "mode")) {
    if (value != "all" && value != "any") return nonsense();
    mode = value == "all" ? Mode::all : Mode::any;
  } else if (iequals(key, "heuristic")) {
    if (value == "creationToken") heuristic = Heuristic::creation_token;
  }
  return {};
}

Result<void> BundleList::update_bundle(std::string_view id, std::string_view key, std::string_view value) {
  auto [entry, is_new] = by_id_.try_emplace(std::string(id), bundles_.size());
  if (is_new) {
    if (bundles_.size() >= kMaxBundles) {
      by_id_.erase(entry);
      return make_error(ErrorKind::invalid, "%s", _("bundle-uri: the bundle list is too long"));
    }
    bundles_.push_back({std::string(id), {}, 0});
  }
  BundleInfo& bundle = bundles_[entry->second];
  if (iequals(key, "uri")) {
    if (!bundle.uri.empty()) return nonsense();
    bundle.uri = value;
  } else if (iequals(key, "creationtoken")) {
    if (auto token = parse_uint(value))
      bundle.creation_token = *token;
    else if (warnings_.size() < kMaxWarnings)
      warnings_.push_back(strf(_("could not parse bundle list key %s with value '%s'"), "creationToken", value));
  }
  return {};
}

Result<void> BundleList::update(std::string_view key, std::string_view value) {
  std::size_t first = key.find('.'), last = key.rfind('.');
  if (first == std::string_view::npos || !iequals(key.substr(0, first), "bundle")) return nonsense();
  if (first == last) return update_list(key.substr(first + 1), value);
  return update_bundle(key.substr(first + 1, last - first - 1), key.substr(last + 1), value);
}

Result<void> BundleList::parse_line(std::string_view line) {
  if (line.empty()) return make_error(ErrorKind::invalid, "%s", _("bundle-uri: got an empty line"));
  std::size_t equals = line.find('=');
  if (equals == std::string_view::npos)
    return make_error(ErrorKind::invalid, "%s", _("bundle-uri: line is not of the form 'key=value'"));
  if (equals == 0 || equals + 1 == line.size())
    return make_error(ErrorKind::invalid, "%s", _("bundle-uri: line has empty key or value"));
  return update(line.substr(0, equals), line.substr(equals + 1));
}

Result<void> BundleList::check() const {
  for (const BundleInfo& bundle : bundles_)
    if (bundle.uri.empty()) return make_error(ErrorKind::invalid, _("bundle '%s' has no uri"), bundle.id);
  return {};
}

std::string BundleList::format() const {
  std::string_view name = mode == Mode::all ? "all" : mode == Mode::any ? "any" : "<unknown>";
  std::string text = strf("[bundle]\n\tversion = %d\n\tmode = %s\n", version, name);
  if (heuristic == Heuristic::creation_token) text += "\theuristic = creationToken\n";
  for (const BundleInfo& bundle : bundles_) {
    text += strf("[bundle \"%s\"]\n\turi = %s\n", bundle.id, bundle.uri);
    if (bundle.creation_token) text += strf("\tcreationToken = %u\n", bundle.creation_token);
  }
  return text;
}

}  // namespace git
