// What the parts of a push on the server's side share.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/run-command.h"
#include "protocol/serve-push.h"
#include "receive-pack.h"
#include "refs/hidden-refs.h"
#include "wire/report-status.h"

namespace git {

struct Worktree;

enum class DenyAction { unconfigured, ignore, warn, refuse, update_instead };

struct ReceiveConfig {
  bool deny_deletes = false, deny_non_fast_forwards = false, atomic = true, push_options = false, ofs_delta = true;
  bool accept_base = true;
  bool fsck_objects = false, auto_gc = true, update_server_info = false, shallow_update = false;
  DenyAction deny_current_branch = DenyAction::unconfigured, deny_delete_current = DenyAction::unconfigured;
  int unpack_limit = 100;
  std::uint64_t max_input_size = 0;
  int keepalive = 5;
  std::string fsck_severities;  // "missingEmail=ignore,..."
  std::string nonce_seed;
  std::int64_t nonce_slop = 0;  // seconds
  explicit ReceiveConfig(Repository& repo);
};

struct ReceivedCommand {
  PushCommand wire;
  std::string error;  // why it can't be done; "" so far so good
  std::vector<ReportOptions> reports;
  bool did_not_exist = false, skip_update = false;
  bool has_corrupt_value = false;  // a ref to be deleted, whatever it says
  // What the proc-receive hook has to do with it.
  enum class Hook : std::uint8_t { none, scheduled, returned } hook = Hook::none;
  bool is_left_alone() const { return !error.empty() || skip_update || hook != Hook::none; }
  bool is_delete() const { return wire.new_oid.is_null(); }
};

// Band 2, or standard error where the client has no side-band.
class PushOutput {
 public:
  explicit PushOutput(bool sideband) : sideband_(sideband) {}
  bool has_sideband() const { return sideband_; }
  void progress(std::string_view text);  // as it is
  void keep_alive();
  void complain(const std::string& prefix, const std::string& text);
  template <class... Args>
  void error(std::string_view format, const Args&... args) {
    complain("error: ", strf(format, args...));
  }
  template <class... Args>
  void warning(std::string_view format, const Args&... args) {
    complain("warning: ", strf(format, args...));
  }

 private:
  bool sideband_;
  std::mutex writing_;
};

// Passes a child's standard error on as progress while it runs, and keeps the connection alive while it is silent.
class ErrorRelay {
 public:
  ErrorRelay(ChildProcess& child, PushOutput& output, int keepalive = 0);
  ~ErrorRelay();

 private:
  Pipe pipe_;
  std::thread thread_;
};

class ReceivePack {
 public:
  ReceivePack(Repository& repo, const ReceivePackOptions& options);
  void run();

 private:
  // conversation
  void advertise();
  void advertise_all();
  bool advertise_from_base();
  void write_advertised(std::size_t enough);
  void advertise_line(const ObjectId& oid, std::string_view name);
  std::string capabilities() const;
  void read_commands();
  void report(const std::string& unpack_status);
  // objects
  std::string unpack();
  std::string shallow_list() const;
  int run_unpacker(std::vector<std::string> args, bool reads_lockfile);
  // checks and updates
  void execute(const std::string& unpack_status);
  void check_hidden();
  void check_connectivity();
  void check_aliases();
  void update_all_atomically();
  void update_separately(bool deletes);
  std::string check_command(ReceivedCommand& command);
  std::string check_checked_out(const ReceivedCommand& command);
  std::string deny_current_branch(const ReceivedCommand& command, const Worktree& worktree);
  std::string update_worktree(const ReceivedCommand& command, const Worktree& where);
  bool run_update_hook(const ReceivedCommand& command);
  int run_stdin_hook(const std::string& name, bool only_good);
  void run_post_update();
  std::vector<std::string> hook_env() const;
  // proc-receive hook
  void choose_for_hook();
  void run_proc_receive();
  bool talk_to_hook(int in, int out);
  bool read_hook_report(int fd);
  bool take_hook_line(std::string_view line, ReceivedCommand*& current, bool& opens_report);
  // certificates
  std::string nonce_at(std::int64_t time) const;
  void make_nonce();
  std::string nonce_status(const std::string& nonce, std::int64_t& slop) const;
  void prepare_certificate();
  bool has_consistent_options() const;
  bool any_ok() const;

  Repository& repo_;
  const ReceivePackOptions& options_;
  ReceiveConfig config_;
  HiddenRefs hidden_;
  ServePush machine_;
  std::unique_ptr<PushOutput> output_;
  std::vector<ReceivedCommand> commands_;
  bool has_advertised_ = false;  // a line, with the capabilities
  std::string pack_lockfile_;    // .keep, removed at the end
  bool has_published_ = false;
  std::vector<ObjectId> new_shallow_;
  std::string nonce_;
  std::vector<std::string> cert_env_;
  std::vector<std::string> hook_errors_;
  bool said_no_match_ = false;
};

}  // namespace git
