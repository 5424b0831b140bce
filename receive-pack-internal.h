// What the parts of a push on the server's side share.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "protocol/serve-push.h"
#include "receive-pack.h"
#include "refs/hidden-refs.h"
#include "wire/report-status.h"

namespace git {

enum class DenyAction { unconfigured, ignore, warn, refuse, update_instead };

struct ReceiveConfig {
  bool deny_deletes = false, deny_non_fast_forwards = false, atomic = true, push_options = false, ofs_delta = true;
  bool fsck_objects = false, auto_gc = true, update_server_info = false, shallow_update = false;
  DenyAction deny_current_branch = DenyAction::unconfigured, deny_delete_current = DenyAction::unconfigured;
  int unpack_limit = 100;
  std::uint64_t max_input_size = 0;
  int keepalive = 5;
  std::string fsck_severities;  // "missingEmail=ignore,..."
  std::string nonce_seed;
  explicit ReceiveConfig(Repository& repo);
};

struct ReceivedCommand {
  PushCommand wire;
  std::string error;  // why it can't be done; "" so far so good
  std::vector<ReportOptions> reports;
  bool did_not_exist = false, skip_update = false;
  bool is_delete() const { return wire.new_oid.is_null(); }
};

// Band 2, or standard error where the client has no side-band.
class PushOutput {
 public:
  explicit PushOutput(bool sideband) : sideband_(sideband) {}
  bool has_sideband() const { return sideband_; }
  void progress(std::string_view text);  // as it is
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

class ReceivePack {
 public:
  ReceivePack(Repository& repo, const ReceivePackOptions& options);
  void run();

 private:
  // conversation
  void advertise();
  std::string capabilities() const;
  void read_commands();
  void report(const std::string& unpack_status);
  // objects
  std::string unpack();
  int run_unpacker(std::vector<std::string> args, bool reads_lockfile);
  // checks and updates
  void execute(const std::string& unpack_status);
  void check_hidden();
  void check_connectivity();
  void check_aliases();
  void update_all_atomically();
  void update_one_by_one();
  std::string check_command(ReceivedCommand& command);
  std::string check_checked_out(const ReceivedCommand& command);
  std::string deny_current_branch(const ReceivedCommand& command, const std::string& worktree);
  std::string update_worktree(const ReceivedCommand& command, const std::string& worktree);
  bool run_update_hook(const ReceivedCommand& command);
  int run_stdin_hook(const std::string& name, bool only_good);
  void run_post_update();
  std::vector<std::string> push_option_env() const;
  bool any_ok() const;

  Repository& repo_;
  const ReceivePackOptions& options_;
  ReceiveConfig config_;
  HiddenRefs hidden_;
  ServePush machine_;
  std::unique_ptr<PushOutput> output_;
  std::vector<ReceivedCommand> commands_;
  std::map<std::string, ObjectId> advertised_;
  std::string pack_lockfile_;  // .keep, removed at the end
  bool has_published_ = false;
  std::vector<ObjectId> new_shallow_;
};

}  // namespace git
