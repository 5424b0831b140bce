// test-tool rot13-filter [--always-delay] --log=<file> <capability>...: a long-running filter that turns letters by 13 places,
// writes down what it was asked, and misbehaves for certain file names.
#include <fcntl.h>
#include <unistd.h>

#include <map>
#include <optional>

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "t/helper/test-tool.h"

TEST_TOOL("rot13-filter", test_rot13_filter)

namespace git {
namespace {

struct Delay {
  int requested = 0;
  int count = 0;
  std::string output;
};

class Rot13Filter {
 public:
  int run(const std::vector<std::string>& args);

 private:
  std::optional<std::string> read_packet();  // nullopt: flush
  std::string read_text();
  void write_packet(std::string_view text) { write_in_full(1, strf("%04x", text.size() + 4) + std::string(text)); }
  void write_line(const std::string& text) { write_packet(text + "\n"); }
  void flush_packet() { write_in_full(1, "0000"); }
  void log(const std::string& text) { write_in_full(log_.get(), text); }
  void list_available();
  void answer(const std::string& command, const std::string& path, bool can_delay, const std::string& metadata);

  UniqueFd log_;
  bool always_delay_ = false, clean_ = false, smudge_ = false;
  std::map<std::string, Delay> delays_;
};

std::string rot13(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z')
      c = static_cast<char>('a' + (c - 'a' + 13) % 26);
    else if (c >= 'A' && c <= 'Z')
      c = static_cast<char>('A' + (c - 'A' + 13) % 26);
  }
  return text;
}

std::optional<std::string> Rot13Filter::read_packet() {
  char header[4];
  if (read_in_full(0, header, 4) != 4) {
    log("STOP\n");
    exit_with(0);
  }
  std::size_t length = 0;
  for (char c : header) length = length * 16 + static_cast<std::size_t>(hex_value(c));
  if (length < 4) return std::nullopt;
  std::string text(length - 4, '\0');
  if (read_in_full(0, text.data(), text.size()) != static_cast<ssize_t>(text.size())) die("truncated packet");
  return text;
}

std::string Rot13Filter::read_text() {
  std::optional<std::string> packet = read_packet();
  if (!packet) return {};
  if (!packet->empty() && packet->back() == '\n') packet->pop_back();
  return *packet;
}

void Rot13Filter::list_available() {
  read_packet();
  std::vector<std::string> paths;
  for (auto& [path, delay] : delays_) {
    if (!delay.requested || delay.count < 0) continue;
    --delay.count;
    if (path == "invalid-delay.a") write_line("pathname=unfiltered");
    if (path == "missing-delay.a" || path == "invalid-delay.a") continue;
    if (delay.count == 0) {
      paths.push_back(path);
      write_line("pathname=" + path);
    }
  }
  flush_packet();
  for (const std::string& path : paths) log(" " + path);
  log(" [OK]\n");
  write_line("status=success");
  flush_packet();
}

void Rot13Filter::answer(const std::string& command, const std::string& path, bool can_delay, const std::string& metadata) {
  log(" " + path);
  log(metadata);
  std::string input;
  while (std::optional<std::string> packet = read_packet()) input += *packet;
  log(strf(" %d [OK] -- ", input.size()));
  std::string output;
  auto entry = delays_.find(path);
  if (entry != delays_.end() && !entry->second.output.empty()) {
    output = entry->second.output;
  } else if (path == "error.r" || path == "abort.r") {
  } else if (command == "clean" ? clean_ : smudge_) {
    output = rot13(input);
  }
  if (path == "error.r") {
    log("[ERROR]\n");
    write_line("status=error");
    flush_packet();
    return;
  }
  if (path == "abort.r") {
    log("[ABORT]\n");
    write_line("status=abort");
    flush_packet();
    return;
  }
  if (command == "smudge" && entry != delays_.end() && !entry->second.requested && can_delay) {
    log("[DELAYED]\n");
    write_line("status=delayed");
    flush_packet();
    entry->second.requested = 1;
    entry->second.output = output;
    return;
  }
  write_line("status=success");
  flush_packet();
  if (path == command + "-write-fail.r") {
    log("[WRITE FAIL]\n");
    die("%s write error", command);
  }
  log(strf("OUT: %d ", output.size()));
  std::string_view rest = output;
  while (!rest.empty()) {
    write_packet(rest.substr(0, 65516));
    log(".");
    rest.remove_prefix(std::min<std::size_t>(rest.size(), 65516));
  }
  flush_packet();
  log(" [OK]\n");
  flush_packet();
}

int Rot13Filter::run(const std::vector<std::string>& args) {
  std::vector<std::string> wanted;
  std::string file;
  for (std::size_t i = 1; i < args.size(); ++i) {
    std::string_view value;
    if (skip_prefix(args[i], "--log=", &value))
      file = value;
    else if (args[i] == "--always-delay")
      always_delay_ = true;
    else
      wanted.push_back(args[i]);
  }
  for (const std::string& c : wanted) {
    if (c == "clean") clean_ = true;
    if (c == "smudge") smudge_ = true;
  }
  log_ = xopen(file, O_WRONLY | O_CREAT | O_APPEND);
  delays_ = {{"test-delay10.a", {0, 1, ""}}, {"test-delay11.a", {0, 1, ""}},  {"test-delay20.a", {0, 2, ""}},
             {"test-delay10.b", {0, 1, ""}}, {"missing-delay.a", {0, 1, ""}}, {"invalid-delay.a", {0, 1, ""}}};
  log("START\n");
  if (read_text() != "git-filter-client") die("bad initialize");
  if (read_text() != "version=2") die("bad version");
  read_packet();
  write_line("git-filter-server");
  write_line("version=2");
  flush_packet();
  while (read_packet()) {
  }
  for (const std::string& c : wanted) write_line("capability=" + c);
  flush_packet();
  log("init handshake complete\n");
  while (true) {
    std::string command = read_text(), path, metadata;
    std::string_view view = command;
    if (!skip_prefix(view, "command=")) die("bad command: %s", command);
    command = std::string(view);
    log("IN: " + command);
    if (command == "list_available_blobs") {
      list_available();
      continue;
    }
    bool can_delay = false;
    while (std::optional<std::string> packet = read_packet()) {
      std::string_view line = rtrim(*packet);
      if (skip_prefix(line, "pathname="))
        path = line;
      else if (line == "can-delay=1")
        can_delay = true;
      else
        metadata += " " + std::string(line);
    }
    if (always_delay_ && can_delay && !delays_.count(path)) delays_[path] = {0, 1, ""};
    answer(command, path, can_delay, metadata);
  }
}

}  // namespace

int test_rot13_filter(std::vector<std::string> args) { return Rot13Filter().run(args); }

}  // namespace git
