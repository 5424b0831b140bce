// A v2 server is asked for refs on the connection that the fetch then uses; after a fetch the connection is spent.
#include "transport-native.h"

#include "base/error.h"
#include "base/strings.h"
#include "config.h"
#include "pkt-line.h"
#include "protocol.h"
#include "protocol/bundle-uri-client.h"
#include "protocol/ls-refs-client.h"
#include "repository.h"
#include "send-pack.h"

namespace git {

NativeTransport::NativeTransport(Repository* repo, Config& config, Remote* remote, std::string url)
    : Transport(repo, config, remote, std::move(url)) {
  advertised_.algo = repo ? repo->algo() : HashAlgo::sha1;
}

NativeTransport::~NativeTransport() {
  if (connection_) connection_->finish();
}

void NativeTransport::adopt(std::unique_ptr<Connection> connection) {
  connection_ = std::move(connection);
  has_heard_ = has_refs_ = false;
}

std::unique_ptr<Connection> NativeTransport::connect(const std::string& service, const std::string& program) {
  ConnectOptions how;
  how.service = service;
  how.program = program;
  how.version = 0;
  how.is_verbose = options.verbosity > 0;
  how.ipv4 = options.ipv4;
  how.ipv6 = options.ipv6;
  return git_connect(config_, url_, how);
}

void NativeTransport::handshake(bool for_push) {
  if (!connection_) {
    ConnectOptions how;
    how.service = for_push ? "git-receive-pack" : "git-upload-pack";
    const std::string& own = for_push ? options.receivepack : options.uploadpack;
    std::string configured = !remote_ ? "" : for_push ? remote_->receivepack : remote_->uploadpack;
    how.program = !own.empty() ? own : !configured.empty() ? configured : how.service;
    how.version = protocol_version_config(config_);
    if (for_push && how.version == 2) how.version = 0;
    if (for_push) how.extra_keys = format_push_base_keys(options.push_keys);
    how.is_verbose = options.verbosity > 0;
    how.ipv4 = options.ipv4;
    how.ipv6 = options.ipv6;
    how.trace_identity = options.trace_identity;
    connection_ = git_connect(config_, url_, how);
  }
  if (has_heard_) return;
  advertised_ = read_advertisement(connection_->channel, options.trace_identity);
  has_heard_ = true;
}

std::vector<std::string> NativeTransport::capability_lines() const {
  std::vector<std::string> words;
  if (advertised_.capabilities.has("agent")) words.push_back("agent=" + user_agent());
  std::string sid = advertised_session_id(config_);
  if (!sid.empty() && advertised_.capabilities.has("session-id")) words.push_back("session-id=" + sid);
  if (!options.fetch.server_options.empty() && !advertised_.capabilities.has("server-option"))
    die("%s", _("server doesn't support 'server-option'"));
  for (const std::string& option : options.fetch.server_options) words.push_back("server-option=" + option);
  if (advertised_.capabilities.has("object-format")) words.push_back(strf("object-format=%s", hash_name(advertised_.algo)));
  return words;
}

void NativeTransport::list_v2(const std::vector<std::string>& prefixes) {
  LsRefsRequest request;
  request.algo = advertised_.algo;
  request.capabilities = capability_lines();
  request.prefixes = prefixes;
  request.wants_unborn = advertised_.capabilities.supports("ls-refs", "unborn");
  request.is_stateless = connection_->is_stateless;
  LsRefsClient client(request);
  client.set_tap(packet_tap(options.trace_identity));
  IgnoreSigpipe guard;
  client.start();
  connection_->channel.run(client);
  if (client.state() != LsRefsClient::State::done) die("%s", client.error());
  connection_->channel.hand_over(client);
  advertised_.refs = client.take();
}

RemoteRefs NativeTransport::refs(bool for_push, const std::vector<std::string>& prefixes) {
  if (!has_refs_) {
    handshake(for_push);
    if (advertised_.version == 2) {
      list_v2(prefixes);
      if (!for_push) promisors();
    } else if (options.fetch.server_options_are_asked_for) {
      errf("%s\n", _("server options require protocol version 2 or later"));
      die("%s", _("see protocol.version in 'git help config' for more details"));
    }
    has_refs_ = true;
  }
  return remote_refs_of(advertised_.refs);
}

std::optional<BundleList> NativeTransport::bundle_list() {
  if (!has_heard_ || advertised_.version != 2 || !advertised_.capabilities.has("bundle-uri")) return std::nullopt;
  BundleUriClient client({capability_lines(), connection_->is_stateless});
  client.set_tap(packet_tap(options.trace_identity));
  IgnoreSigpipe guard;
  client.start();
  connection_->channel.run(client);
  if (client.state() != BundleUriClient::State::done) die("%s", client.error());
  connection_->channel.hand_over(client);
  for (const std::string& text : client.complaints()) error("%s", text);
  if (!client.complaints().empty()) return std::nullopt;
  return client.take();
}

// Asked once, even if nothing is fetched then: what the server says may be stored.
const PromisorReply& NativeTransport::promisors() {
  if (promisors_) return *promisors_;
  promisors_.emplace();
  auto offered = advertised_.capabilities.value("promisor-remote");
  if (repo_ && options.fetch.answers_promisors && advertised_.version == 2 && offered)
    promisors_ = answer_promisor_advertisement(*repo_, *offered);
  return *promisors_;
}

int NativeTransport::fetch(RemoteRefs& wanted) {
  handshake(false);
  if (advertised_.version == 2 && !options.fetch.server_options.empty() && !advertised_.capabilities.has("server-option"))
    die("%s", _("server doesn't support 'server-option'"));
  if (options.fetch.negotiate_only && advertised_.version < 2) {
    warning(_("%s requires protocol v2"), "--negotiate-only");
    disconnect();
    return -1;
  }
  FetchPackArgs args = options.fetch;
  args.url = url_;
  args.is_quiet = options.verbosity < 0;
  args.no_progress = !options.shows_progress();
  args.include_tag = options.follow_tags;
  args.is_stateless = connection_->is_stateless;
  args.trace_identity = options.trace_identity;
  args.promisor_remotes = promisors().value;
  if (args.filter == "auto") args.filter = promisors().filter;
  RemoteRefs sought;
  for (const RemoteRef& ref : wanted) sought.push_back(ref);
  last_fetch = fetch_pack(*repo_, connection_->channel, advertised_, sought, args);
  last_fetch.accepted_promisors = promisors().accepted;
  for (RemoteRef& ref : wanted)
    for (const std::string& name : last_fetch.rejected_shallow)
      if (ref.name == name) ref.was_rejected_shallow = true;
  for (std::string& path : last_fetch.lock_files) lock_files.push_back(path);
  // The connection has served; whatever comes next starts anew.
  disconnect();
  return 0;
}

int NativeTransport::push(RemoteRefs& refs, unsigned flags) {
  handshake(true);
  SendPackArgs args;
  args.url = url_;
  args.remote_name = remote_ ? remote_->name : "";
  args.is_verbose = options.verbosity > 0;
  args.is_quiet = options.verbosity < 0 || (flags & kPushQuiet);
  args.shows_progress = options.shows_progress();
  args.use_thin_pack = options.thin_push;
  args.is_dry_run = flags & kPushDryRun;
  args.is_porcelain = flags & kPushPorcelain;
  args.is_atomic = flags & kPushAtomic;
  args.signs = flags & kPushSigned          ? SendPackArgs::Sign::always
               : flags & kPushSignedIfAsked ? SendPackArgs::Sign::if_asked
                                            : SendPackArgs::Sign::never;
  args.push_options = options.push_options;
  args.common = options.push_common;
  args.held_back = options.push_held_back;
  args.sends_mirror = flags & kPushMirror;
  args.force = flags & kPushForce;
  args.is_stateless = connection_->is_stateless;
  args.trace_identity = options.trace_identity;
  int code = send_pack(*repo_, *connection_, advertised_, refs, args);
  has_heard_ = false;  // the conversation is over
  disconnect();
  return code;
}

int NativeTransport::disconnect() {
  int code = 0;
  if (connection_) {
    if (has_heard_ && advertised_.version == 2 && !connection_->is_stateless) {
      IgnoreSigpipe guard;
      write_in_full(connection_->out(), "0000");
      trace_packet(options.trace_identity, true, {PacketType::flush, {}});
    } else if (has_heard_ && advertised_.version < 2 && !last_fetch.got_pack) {
      IgnoreSigpipe guard;
      write_in_full(connection_->out(), "0000");
    }
    code = connection_->finish();
  }
  connection_.reset();
  has_heard_ = false;
  has_refs_ = false;
  return code;
}

}  // namespace git
