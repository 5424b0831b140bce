// Request and answer, each a list of "key=value" packets, a flush, and content packets ended by another flush.
#include "index/filter-process.h"

#include <csignal>
#include <cstring>

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"

namespace git {
namespace {

constexpr std::size_t kMaxPayload = 65516;

// A filter that dies must not take us along.
class IgnoreSigpipe {
 public:
  IgnoreSigpipe() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &previous_);
  }
  ~IgnoreSigpipe() { sigaction(SIGPIPE, &previous_, nullptr); }

 private:
  struct sigaction previous_ {};
};

}  // namespace

bool FilterProcess::send_line(std::string_view text) {
  return write_in_full(child_.in_fd(), strf("%04x", text.size() + 5) + std::string(text) + "\n");
}
bool FilterProcess::send_flush() { return write_in_full(child_.in_fd(), "0000"); }

bool FilterProcess::send_content(std::string_view bytes) {
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, kMaxPayload);
    if (!write_in_full(child_.in_fd(), strf("%04x", part.size() + 4)) || !write_in_full(child_.in_fd(), part)) return false;
    bytes.remove_prefix(part.size());
  }
  return send_flush();
}

bool FilterProcess::receive(std::optional<std::string>& packet, bool strip_newline) {
  char header[4];
  if (read_in_full(child_.out_fd(), header, 4) != 4) return false;
  std::size_t length = 0;
  for (char c : header) {
    int digit = hex_value(c);
    if (digit < 0) return false;
    length = length * 16 + static_cast<std::size_t>(digit);
  }
  packet.reset();
  if (length < 4) return length == 0;
  packet.emplace(length - 4, '\0');
  if (read_in_full(child_.out_fd(), packet->data(), packet->size()) != static_cast<ssize_t>(packet->size())) return false;
  if (strip_newline && !packet->empty() && packet->back() == '\n') packet->pop_back();
  return true;
}

bool FilterProcess::receive_status(std::string& status) {
  std::optional<std::string> packet;
  while (receive(packet, true)) {
    if (!packet) return true;
    std::string_view value = *packet;
    if (skip_prefix(value, "status=")) status = value;
  }
  return false;
}

bool FilterProcess::handshake() {
  IgnoreSigpipe guard;
  if (!send_line("git-filter-client") || !send_line("version=2") || !send_flush()) return false;
  std::optional<std::string> packet;
  if (!receive(packet, true)) return false;
  if (!packet || *packet != "git-filter-server") {
    error("Unexpected line '%s', expected git-filter-server", packet ? *packet : "<flush packet>");
    return false;
  }
  if (!receive(packet, true) || !packet) return false;
  if (*packet != "version=2") {
    error("Unexpected line '%s', expected version", *packet);
    return false;
  }
  if (!receive(packet, true)) return false;
  if (packet) {
    error("Unexpected line '%s', expected flush", *packet);
    return false;
  }
  if (!send_line("capability=clean") || !send_line("capability=smudge") || !send_line("capability=delay") || !send_flush())
    return false;
  while (receive(packet, true)) {
    if (!packet) return true;
    std::string_view name = *packet;
    if (!skip_prefix(name, "capability=")) continue;
    if (name == "clean")
      capabilities |= kClean;
    else if (name == "smudge")
      capabilities |= kSmudge;
    else if (name == "delay")
      capabilities |= kDelay;
    else
      warning("subprocess '%s' requested unsupported capability '%s'", command_, name);
  }
  return false;
}

std::unique_ptr<FilterProcess> FilterProcess::start(const std::string& command) {
  auto process = std::make_unique<FilterProcess>();
  process->command_ = command;
  ChildProcess& child = process->child_;
  child.args = {command};
  child.use_shell = true;
  child.in = child.out = ChildProcess::kPipe;
  child.clean_on_exit = true;
  child.trace2_child_class = "subprocess";
  if (!child.start()) {
    error("cannot fork to run subprocess '%s'", command);
    return nullptr;
  }
  if (process->handshake()) return process;
  error("initialization for subprocess '%s' failed", command);
  return nullptr;
}

FilterProcess::~FilterProcess() {
  if (!child_.is_running()) return;
  child_.close_in();
  child_.close_out();
  child_.finish();
}

FilterProcess::Status FilterProcess::apply(bool clean, std::string_view path, std::string_view bytes,
                                           const CheckoutMetadata* metadata, bool can_delay, std::string& result) {
  IgnoreSigpipe guard;
  bool sent = send_line(clean ? "command=clean" : "command=smudge") && send_line("pathname=" + std::string(path));
  if (metadata) {
    if (!metadata->refname.empty()) sent = sent && send_line("ref=" + metadata->refname);
    if (!metadata->treeish.is_null()) sent = sent && send_line("treeish=" + metadata->treeish.hex());
    if (!metadata->blob.is_null()) sent = sent && send_line("blob=" + metadata->blob.hex());
  }
  if (can_delay) sent = sent && send_line("can-delay=1");
  sent = sent && send_flush() && send_content(bytes);
  std::string status;
  if (!sent || !receive_status(status)) return Status::broken;
  if (can_delay && status == "delayed") return Status::delayed;
  if (status == "error") return Status::error;
  if (status == "abort") return Status::abort;
  if (status != "success") return Status::broken;
  result.clear();
  std::optional<std::string> packet;
  while (true) {
    if (!receive(packet, false)) return Status::broken;
    if (!packet) break;
    result += *packet;
  }
  if (!receive_status(status)) return Status::broken;
  return status == "success" ? Status::success
         : status == "error" ? Status::error
         : status == "abort" ? Status::abort
                             : Status::broken;
}

bool FilterProcess::list_available(std::vector<std::string>& paths) {
  IgnoreSigpipe guard;
  if (!send_line("command=list_available_blobs") || !send_flush()) return false;
  std::optional<std::string> packet;
  while (receive(packet, true)) {
    if (!packet) {
      std::string status;
      return receive_status(status) && status == "success";
    }
    std::string_view path = *packet;
    if (skip_prefix(path, "pathname=")) paths.emplace_back(path);
  }
  return false;
}

}  // namespace git
