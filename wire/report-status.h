// The server's report on a push (gitprotocol-pack(5), "Report Status"): "unpack ok|<error>", then per ref
// "ok <ref>" or "ng <ref> <why>"; with report-status-v2 "option <key> <value>" lines follow an ok.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"

namespace git {

// What the server says it really did for one command (report-status-v2); a command may have several.
struct ReportOptions {
  std::string ref_name;  // "" where the command's own ref was updated
  std::optional<ObjectId> old_oid, new_oid;
  bool forced_update = false;
  bool empty() const { return ref_name.empty() && !old_oid && !new_oid && !forced_update; }
};

struct RefReport {
  std::string name;
  bool is_ok = false;
  std::string message;  // the reason of an "ng"
  std::vector<ReportOptions> options;
};

struct StatusReport {
  std::string unpack;  // "ok", or why unpacking failed
  std::vector<RefReport> refs;
  bool is_unpack_ok() const { return unpack == "ok"; }
};

// Takes the report line by line; the order is what the format says, anything else is an error.
class StatusReportParser {
 public:
  explicit StatusReportParser(HashAlgo algo) : algo_(algo) {}
  // False where the line can't stand here; error() says why in git's words.
  bool line(std::string_view text);
  const std::string& error() const { return error_; }
  bool has_unpack_line() const { return has_unpack_; }
  StatusReport take() { return std::move(report_); }

 private:
  bool option_line(std::string_view text);
  HashAlgo algo_;
  StatusReport report_;
  std::string error_;
  bool has_unpack_ = false;
  bool options_open_ = false;  // an "option" line continues the last ReportOptions
};

// Packets of the whole report, flush at the end.
std::string format_status_report(const StatusReport& report, bool version2);

}  // namespace git
