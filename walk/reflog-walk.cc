// Every log is read whole and stepped through; of several logs the one with the youngest next entry goes first.
#include "walk/reflog-walk.h"

#include "base/date.h"
#include "base/error.h"
#include "base/strings.h"
#include "object-name.h"
#include "repository.h"

namespace git {

bool ReflogWalk::add(const ObjectId&, std::string_view written) {
  Log log;
  std::string_view base = written;
  std::string_view spec;
  bool has_spec = false;
  if (std::size_t at = written.find("@{"); at != std::string_view::npos && written.back() == '}') {
    base = written.substr(0, at);
    spec = written.substr(at + 2, written.size() - at - 3);
    has_spec = true;
    if (starts_with(spec, "-") || iequals(spec, "u") || iequals(spec, "upstream") || iequals(spec, "push")) {
      base = written;
      has_spec = false;
    }
  }
  long from = -1;
  if (has_spec) {
    if (auto n = parse_uint(spec); n && spec.size() < 9)
      from = static_cast<long>(*n);
    else
      log.by_date = true;
  }
  log.written = std::string(base);
  if (base.empty()) {
    std::optional<ResolvedRef> head = repo_.refs().resolve("HEAD");
    if (!head) return false;
    log.ref = head->name;
    log.written = head->name;
    if (!repo_.refs().has_reflog(log.ref)) return false;
  } else {
    ObjectId oid;
    if (!dwim_log(repo_, base, &oid, &log.ref)) {
      std::optional<std::string> branch = interpret_branch_name(repo_, base);
      if (!branch || !dwim_log(repo_, *branch, &oid, &log.ref)) return false;
    }
    if (std::optional<std::string> branch = interpret_branch_name(repo_, base); branch) log.written = *branch;
  }
  repo_.refs().for_each_reflog_entry(log.ref, true, [&](const ReflogEntry& e) {
    log.entries.push_back(e);
    return true;
  });
  if (log.entries.empty()) return false;
  if (from > 0) log.at = static_cast<std::size_t>(from);
  if (log.by_date) {
    Timestamp when = approxidate(spec);
    while (log.at < log.entries.size() && log.entries[log.at].time > when) log.at++;
  }
  logs_.push_back(std::move(log));
  return true;
}

Commit* ReflogWalk::next() {
  for (;;) {
    int best = -1;
    for (std::size_t i = 0; i < logs_.size(); i++) {
      Log& log = logs_[i];
      // Entries that name no commit here are passed over.
      while (log.at < log.entries.size()) {
        const ObjectId& oid = log.entries[log.at].new_oid;
        if (!oid.is_null() && repo_.commits().peel_to_commit(oid)) break;
        log.at++;
      }
      if (log.at >= log.entries.size()) continue;
      if (best < 0 ||
          log.entries[log.at].time > logs_[static_cast<std::size_t>(best)].entries[logs_[static_cast<std::size_t>(best)].at].time)
        best = static_cast<int>(i);
    }
    if (best < 0) return nullptr;
    Log& log = logs_[static_cast<std::size_t>(best)];
    current_ = best;
    shown_ = log.at++;
    if (Commit* c = repo_.commits().peel_to_commit(log.entries[shown_].new_oid)) return c;
  }
}

const ReflogEntry& ReflogWalk::entry() const { return logs_[static_cast<std::size_t>(current_)].entries[shown_]; }
std::uint64_t ReflogWalk::timestamp() const { return entry().time; }
std::string ReflogWalk::message() const { return entry().message; }
bool ReflogWalk::wants_dates() const { return logs_[static_cast<std::size_t>(current_)].by_date; }

std::string ReflogWalk::selector(bool shorten, const std::string* date_text) const {
  const Log& log = logs_[static_cast<std::size_t>(current_)];
  std::string name = shorten ? shorten_unambiguous_ref(repo_, log.written, false) : log.written;
  if (date_text) return strf("%s@{%s}", name, *date_text);
  return strf("%s@{%u}", name, shown_);
}

}  // namespace git
