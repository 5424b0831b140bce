// pack-objects writes the pack; its bytes are passed on to the server while the server's progress and report are read,
// so that neither side can wait for the other.
#include "send-pack.h"

#include <poll.h>

#include <climits>
#include <unordered_set>

#include "base/error.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "config/ident.h"
#include "gpg-interface.h"
#include "odb.h"
#include "pkt-line.h"
#include "protocol/push-client.h"
#include "push-boundary.h"
#include "repository.h"
#include "sideband.h"
#include "wire/push-cert.h"

namespace git {

namespace {

class SendPack {
 public:
  SendPack(Repository& repo, Connection& connection, const Advertisement& advertised, RemoteRefs& refs, const SendPackArgs& args)
      : repo_(repo),
        connection_(connection),
        advertised_(advertised),
        refs_(refs),
        args_(args),
        text_(&repo.config(), args.url) {}

  int run() {
    if (refs_.empty()) {
      write_flush_packet_quietly();
      err(_("No refs in common and none specified; doing nothing.\nPerhaps you should specify a branch.\n"));
      return -1;
    }
    check_server();
    bool goes_on = choose_commands();
    if (!goes_on || args_.is_dry_run || commands_.empty()) {
      // Nothing to ask for: a flush says so.
      IgnoreSigpipe guard;
      write_flush_packet_quietly();
      return args_.is_porcelain || (goes_on && !any_failed()) ? 0 : -1;
    }
    return converse();
  }

 private:
  const Capabilities& caps() const { return advertised_.capabilities; }

  void check_server() {
    if (advertised_.algo != repo_.algo()) die("%s", _("the receiving end does not support this repository's hash algorithm"));
    if (args_.is_atomic && !caps().has("atomic")) die("%s", _("the receiving end does not support --atomic push"));
    if (!args_.push_options.empty() && !caps().has("push-options"))
      die("%s", _("the receiving end does not support push options"));
    nonce_ = caps().value("push-cert");
    signs_ = args_.signs != SendPackArgs::Sign::never;
    if (args_.signs == SendPackArgs::Sign::always && !nonce_) die("%s", _("the receiving end does not support --signed push"));
    if (args_.signs == SendPackArgs::Sign::if_asked && !nonce_) {
      warning("%s", _("not sending a push certificate since the receiving end does not support --signed push"));
      signs_ = false;
    }
    if (signs_)
      for (char c : *nonce_)
        if (!is_alnum(c) && std::string_view("-.+/=_").find(c) == std::string_view::npos)
          die(_("the receiving end asked to sign an invalid nonce <%s>"), *nonce_);
  }

  static bool is_rejected(PushStatus status) {
    switch (status) {
      case PushStatus::reject_nonfastforward:
      case PushStatus::reject_already_exists:
      case PushStatus::reject_nodelete:
      case PushStatus::reject_fetch_first:
      case PushStatus::reject_needs_force:
      case PushStatus::reject_stale:
      case PushStatus::reject_shallow:
      case PushStatus::reject_remote_updated:
      case PushStatus::remote_reject:
      case PushStatus::atomic_push_failed:
        return true;
      default:
        return false;
    }
  }

  bool any_failed() const {
    for (const RemoteRef& ref : refs_)
      if (ref.peer && is_rejected(ref.status)) return true;
    return false;
  }

  bool fail_atomically(const RemoteRef& failing) {
    for (RemoteRef& ref : refs_) {
      if (!ref.peer && !args_.sends_mirror) continue;
      if (ref.status == PushStatus::none || ref.status == PushStatus::ok || ref.status == PushStatus::expecting_report)
        ref.status = PushStatus::atomic_push_failed;
    }
    if (!args_.is_porcelain)
      error(_("atomic push failed for ref %s. status: %d"), failing.name, static_cast<int>(failing.status));
    return false;
  }

  bool choose_commands() {
    bool can_delete = caps().has("delete-refs");
    for (RemoteRef& ref : refs_) {
      if (!ref.peer && !args_.sends_mirror) continue;
      if (ref.status == PushStatus::uptodate) continue;
      if (ref.status == PushStatus::none && ref.is_deletion && !can_delete) ref.status = PushStatus::reject_nodelete;
      if (is_rejected(ref.status)) {
        if (args_.is_atomic) return fail_atomically(ref);
        continue;
      }
      if (!ref.is_deletion) needs_pack_ = true;
      bool has_report = caps().has("report-status") || caps().has("report-status-v2");
      ref.status = has_report && !args_.is_dry_run ? PushStatus::expecting_report : PushStatus::ok;
      commands_.push_back({ref.old_oid, ref.new_oid, ref.name});
    }
    return true;
  }

  void write_flush_packet_quietly() {
    if (args_.is_stateless) return;  // no request at all
    if (!write_in_full(connection_.out(), "0000")) return;
    trace_packet(args_.trace_identity, true, {PacketType::flush, {}});
  }

  std::string certificate() {
    PushCertificate cert;
    // The key, with the time of an identity line.
    std::string ident = committer_ident(repo_.config());
    cert.pusher = signing_key_id(repo_) + ident.substr(ident.rfind('>') + 1);
    cert.pushee = args_.url;
    cert.nonce = *nonce_;
    cert.push_options = args_.push_options;
    cert.commands = commands_;
    std::string text = format_push_certificate(cert);
    auto signature = sign_buffer(repo_, text, signing_key(repo_));
    if (!signature) die("%s", _("failed to sign the push certificate"));
    return text + *signature;
  }

  int converse() {
    PushRequest request;
    request.algo = repo_.algo();
    request.server = caps();
    request.agent = user_agent();
    request.session_id = advertised_session_id(repo_.config());
    request.commands = commands_;
    if (repo_.is_shallow()) request.shallow = repo_.shallow_commits();
    request.push_options = args_.push_options;
    request.is_atomic = args_.is_atomic;
    request.is_quiet = args_.is_quiet || !args_.shows_progress;
    if (signs_) request.signed_cert = certificate();
    PushClient client(std::move(request));
    client.set_tap(packet_tap(args_.trace_identity, true));
    IgnoreSigpipe guard;
    client.start();
    write_commands(client);
    bool pack_failed = needs_pack_ && !send_objects(client);
    if (args_.is_stateless)
      write_in_full(connection_.out(), "0000");
    else if (needs_pack_ && connection_.has_child)
      connection_.close_out();  // nothing follows the pack, and some servers wait for that
    if (!pack_failed || client.is_waiting()) {
      connection_.channel.run(client, [&] { handle_events(client); });
    }
    handle_events(client);
    text_.finish();
    return take_report(client, pack_failed);
  }

  // Over a stateless helper commands and pack are one request, in packets of an envelope that a flush ends.
  void write_commands(PushClient& client) {
    if (!args_.is_stateless) {
      connection_.channel.flush(client);
      return;
    }
    std::string bytes;
    append_packets(bytes, client.pending_output());
    client.consume_output(client.pending_output().size());
    write_in_full(connection_.out(), bytes);
  }

  static bool is_complaint(std::string_view text) {
    return text.find("fatal:") != std::string_view::npos || text.find("error:") != std::string_view::npos;
  }

  void handle_events(PushClient& client) {
    while (auto event = client.next_event()) {
      switch (event->kind) {
        case PushEvent::Kind::progress:
          if (args_.held_back && is_complaint(event->text))
            args_.held_back->remote += event->text;
          else
            text_.show(event->text);
          break;
        case PushEvent::Kind::remote_error:
          text_.show_error(event->text);
          has_remote_error_ = true;
          break;
        case PushEvent::Kind::error:
          failure_ = event->text;
          break;
        case PushEvent::Kind::done:
          break;
      }
    }
  }

  std::string pack_input() {
    std::vector<ObjectId> tips, there = advertised_.extra_have;
    there.insert(there.end(), args_.common.begin(), args_.common.end());
    for (const RemoteRef& ref : refs_) {
      if (!ref.old_oid.is_null()) there.push_back(ref.old_oid);
      bool is_sent = ref.status == PushStatus::expecting_report || ref.status == PushStatus::ok;
      if (is_sent && !ref.new_oid.is_null()) tips.push_back(ref.new_oid);
    }
    std::string input;
    std::unordered_set<ObjectId, ObjectIdHash> said;
    for (const ObjectId& oid : push_boundary(repo_, tips, std::move(there)))
      if (said.insert(oid).second && repo_.odb().has(oid, kLookupNoFetch | kLookupQuick)) input += "^" + oid.hex() + "\n";
    for (const ObjectId& oid : tips) input += oid.hex() + "\n";
    return input;
  }

  bool send_objects(PushClient& client) {
    ChildProcess child;
    child.git_command = true;
    child.args = {"pack-objects", "--all-progress-implied", "--revs", "--stdout"};
    if (args_.use_thin_pack) child.args.push_back("--thin");
    if (caps().has("ofs-delta")) child.args.push_back("--delta-base-offset");
    if (args_.is_quiet || !args_.shows_progress) child.args.push_back("-q");
    if (args_.shows_progress) child.args.push_back("--progress");
    if (repo_.is_shallow()) child.args.push_back("--shallow");
    if (!repo_.config().get_bool_or("push.usebitmaps", true)) child.args.push_back("--no-use-bitmap-index");
    child.in = ChildProcess::kPipe;
    child.out = ChildProcess::kPipe;
    child.clean_on_exit = true;
    if (!child.start()) die_errno("%s", _("git pack-objects failed"));
    write_in_full(child.in_fd(), pack_input());
    child.close_in();
    relay(client, child.out_fd());
    return child.finish() == 0;
  }

  // The pack goes out while what the server says comes in.
  void relay(PushClient& client, int source) {
    std::string pending;
    bool at_end = false;
    bool is_broken = false;
    std::string buffer(65536, '\0');
    while (!at_end || !pending.empty()) {
      struct pollfd fds[3] = {{pending.empty() && !at_end ? source : -1, POLLIN, 0},
                              {client.is_waiting() ? connection_.in() : -1, POLLIN, 0},
                              {!pending.empty() ? connection_.out() : -1, POLLOUT, 0}};
      if (poll(fds, 3, -1) < 0) {
        if (errno == EINTR) continue;
        die_errno("%s", _("poll failed"));
      }
      if (fds[0].revents) {
        ssize_t got = xread(source, buffer.data(), args_.is_stateless ? 65000 : buffer.size());
        if (got <= 0) {
          at_end = true;
        } else {
          std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
          if (args_.is_stateless)
            append_packets(pending, bytes);
          else
            pending = bytes;
        }
      }
      if (fds[1].revents) {
        connection_.channel.step_input(client);
        handle_events(client);
      }
      if (is_broken) pending.clear();
      if (!fds[2].revents || pending.empty()) continue;
      ssize_t put = xwrite(connection_.out(), pending.data(), std::min<std::size_t>(pending.size(), PIPE_BUF));
      if (put < 0)
        is_broken = true;
      else
        pending.erase(0, static_cast<std::size_t>(put));
    }
  }

  RemoteRef* find_ref(std::string_view name) { return find_remote_ref(refs_, name); }

  int take_report(PushClient& client, bool pack_failed) {
    int result = 0;
    if (!client.uses_report()) {
      if (!failure_.empty()) return error("%s", failure_);
      return pack_failed || any_failed() ? -1 : 0;
    }
    const auto& report = client.report();
    if (!report) {
      for (RemoteRef& ref : refs_)
        if (ref.status == PushStatus::expecting_report) ref.status = PushStatus::none;
      if (!failure_.empty()) {
        if (starts_with(failure_, "remote error: ")) die("%s", failure_);
        if (client.uses_sideband()) err("send-pack: unexpected disconnect while reading sideband packet\n");
        die("%s", failure_);
      }
      return -1;
    }
    if (!report->is_unpack_ok()) {
      if (args_.held_back)
        args_.held_back->local += strf(_("error: remote unpack failed: %s\n"), report->unpack);
      else
        error(_("remote unpack failed: %s"), report->unpack);
      result = -1;
    }
    for (const RefReport& said : report->refs) {
      RemoteRef* ref = find_ref(said.name);
      if (!ref) {
        warning(_("remote reported status on unknown ref: %s"), said.name);
        continue;
      }
      if (ref->status != PushStatus::expecting_report && !(ref->status == PushStatus::ok && !said.options.empty())) {
        warning(_("remote reported status on unexpected ref: %s"), said.name);
        continue;
      }
      if (!said.is_ok) {
        ref->status = PushStatus::remote_reject;
        ref->remote_status = said.message;
      } else {
        ref->status = PushStatus::ok;
        ref->reports = said.options;
      }
    }
    if (!failure_.empty()) {
      error("%s", failure_);
      result = -1;
    }
    if (pack_failed) result = -1;
    if (has_remote_error_) result = -1;
    // With --porcelain the table says what became of each ref.
    if (result < 0 || args_.is_porcelain) return result;
    for (const RemoteRef& ref : refs_)
      if (ref.status == PushStatus::expecting_report) result = -1;
    return any_failed() ? -1 : result;
  }

  Repository& repo_;
  Connection& connection_;
  const Advertisement& advertised_;
  RemoteRefs& refs_;
  const SendPackArgs& args_;
  RemoteText text_;
  std::optional<std::string> nonce_;
  bool signs_ = false, needs_pack_ = false, has_remote_error_ = false;
  std::vector<PushCommand> commands_;
  std::string failure_;
};

}  // namespace

int send_pack(Repository& repo, Connection& connection, const Advertisement& advertised, RemoteRefs& refs,
              const SendPackArgs& args) {
  return SendPack(repo, connection, advertised, refs, args).run();
}

}  // namespace git
