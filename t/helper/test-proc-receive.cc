// test-tool proc-receive: a proc-receive hook that answers what it is told to answer, or dies where it is told to.
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "pkt-line.h"
#include "t/helper/test-tool.h"
#include "wire/capabilities.h"

TEST_TOOL("proc-receive", test_proc_receive)

namespace git {
namespace {

constexpr const char* kIdentity = "proc-receive";

struct ProcReceive {
  bool is_verbose = false;
  bool dies_reading_version = false, dies_writing_version = false, dies_reading_commands = false;
  bool dies_reading_options = false, dies_writing_report = false;
  int version = 1;
  std::vector<std::string> answers;
  bool has_atomic = false, has_options = false;
  std::vector<std::string> commands, push_options;

  void exchange_versions(PacketReader& reader) {
    if (dies_reading_version) die("die with the --die-read-version option");
    while (reader.read() == PacketReader::Status::data) {
      std::string_view payload = reader.packet().payload;
      std::size_t nul = payload.find('\0');
      if (nul == std::string_view::npos || version == 0) continue;
      std::string_view features = rtrim(payload.substr(nul + 1));
      has_atomic |= server_feature_has(features, "atomic");
      has_options |= server_feature_has(features, "push-options");
    }
    if (dies_writing_version) die("die with the --die-write-version option");
    std::string line = strf("version=%d", version);
    if (has_options) line += '\0' + std::string("push-options");
    write_packet(1, line + "\n", kIdentity);
    write_flush_packet(1, kIdentity);
  }

  void read_lists(PacketReader& reader) {
    while (reader.read() == PacketReader::Status::data) {
      if (dies_reading_commands) die("die with the --die-read-commands option");
      commands.emplace_back(reader.line());
    }
    if (!has_options) return;
    while (reader.read() == PacketReader::Status::data) {
      if (dies_reading_options) die("die with the --die-read-push-options option");
      push_options.emplace_back(reader.line());
    }
  }

  void tell() const {
    if (has_atomic || has_options) errf("proc-receive:%s%s\n", has_atomic ? " atomic" : "", has_options ? " push_options" : "");
    for (const std::string& command : commands) errf("proc-receive< %s\n", command);
    for (const std::string& option : push_options) errf("proc-receive< %s\n", option);
    for (const std::string& answer : answers) errf("proc-receive> %s\n", answer);
  }
};

}  // namespace

int test_proc_receive(std::vector<std::string> args) {
  ProcReceive hook;
  Options options({"test-tool proc-receive [<options>]"});
  options.boolean(0, "die-read-version", &hook.dies_reading_version, "die when reading version");
  options.boolean(0, "die-write-version", &hook.dies_writing_version, "die when writing version");
  options.boolean(0, "die-read-commands", &hook.dies_reading_commands, "die when reading commands");
  options.boolean(0, "die-read-push-options", &hook.dies_reading_options, "die when reading push-options");
  options.boolean(0, "die-write-report", &hook.dies_writing_report, "die when writing report");
  options.strings('r', "return", &hook.answers, "ok/ng/option", "return of results");
  options.boolean('v', "verbose", &hook.is_verbose, "be verbose");
  options.integer('V', "version", &hook.version, "n", "use this protocol version number");
  if (!options.parse(args).empty()) die("Too many arguments.");
  PacketReader reader(0, kIdentity);
  hook.exchange_versions(reader);
  hook.read_lists(reader);
  if (hook.is_verbose) hook.tell();
  if (hook.dies_writing_report) die("die with the --die-write-report option");
  for (const std::string& answer : hook.answers) write_packet(1, answer + "\n", kIdentity);
  write_flush_packet(1, kIdentity);
  return 0;
}

}  // namespace git
