// Messages by name, and how severe each is.
#include "base/error.h"
#include "base/strings.h"
#include "object/fsck.h"

namespace git {
namespace {

struct MessageRow {
  const char* enumerator;
  FsckSeverity severity;
};
constexpr MessageRow kMessages[] = {
#define FSCK_ROW(name, severity) {#name, FsckSeverity::severity},
    FSCK_MESSAGES(FSCK_ROW)
#undef FSCK_ROW
};

const MessageRow& row(FsckMessage id) { return kMessages[static_cast<std::size_t>(id)]; }

// "missing_email" -> "missingEmail"
std::string camel_case(std::string_view name) {
  std::string camel;
  for (std::size_t i = 0; i < name.size(); i++) {
    if (name[i] == '_' && i + 1 < name.size())
      camel += to_upper(name[++i]);
    else
      camel += name[i];
  }
  return camel;
}

std::string_view severity_name(FsckSeverity severity) {
  switch (severity) {
    case FsckSeverity::ignore:
      return "ignore";
    case FsckSeverity::info:
      return "info";
    case FsckSeverity::warn:
      return "warn";
    case FsckSeverity::error:
      return "error";
    case FsckSeverity::fatal:
      return "fatal";
  }
  return "";
}

FsckSeverity parse_severity(std::string_view name) {
  for (FsckSeverity severity : {FsckSeverity::error, FsckSeverity::warn, FsckSeverity::ignore})
    if (name == severity_name(severity)) return severity;
  die("Unknown fsck message type: '%s'", name);
}

}  // namespace

std::string fsck_message_name(FsckMessage id) { return camel_case(row(id).enumerator); }

std::optional<FsckMessage> find_fsck_message(std::string_view name) {
  for (FsckMessage id : all_fsck_messages())
    if (iequals(name, fsck_message_name(id))) return id;
  return std::nullopt;
}

const std::vector<FsckMessage>& all_fsck_messages() {
  static const std::vector<FsckMessage> kAll = [] {
    std::vector<FsckMessage> all;
    for (std::size_t i = 0; i < std::size(kMessages); i++) all.push_back(static_cast<FsckMessage>(i));
    return all;
  }();
  return kAll;
}

FsckSeverity FsckOptions::severity_of(FsckMessage id) const {
  auto changed = severities.find(id);
  FsckSeverity severity = changed != severities.end() ? changed->second : row(id).severity;
  if (changed == severities.end() && is_strict && severity == FsckSeverity::warn) return FsckSeverity::error;
  return severity;
}

void FsckOptions::set_severity(std::string_view name, std::string_view severity_text) {
  std::string bare = replace_all(name, "_", "");
  auto id = find_fsck_message(bare);
  if (!id) die("Unhandled message id: %s", name);
  if (*id == FsckMessage::large_pathname) {
    std::size_t colon = severity_text.find(':');
    if (colon != std::string_view::npos) {
      auto limit = parse_uint(severity_text.substr(colon + 1));
      if (!limit) die("unable to parse max tree entry len: %s", severity_text.substr(colon + 1));
      max_name_length = *limit;
      severity_text = severity_text.substr(0, colon);
    }
  }
  FsckSeverity severity = parse_severity(severity_text);
  if (severity != FsckSeverity::error && row(*id).severity == FsckSeverity::fatal)
    die("Cannot demote %s to %s", name, severity_text);
  severities[*id] = severity;
}

void FsckOptions::set_severities(std::string_view list, const std::function<void(const std::string& path)>& load) {
  while (!list.empty()) {
    std::size_t end = list.find_first_of(" ,|");
    std::string_view item = list.substr(0, end);
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
    if (item.empty()) continue;
    std::size_t equals = item.find_first_of("=:");
    if (equals == std::string_view::npos) die(iequals(item, "skiplist") ? "skiplist requires a path" : "Missing '=': '%s'", item);
    std::string_view value = item.substr(equals + 1);
    std::string name = lowercase(item.substr(0, equals));
    if (name == "skiplist")
      load(std::string(value));
    else
      set_severity(name, value);
  }
}

void FsckOptions::add_skip_list(std::string_view text, HashAlgo algo) {
  for (std::string_view line : split_lines(text)) {
    std::string_view name = trim(line.substr(0, line.find('#')));
    if (name.empty()) continue;
    auto oid = ObjectId::from_hex(name, algo);
    if (!oid) die("invalid object name: %s", name);
    skip_list.insert(*oid);
  }
}

bool fsck_report(const FsckOptions& options, const FsckReport& report, const ObjectId& oid, ObjectType type, FsckMessage id,
                 std::string_view text) {
  FsckSeverity severity = options.severity_of(id);
  if (severity == FsckSeverity::ignore || options.skip_list.count(oid)) return false;
  if (severity == FsckSeverity::info) severity = FsckSeverity::warn;
  if (severity == FsckSeverity::fatal) severity = FsckSeverity::error;
  return report(FsckFinding{id, severity, oid, type, strf("%s: %s", fsck_message_name(id), text)});
}

}  // namespace git
