// The conversation.  The pack is read by index-pack or unpack-objects straight from standard input, so not a byte more
// than the commands is read here.
#include "receive-pack.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <thread>

#include "base/env.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "base/trace2.h"
#include "config.h"
#include "config/fsck-config.h"
#include "connect.h"
#include "hook.h"
#include "net/channel.h"
#include "odb.h"
#include "pkt-line.h"
#include "receive-pack-internal.h"
#include "refs.h"
#include "repository.h"
#include "upload-pack-state.h"
#include "wire/sideband.h"

namespace git {
namespace {

DenyAction parse_deny(Config& config, const char* key) {
  const ConfigEntry* entry = config.find(key);
  if (!entry) return DenyAction::unconfigured;
  if (entry->value) {
    if (iequals(*entry->value, "ignore")) return DenyAction::ignore;
    if (iequals(*entry->value, "warn")) return DenyAction::warn;
    if (iequals(*entry->value, "refuse")) return DenyAction::refuse;
    if (iequals(*entry->value, "updateinstead")) return DenyAction::update_instead;
  }
  return config.get_bool_or(key, true) ? DenyAction::refuse : DenyAction::ignore;
}

}  // namespace

ReceiveConfig::ReceiveConfig(Repository& repo) {
  Config& config = repo.config();
  deny_deletes = config.get_bool_or("receive.denydeletes", false);
  deny_non_fast_forwards = config.get_bool_or("receive.denynonfastforwards", false);
  deny_current_branch = parse_deny(config, "receive.denycurrentbranch");
  deny_delete_current = parse_deny(config, "receive.denydeletecurrent");
  atomic = config.get_bool_or("receive.advertiseatomic", true);
  push_options = config.get_bool_or("receive.advertisepushoptions", false);
  accept_base = config.get_bool_or("receive.acceptbase", true);
  ofs_delta = config.get_bool_or("repack.usedeltabaseoffset", true);
  fsck_objects = config.get_bool_or("receive.fsckobjects", config.get_bool_or("transfer.fsckobjects", false));
  auto_gc = config.get_bool_or("receive.autogc", true);
  update_server_info = config.get_bool_or("receive.updateserverinfo", false);
  shallow_update = config.get_bool_or("receive.shallowupdate", false);
  unpack_limit = config.get_int_or("receive.unpacklimit", -1);
  if (unpack_limit < 0) unpack_limit = config.get_int_or("transfer.unpacklimit", -1);
  if (unpack_limit < 0) unpack_limit = 100;
  max_input_size = config.get_ulong("receive.maxinputsize").value_or(0);
  keepalive = config.get_int_or("receive.keepalive", 5);
  nonce_seed = config.get_string_or("receive.certnonceseed", "");
  nonce_slop = config.get_int_or("receive.certnonceslop", 0);
  fsck_severities = fsck_severities_from_config(config, "receive.fsck", "skipping unknown msg id '%s'");
}

void PushOutput::progress(std::string_view text) {
  std::lock_guard<std::mutex> guard(writing_);
  if (!sideband_) return err(text);
  std::string packets;
  append_sideband(packets, kBandProgress, text);
  write_in_full(1, packets);
}

void PushOutput::complain(const std::string& prefix, const std::string& text) { progress(prefix + text + "\n"); }

void PushOutput::keep_alive() {
  std::lock_guard<std::mutex> guard(writing_);
  if (sideband_) write_in_full(1, std::string_view("0005\2", 5));
}

ReceivePack::ReceivePack(Repository& repo, const ReceivePackOptions& options)
    : repo_(repo),
      options_(options),
      config_(repo),
      hidden_(repo.config(), "receive", repo.ref_namespace()),
      machine_(repo.algo(), config_.push_options) {}

std::string ReceivePack::capabilities() const {
  std::string words = "report-status report-status-v2 delete-refs side-band-64k quiet";
  if (config_.atomic) words += " atomic";
  if (config_.ofs_delta) words += " ofs-delta";
  if (!nonce_.empty()) words += " push-cert=" + nonce_;
  if (config_.push_options) words += " push-options";
  if (std::string sid = advertised_session_id(repo_.config()); !sid.empty()) words += " session-id=" + sid;
  words += strf(" object-format=%s", hash_name(repo_.algo()));
  return words + " agent=" + served_agent();
}

void ReceivePack::read_commands() {
  PacketReader reader(0, "receive-pack");
  while (machine_.is_waiting()) {
    std::string bytes;
    switch (reader.read()) {
      case PacketReader::Status::data:
        append_packet(bytes, reader.packet().payload);
        break;
      case PacketReader::Status::flush:
        append_flush(bytes);
        break;
      case PacketReader::Status::delim:
        append_delim(bytes);
        break;
      case PacketReader::Status::response_end:
        append_response_end(bytes);
        break;
      case PacketReader::Status::eof:
        machine_.feed_end();
        continue;
    }
    machine_.feed(bytes);
  }
  if (machine_.state() == ServePush::State::failed) {
    std::string text;
    append_packet(text, "ERR " + machine_.error());
    write_in_full(1, text);
    die("%s", machine_.error());
  }
  for (const PushCommand& command : machine_.request().commands) commands_.push_back({command, {}, {}, false, false, false, {}});
}

ErrorRelay::ErrorRelay(ChildProcess& child, PushOutput& output, int keepalive) {
  if (!output.has_sideband()) return;
  pipe_ = make_pipe();
  child.err = pipe_.write_end.release();
  thread_ = std::thread([this, &output, keepalive] {
    char buffer[8192];
    for (;;) {
      struct pollfd fd = {pipe_.read_end.get(), POLLIN, 0};
      int ready = ::poll(&fd, 1, keepalive > 0 ? keepalive * 1000 : -1);
      if (ready < 0 && errno == EINTR) continue;
      if (ready == 0) {
        output.keep_alive();
        continue;
      }
      ssize_t n = xread(pipe_.read_end.get(), buffer, sizeof buffer);
      if (n <= 0) break;
      output.progress({buffer, static_cast<std::size_t>(n)});
    }
  });
}

ErrorRelay::~ErrorRelay() {
  if (thread_.joinable()) thread_.join();
}

int ReceivePack::run_unpacker(std::vector<std::string> args, bool reads_lockfile) {
  ChildProcess child;
  child.args = std::move(args);
  child.env = repo_.odb().quarantine_env();
  child.git_command = true;
  child.clean_on_exit = true;
  if (reads_lockfile)
    child.out = ChildProcess::kPipe;
  else
    child.stdout_to_stderr = true;
  ErrorRelay relay(child, *output_, config_.keepalive);
  if (!child.start()) return -1;
  if (reads_lockfile) {
    Result<std::string> text = read_fd(child.out_fd());
    std::string_view line = text ? trim(*text) : std::string_view();
    if (skip_prefix(line, "keep\t")) pack_lockfile_ = path_join(repo_.odb().objects_dir(), strf("pack/pack-%s.keep", line));
  }
  return child.finish();
}

// Our boundary and the pusher's.
std::string ReceivePack::shallow_list() const {
  std::set<ObjectId> boundary(machine_.request().shallow.begin(), machine_.request().shallow.end());
  for (const ObjectId& oid : repo_.shallow_commits()) boundary.insert(oid);
  std::string text;
  for (const ObjectId& oid : boundary) text += oid.hex() + "\n";
  return text;
}

// "" or why it failed.
std::string ReceivePack::unpack() {
  unsigned char header[12];
  ssize_t n = read_in_full(0, header, sizeof header);
  auto number = [&](int at) {
    return static_cast<std::uint32_t>(header[at]) << 24 | static_cast<std::uint32_t>(header[at + 1]) << 16 |
           static_cast<std::uint32_t>(header[at + 2]) << 8 | header[at + 3];
  };
  if (n <= 0) return "eof before pack header was fully read";
  if (n < 12) return "eof before pack header was fully read";
  if (std::string_view(reinterpret_cast<char*>(header), 4) != "PACK") return "protocol error (pack signature mismatch detected)";
  std::uint32_t version = number(4), count = number(8);
  if (version != 2 && version != 3) return "protocol error (pack version unsupported)";
  repo_.odb().open_quarantine("incoming");
  std::vector<std::string> args;
  bool small = count < static_cast<std::uint32_t>(config_.unpack_limit);
  std::string header_option = strf("--pack_header=%u,%u", version, count);
  // The pusher's boundary is believed for now: execute() says which refs may use it.
  Tempfile shallow_file;
  if (!machine_.request().shallow.empty()) {
    Result<Tempfile> made = Tempfile::from_pattern(repo_.git_path("shallow_XXXXXX"));
    if (!made || !made->write(shallow_list()) || !made->close()) return "unable to create temporary shallow file";
    shallow_file = std::move(*made);
  }
  std::string strict;
  if (config_.fsck_objects) strict = config_.fsck_severities.empty() ? "--strict" : "--strict=" + config_.fsck_severities;
  if (small) {
    args = {"unpack-objects", header_option};
    if (options_.quiet || machine_.request().quiet) args.emplace_back("-q");
  } else {
    char host[256] = "localhost";
    ::gethostname(host, sizeof host - 1);
    args = {"index-pack", "--stdin", header_option, strf("--keep=receive-pack %d on %s", static_cast<int>(::getpid()), host)};
    if (!options_.quiet && !machine_.request().quiet && output_->has_sideband()) args.emplace_back("--show-resolving-progress");
    if (output_->has_sideband()) args.emplace_back("--report-end-of-input");
    if (!options_.reject_thin) args.emplace_back("--fix-thin");
  }
  if (!strict.empty()) args.push_back(strict);
  if (config_.max_input_size) args.push_back(strf("--max-input-size=%u", config_.max_input_size));
  if (shallow_file.is_active()) args.insert(args.begin(), {"--shallow-file", shallow_file.path()});
  int code = run_unpacker(std::move(args), !small);
  if (code) return small ? "unpack-objects abnormal exit" : "index-pack abnormal exit";
  repo_.odb().reprepare();
  return {};
}

void ReceivePack::report(const std::string& unpack_status) {
  StatusReport report;
  report.unpack = unpack_status.empty() ? "ok" : unpack_status;
  for (ReceivedCommand& command : commands_) {
    RefReport line;
    line.name = command.wire.name;
    line.is_ok = command.error.empty();
    line.message = command.error;
    line.options = command.reports;
    report.refs.push_back(std::move(line));
  }
  std::string packets = format_status_report(report, machine_.request().report_status == 2);
  if (!machine_.request().side_band_64k) {
    write_in_full(1, packets);
    return;
  }
  std::string bands;
  append_sideband(bands, kBandData, packets);
  write_in_full(1, bands);
}

bool ReceivePack::any_ok() const {
  return std::any_of(commands_.begin(), commands_.end(), [](const ReceivedCommand& c) { return c.error.empty(); });
}

void ReceivePack::run() {
  machine_.set_tap(packet_tap("receive-pack", false));
  make_nonce();
  if (options_.advertise_refs || !options_.is_stateless) advertise();
  if (options_.advertise_refs) return;
  read_commands();
  output_ = std::make_unique<PushOutput>(machine_.request().side_band_64k);
  if (commands_.empty()) return;
  if (const std::string& sid = machine_.request().session_id; !sid.empty()) trace2::data("transfer", "client-sid", sid);
  if (!has_consistent_options())
    for (ReceivedCommand& command : commands_) command.error = "inconsistent push options";
  std::string unpack_status;
  bool has_pack = std::any_of(commands_.begin(), commands_.end(), [](const ReceivedCommand& c) { return !c.is_delete(); });
  if (has_pack) unpack_status = unpack();
  if (!config_.shallow_update && !machine_.request().shallow.empty()) new_shallow_.clear();
  execute(unpack_status);
  if (!pack_lockfile_.empty()) remove_file(pack_lockfile_);
  if (machine_.request().report_status) report(unpack_status);
  run_stdin_hook("post-receive", true);
  run_post_update();
  flush_out();
  if (config_.auto_gc) {
    Config& config = repo_.config();
    bool detaches = config.get_bool_or("maintenance.autodetach", config.get_bool_or("gc.autodetach", true));
    ChildProcess gc;
    gc.git_command = true;
    gc.args = {"maintenance", "run", "--auto", "--quiet", detaches ? "--detach" : "--no-detach"};
    gc.in = ChildProcess::kNull;
    gc.stdout_to_stderr = true;
    ErrorRelay relay(gc, *output_);
    if (gc.start()) gc.finish();
  }
  if (config_.update_server_info && any_ok()) {
    ChildProcess update;
    update.git_command = true;
    update.args = {"update-server-info"};
    update.run();
  }
  if (machine_.request().side_band_64k) write_in_full(1, "0000");
}

void receive_pack(Repository& repo, const ReceivePackOptions& options) {
  IgnoreSigpipe quiet;
  install_ref_transaction_hook(repo);
  ReceivePack(repo, options).run();
}

}  // namespace git
