// The proc-receive hook (githooks(5)): a program that carries out some of the commands itself, told of them and answering in
// packets.
//
//   us: version=1\0<features> flush          hook: version=1\0<features> flush
//   us: commands flush [push options flush]  hook: "ok <ref>" / "ng <ref> <why>" / "option <key> <value>" ... flush
#include "base/error.h"
#include "base/fd.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "hook.h"
#include "net/channel.h"
#include "odb.h"
#include "pkt-line.h"
#include "receive-pack-internal.h"
#include "repository.h"
#include "wire/capabilities.h"

namespace git {
namespace {

// receive.procReceiveRefs: "[adm!]*:<prefix>" or "<prefix>".
struct ProcReceivePattern {
  bool creates = true, deletes = true, modifies = true, is_negative = false;
  std::string prefix;
};

ProcReceivePattern parse_pattern(std::string_view text) {
  ProcReceivePattern pattern;
  if (std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    pattern.creates = pattern.deletes = pattern.modifies = false;
    for (char c : text.substr(0, colon)) {
      if (c == 'a') pattern.creates = true;
      if (c == 'd') pattern.deletes = true;
      if (c == 'm') pattern.modifies = true;
      if (c == '!') pattern.is_negative = true;
    }
    text.remove_prefix(colon + 1);
  }
  while (text.size() > 1 && text.back() == '/') text.remove_suffix(1);
  pattern.prefix = text;
  return pattern;
}

bool matches(const std::vector<ProcReceivePattern>& patterns, const PushCommand& command) {
  for (const ProcReceivePattern& pattern : patterns) {
    bool is_create = command.old_oid.is_null(), is_delete = command.new_oid.is_null();
    if ((is_create && !pattern.creates) || (is_delete && !pattern.deletes) || (!is_create && !is_delete && !pattern.modifies))
      continue;
    std::string_view rest = command.name;
    bool is_below = skip_prefix(rest, pattern.prefix) && (rest.empty() || rest[0] == '/');
    if (is_below != pattern.is_negative) return true;
  }
  return false;
}

bool read_packets(int fd, const std::function<bool(const Packet&)>& take) {
  PacketReader reader(fd, "receive-pack");
  reader.gently = true;
  reader.dies_on_err = false;
  try {
    for (;;) {
      PacketReader::Status status = reader.read();
      if (status == PacketReader::Status::eof) return false;
      if (status != PacketReader::Status::data) return true;
      if (!take(reader.packet())) return true;
    }
  } catch (const Fatal&) {
    return false;  // a broken packet
  }
}

}  // namespace

void ReceivePack::choose_for_hook() {
  std::vector<ProcReceivePattern> patterns;
  for (const ConfigEntry* entry : repo_.config().find_all("receive.procreceiverefs"))
    if (entry->value && !entry->value->empty()) patterns.push_back(parse_pattern(*entry->value));
  if (patterns.empty()) return;
  for (ReceivedCommand& command : commands_)
    if (command.error.empty() && matches(patterns, command.wire)) command.hook = ReceivedCommand::Hook::scheduled;
}

// One line of what the hook reports; error() and false where it makes no sense.
bool ReceivePack::take_hook_line(std::string_view line, ReceivedCommand*& current, bool& opens_report) {
  std::size_t space = line.find(' ');
  if (space == std::string_view::npos) {
    hook_errors_.push_back(strf("proc-receive reported incomplete status line: '%s'", line));
    return false;
  }
  std::string_view head = line.substr(0, space), rest = line.substr(space + 1);
  if (head == "option") {
    if (!current) {
      if (!said_no_match_) hook_errors_.push_back(strf("proc-receive reported 'option' without a matching 'ok/ng' directive"));
      said_no_match_ = true;
      return false;
    }
    std::size_t at = rest.find(' ');
    std::string_view key = rest.substr(0, at);
    std::string_view value = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
    if (key == "fall-through") {
      current->hook = ReceivedCommand::Hook::none;
      return true;
    }
    if (std::exchange(opens_report, false)) current->reports.emplace_back();
    if (current->reports.empty()) return true;
    ReportOptions& report = current->reports.back();
    if (key == "refname" && !value.empty()) report.ref_name = value;
    if (key == "forced-update") report.forced_update = true;
    if (key == "old-oid") report.old_oid = ObjectId::from_hex(value, repo_.algo());
    if (key == "new-oid") report.new_oid = ObjectId::from_hex(value, repo_.algo());
    return true;
  }
  opens_report = false;
  current = nullptr;
  std::size_t at = rest.find(' ');
  std::string_view name = rest.substr(0, at);
  std::string_view why = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  if (head != "ok" && head != "ng") {
    hook_errors_.push_back(strf("proc-receive reported bad status '%s' on ref '%s'", head, name));
    return false;
  }
  for (ReceivedCommand& command : commands_)
    if (command.wire.name == name) current = &command;
  if (!current) {
    hook_errors_.push_back(strf("proc-receive reported status on unknown ref: %s", name));
    return false;
  }
  if (current->hook == ReceivedCommand::Hook::none) {
    hook_errors_.push_back(strf("proc-receive reported status on unexpected ref: %s", name));
    current = nullptr;
    return false;
  }
  current->hook = ReceivedCommand::Hook::returned;
  if (head == "ng") {
    current->error = why.empty() ? "failed" : std::string(why);
    current = nullptr;
    return true;
  }
  opens_report = true;
  return true;
}

// What the hook says of each command. False where that is not in order.
bool ReceivePack::read_hook_report(int fd) {
  bool is_good = true, opens_report = false;
  ReceivedCommand* current = nullptr;
  bool ended = read_packets(fd, [&](const Packet& packet) {
    if (!take_hook_line(packet.line(), current, opens_report)) is_good = false;
    return true;
  });
  if (!ended) return false;
  for (ReceivedCommand& command : commands_) {
    if (!command.error.empty() || command.hook != ReceivedCommand::Hook::scheduled) continue;
    command.error = "proc-receive failed to report status";
    is_good = false;
  }
  return is_good;
}

// False where the hook has not done its part.
bool ReceivePack::talk_to_hook(int in, int out) {
  bool has_options = machine_.request().has_options, has_atomic = machine_.request().atomic;
  std::string packets, features;
  if (has_options) features += " push-options";
  if (has_atomic) features += " atomic";
  if (!features.empty()) features.erase(0, 1);
  append_packet(packets, features.empty() ? std::string("version=1\n") : std::string("version=1") + '\0' + features + "\n");
  append_flush(packets);
  int version = 0;
  std::string theirs;
  bool wrote = write_in_full(out, packets);
  bool heard = wrote && read_packets(in, [&](const Packet& packet) {
                 std::string_view payload = packet.payload, value;
                 std::string_view line = payload.substr(0, payload.find('\0'));
                 if (skip_prefix(rtrim(line), "version=", &value)) {
                   version = static_cast<int>(parse_uint(value).value_or(0));
                   if (line.size() < payload.size()) theirs = rtrim(payload.substr(line.size() + 1));
                 }
                 return true;
               });
  if (!heard) {
    hook_errors_.push_back(strf("fail to negotiate version with proc-receive hook"));
    return false;
  }
  if (version > 1) {
    hook_errors_.push_back(strf("proc-receive version '%d' is not supported", version));
    return false;
  }
  bool sends_options = version > 0 && has_options && server_feature_has(theirs, "push-options");
  packets.clear();
  for (const ReceivedCommand& command : commands_)
    if (command.error.empty() && command.hook != ReceivedCommand::Hook::none)
      append_packetf(packets, "%s %s %s", command.wire.old_oid, command.wire.new_oid, command.wire.name);
  append_flush(packets);
  if (!write_in_full(out, packets)) {
    hook_errors_.push_back(strf("fail to write commands to proc-receive hook"));
    return false;
  }
  if (sends_options) {
    packets.clear();
    for (const std::string& option : machine_.request().options) append_packet(packets, option);
    append_flush(packets);
    if (!write_in_full(out, packets)) {
      hook_errors_.push_back(strf("fail to write push-options to proc-receive hook"));
      return false;
    }
  }
  return read_hook_report(in);
}

void ReceivePack::run_proc_receive() {
  bool is_scheduled = false;
  for (const ReceivedCommand& command : commands_)
    is_scheduled |= command.error.empty() && command.hook == ReceivedCommand::Hook::scheduled;
  if (!is_scheduled) return;
  bool is_good = false;
  if (auto path = find_hook(repo_, "proc-receive")) {
    ChildProcess child;
    child.args = {*path};
    child.in = child.out = ChildProcess::kPipe;
    child.trace2_hook_name = "proc-receive";
    ErrorRelay relay(child, *output_);
    if (child.start()) {
      IgnoreSigpipe quiet;
      is_good = talk_to_hook(child.out_fd(), child.in_fd());
      child.close_in();
      child.close_out();
      if (child.finish()) is_good = false;
    }
  } else {
    hook_errors_.push_back(strf("cannot find hook 'proc-receive'"));
  }
  // Behind what the hook itself had to say.
  for (const std::string& text : hook_errors_) output_->error("%s", text);
  if (is_good) return;
  for (ReceivedCommand& command : commands_)
    if (command.error.empty() && command.hook != ReceivedCommand::Hook::returned &&
        (command.hook == ReceivedCommand::Hook::scheduled || machine_.request().atomic))
      command.error = "fail to run proc-receive hook";
}

}  // namespace git
