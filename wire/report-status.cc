// A ref that a proc-receive hook turned into several updates is reported as several "ok <ref>" lines of one name,
// each with options of its own; they are collected under the first.
#include "wire/report-status.h"

#include "base/fmt.h"
#include "base/strings.h"
#include "wire/pkt-line.h"

namespace git {

namespace {

constexpr std::size_t kMaxReportedRefs = 10'000'000;

}  // namespace

bool StatusReportParser::option_line(std::string_view text) {
  if (report_.refs.empty() || !report_.refs.back().is_ok) {
    error_ = strf(_("'option' without a matching 'ok/ng' directive"));
    return false;
  }
  RefReport& ref = report_.refs.back();
  if (!options_open_) {
    ref.options.emplace_back();
    options_open_ = true;
  }
  ReportOptions& options = ref.options.back();
  std::size_t space = text.find(' ');
  std::string_view key = text.substr(0, space);
  std::string_view value = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
  if (key == "refname") {
    options.ref_name = value;
  } else if (key == "old-oid") {
    if (auto oid = ObjectId::from_hex(value, algo_)) options.old_oid = *oid;
  } else if (key == "new-oid") {
    if (auto oid = ObjectId::from_hex(value, algo_)) options.new_oid = *oid;
  } else if (key == "forced-update") {
    options.forced_update = true;
  }
  return true;
}

bool StatusReportParser::line(std::string_view text) {
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (!has_unpack_) {
    if (!skip_prefix(text, "unpack ")) {
      error_ = strf(_("unable to parse remote unpack status: %s"), text);
      return false;
    }
    has_unpack_ = true;
    report_.unpack = text;
    return true;
  }
  if (skip_prefix(text, "option ")) return option_line(text);
  bool is_ok = starts_with(text, "ok ");
  if (!is_ok && !starts_with(text, "ng ")) {
    error_ = strf(_("invalid ref status from remote: %s"), text.substr(0, text.find(' ')));
    return false;
  }
  std::string_view rest = text.substr(3);
  std::size_t space = rest.find(' ');
  std::string_view name = rest.substr(0, space);
  std::string_view message = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
  options_open_ = false;
  if (!report_.refs.empty() && report_.refs.back().name == name && report_.refs.back().is_ok && is_ok) return true;
  if (report_.refs.size() >= kMaxReportedRefs) {
    error_ = _("remote reported too many refs");
    return false;
  }
  RefReport ref{std::string(name), is_ok, std::string(message), {}};
  if (!is_ok && message.empty()) ref.message = "failed";
  report_.refs.push_back(std::move(ref));
  return true;
}

namespace {

void append_options(std::string& out, const ReportOptions& options) {
  if (!options.ref_name.empty()) append_packetf(out, "option refname %s\n", options.ref_name);
  if (options.old_oid) append_packetf(out, "option old-oid %s\n", *options.old_oid);
  if (options.new_oid) append_packetf(out, "option new-oid %s\n", *options.new_oid);
  if (options.forced_update) append_packet(out, "option forced-update\n");
}

}  // namespace

std::string format_status_report(const StatusReport& report, bool version2) {
  std::string out;
  append_packetf(out, "unpack %s\n", report.unpack);
  for (const RefReport& ref : report.refs) {
    if (!ref.is_ok) {
      append_packetf(out, "ng %s %s\n", ref.name, ref.message);
      continue;
    }
    if (!version2 || ref.options.empty()) {
      append_packetf(out, "ok %s\n", ref.name);
      continue;
    }
    for (const ReportOptions& options : ref.options) {
      append_packetf(out, "ok %s\n", ref.name);
      append_options(out, options);
    }
  }
  append_flush(out);
  return out;
}

}  // namespace git
