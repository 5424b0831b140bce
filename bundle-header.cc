// Capabilities change how the lines behind them are read (the length of names), so they are taken in as they come.
#include "bundle-header.h"

#include "base/strings.h"
#include "walk/object-filter.h"

namespace git {

int bundle_version_of(std::string_view line) {
  if (line == "# v2 git bundle\n") return 2;
  return line == "# v3 git bundle\n" ? 3 : 0;
}

namespace {

Result<bool> parse_capability(BundleHeader& header, std::string_view text) {
  if (skip_prefix(text, "object-format=")) {
    header.algo = hash_by_name(text);
    if (header.algo == HashAlgo::unknown)
      return make_error(ErrorKind::invalid, _("unrecognized bundle hash algorithm: %s"), text);
    return false;
  }
  if (skip_prefix(text, "filter=")) {
    header.filter = text;
    auto filter = parse_object_filter(text);
    if (!filter) return filter.error();
    return false;
  }
  return make_error(ErrorKind::invalid, _("unknown capability '%s'"), text);
}

}  // namespace

Result<bool> parse_bundle_header_line(BundleHeader& header, std::string_view line) {
  if (line == "\n") return true;
  std::string_view text = rtrim(line);
  if (header.version == 3 && text.substr(0, 1) == "@") return parse_capability(header, text.substr(1));
  bool is_prerequisite = skip_prefix(text, "-");
  auto oid = ObjectId::parse_prefix(text, header.algo);
  if (!oid || (!text.empty() && text[0] != ' ') || (text.empty() && !is_prerequisite))
    return make_error(ErrorKind::corrupt, _("unrecognized header: %s%s (%d)"), is_prerequisite ? "-" : "", rtrim(line),
                      line.size());
  // What stands behind a prerequisite is for people who look at the file.
  std::string rest(text.empty() || is_prerequisite ? std::string_view() : text.substr(1));
  (is_prerequisite ? header.prerequisites : header.refs).emplace_back(*oid, rest);
  return false;
}

}  // namespace git
