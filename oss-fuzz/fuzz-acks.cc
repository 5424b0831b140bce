// The lines of a negotiation and of a push: what is read back is what was written.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "wire/acks.h"
#include "wire/push-cert.h"
#include "wire/push-command.h"
#include "wire/report-status.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  git::HashAlgo algo = git::HashAlgo::sha1;
  git::StatusReportParser report(algo);
  for (std::string_view line : git::split_lines(text)) {
    if (auto ack = git::parse_ack(line, algo)) {
      auto again = git::parse_ack(git::rtrim(git::format_ack(*ack)), algo);
      if (!again || again->kind != ack->kind || !(again->oid == ack->oid)) __builtin_trap();
    }
    git::parse_shallow_line(line, algo);
    git::parse_oid_line(line, "have", algo);
    git::parse_push_command(line, algo);
    if (!report.line(line)) break;
  }
  git::format_status_report(report.take(), true);
  git::parse_push_certificate(text, algo);
  return 0;
}
