// The v0/v1 conversation in wire order, then v2's "fetch".
#include "upload-pack.h"

#include <unistd.h>

#include <set>

#include "base/fd.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "config.h"
#include "connect.h"
#include "net/channel.h"
#include "odb.h"
#include "pkt-line.h"
#include "protocol/serve-v2.h"
#include "refs.h"
#include "repository.h"
#include "upload-pack-state.h"
#include "walk/commit-pool.h"
#include "wire/acks.h"

namespace git {
namespace {

constexpr char kBaseCapabilities[] =
    "multi_ack thin-pack side-band side-band-64k ofs-delta shallow deepen-since deepen-not deepen-relative no-progress "
    "include-tag "
    "multi_ack_detailed";

std::string capabilities_v0(Repository& repo, const UploadPackConfig& config, bool is_stateless, const std::string& head_target) {
  std::string words = kBaseCapabilities;
  if (config.allow_tip) words += " allow-tip-sha1-in-want";
  if (config.allow_reachable) words += " allow-reachable-sha1-in-want";
  if (is_stateless) words += " no-done";
  if (!head_target.empty()) words += " symref=HEAD:" + head_target;
  if (config.allow_filter) words += " filter";
  if (std::string sid = advertised_session_id(repo.config()); !sid.empty()) words += " session-id=" + sid;
  words += strf(" object-format=%s", hash_name(repo.algo()));
  return words + " agent=" + served_agent();
}

// One v0/v1 conversation.
class UploadPack {
 public:
  UploadPack(Repository& repo, const UploadPackOptions& options)
      : repo_(repo),
        options_(options),
        config_(repo),
        hidden_(repo.config(), "uploadpack", repo.ref_namespace()),
        host_(repo, hidden_),
        machine_(repo.algo(), host_, {options.is_stateless, config_.allow_filter}) {}

  void run();

 private:
  void advertise();
  void check_wants();
  bool is_served_tip(const ObjectId& oid);
  [[noreturn]] void refuse_want(const ObjectId& oid);
  void answer_wants();
  void pump();

  Repository& repo_;
  const UploadPackOptions& options_;
  UploadPackConfig config_;
  HiddenRefs hidden_;
  ServedFetch host_;
  ServeFetch machine_;
  Channel channel_{0, 1};
  std::set<ObjectId> tips_;      // what the refs that may be seen point at
  std::set<ObjectId> all_tips_;  // with the hidden ones, where allowTipSHA1InWant asks for them
  bool tips_loaded_ = false;
};

void UploadPack::advertise() {
  if (options_.version == 1) machine_.send_line("version 1\n");
  std::string head_target;
  std::vector<ServedRef> refs;
  for_each_served_ref(repo_, hidden_, true, [&](const ServedRef& ref) {
    if (ref.name == "HEAD") head_target = ref.symref_target;
    refs.push_back(ref);
  });
  std::string words = capabilities_v0(repo_, config_, options_.is_stateless || options_.advertise_refs, head_target);
  bool first = true;
  for (const ServedRef& ref : refs) {
    machine_.send_line(first ? strf("%s %s", ref.oid, ref.name) + '\0' + words + "\n" : strf("%s %s\n", ref.oid, ref.name));
    first = false;
    if (ref.peeled) machine_.send_line(strf("%s %s^{}\n", *ref.peeled, ref.name));
    channel_.flush(machine_);
  }
  if (first) machine_.send_line(strf("%s capabilities^{}", ObjectId::null(repo_.algo())) + '\0' + words + "\n");
  for (const ObjectId& oid : repo_.shallow_commits()) machine_.send_line(strf("shallow %s", oid));
  machine_.send_end();
  channel_.flush(machine_);
}

bool UploadPack::is_served_tip(const ObjectId& oid) {
  if (!tips_loaded_) {
    for_each_served_ref(repo_, hidden_, false, [&](const ServedRef& ref) { tips_.insert(ref.oid); });
    if (config_.allow_tip) {
      repo_.refs().for_each(repo_.ref_namespace() + "refs/", [&](const Ref& ref) {
        all_tips_.insert(ref.oid);
        return true;
      });
    }
    tips_loaded_ = true;
  }
  return tips_.count(oid) || all_tips_.count(oid);
}

void UploadPack::refuse_want(const ObjectId& oid) {
  machine_.refuse(strf("upload-pack: not our ref %s", oid));
  channel_.flush(machine_);
  die("git upload-pack: not our ref %s", oid);
}

void UploadPack::check_wants() {
  if (const std::string& sid = machine_.request().session_id; !sid.empty()) trace2::data("transfer", "client-sid", sid);
  for (const ObjectId& oid : machine_.request().wants) {
    if (!repo_.odb().has(oid)) refuse_want(oid);
    host_.add_want(oid);
    if (config_.allow_any || is_served_tip(oid)) continue;
    // Between two requests of a stateless client the refs may have moved on: what they reach is as good.
    if (!options_.is_stateless && !config_.allow_reachable) refuse_want(oid);
    Commit* commit = repo_.commits().peel_to_commit(oid);
    VisibleHistory visible(repo_.commits(), [this](const std::function<void(const ObjectId&)>& add) {
      for (const ObjectId& tip : tips_) add(tip);
    });
    if (!commit || !visible.reaches(commit)) refuse_want(oid);
  }
  for (const ObjectId& oid : machine_.request().wants) host_.history().add_tip(oid);
}

void UploadPack::answer_wants() {
  FetchWants& request = machine_.request();
  auto refuse = [this](const std::string& why) {
    machine_.refuse(why);
    channel_.flush(machine_);
  };
  request.filter = check_filter(repo_, config_, request.filter, refuse);
  check_wants();
  host_.trace_request(request, 0, 0);  // the haves come later
  std::vector<std::string> lines = host_.deepen(request);
  if (host_.is_boundary_moved()) {
    for (const std::string& line : lines) machine_.send_line(line);
    machine_.send_end();
  }
  machine_.proceed();
}

void UploadPack::pump() {
  for (;;) {
    while (auto event = machine_.next_event()) {
      switch (event->kind) {
        case ServeFetchEvent::Kind::wants:
          answer_wants();
          break;
        case ServeFetchEvent::Kind::pack:
          channel_.flush(machine_);
          ::alarm(0);
          host_.send_pack(machine_.request(), config_);
          return;
        case ServeFetchEvent::Kind::done:
          channel_.flush(machine_);
          return;
        case ServeFetchEvent::Kind::error:
          channel_.flush(machine_);
          die("%s", event->text);
      }
    }
    ::alarm(static_cast<unsigned>(options_.timeout));
    channel_.step(machine_);
  }
}

void UploadPack::run() {
  machine_.set_tap(packet_tap("upload-pack", false));
  if (options_.advertise_refs || !options_.is_stateless) advertise();
  if (!options_.advertise_refs) pump();
}

}  // namespace

void upload_pack(Repository& repo, const UploadPackOptions& options) {
  IgnoreSigpipe quiet;
  UploadPack(repo, options).run();
}

// ---- v2 ----

struct FetchCommand::State {
  explicit State(Repository& r) : repo(r), config(r), hidden(r.config(), "uploadpack", r.ref_namespace()), host(r, hidden) {}
  Repository& repo;
  UploadPackConfig config;
  HiddenRefs hidden;
  ServedFetch host;
  FetchWants request;
  std::vector<std::pair<ObjectId, std::string>> wanted_refs;
  std::set<std::string> want_ref_names;
  std::vector<ObjectId> acks;
  std::size_t haves = 0;
  std::set<ObjectId> acked;
  bool wait_for_done = false, done = false, refused = false;

  void refuse(ServeV2& machine, const std::string& text) {
    machine.respond("ERR " + text);
    refused = true;
  }
  [[noreturn]] void die_refused(ServeV2& machine, const std::string& text) {
    refuse(machine, text);
    write_in_full(1, machine.pending_output());
    machine.consume_output(machine.pending_output().size());
    die("%s", text);
  }
  void want(ServeV2& machine, const ObjectId& oid);
  void want_ref(ServeV2& machine, std::string_view name);
  bool option(ServeV2& machine, std::string_view line);
  bool send_acks(ServeV2& machine);
  // One line of the answer; with sideband-all it comes in band 1.
  void say(ServeV2& machine, const std::string& line) { machine.respond(request.sideband_all ? '\1' + line : line); }
};

FetchCommand::FetchCommand(Repository& repo) : state_(std::make_unique<State>(repo)) {}
FetchCommand::~FetchCommand() = default;

void FetchCommand::skip_promised(bool skips) { state_->host.skip_promised(skips); }

std::string FetchCommand::features() const {
  std::string words = "shallow wait-for-done";
  if (state_->config.allow_filter) words += " filter";
  if (state_->config.allow_ref_in_want) words += " ref-in-want";
  if (state_->config.allow_sideband_all) words += " sideband-all";
  if (state_->config.has_packfile_uris) words += " packfile-uris";
  return words;
}

void FetchCommand::begin() {
  State& s = *state_;
  s.host.forget_request();
  s.request = {};
  s.request.sideband = static_cast<int>(kMaxPacketSize);
  s.wanted_refs.clear();
  s.want_ref_names.clear();
  s.acks.clear();
  s.acked.clear();
  s.wait_for_done = s.done = s.refused = false;
  s.haves = 0;
}

void FetchCommand::State::want(ServeV2& machine, const ObjectId& oid) {
  if (!repo.odb().has(oid)) {
    refuse(machine, strf("upload-pack: not our ref %s", oid));
    write_in_full(1, machine.pending_output());
    machine.consume_output(machine.pending_output().size());
    die("git upload-pack: not our ref %s", oid);
  }
  host.add_want(oid);
  host.history().add_tip(oid);
}

void FetchCommand::State::want_ref(ServeV2& machine, std::string_view name) {
  std::string full = repo.ref_namespace() + std::string(name);
  auto oid = hidden.is_hidden(full) ? std::nullopt : repo.refs().read_oid(full);
  if (!oid) die_refused(machine, strf("unknown ref %s", name));
  if (!want_ref_names.insert(std::string(name)).second) die_refused(machine, strf("duplicate want-ref %s", name));
  wanted_refs.emplace_back(*oid, name);
  want(machine, *oid);
}

bool FetchCommand::State::option(ServeV2& machine, std::string_view line) {
  if (line == "thin-pack") return request.thin_pack = true;
  if (line == "ofs-delta") return request.ofs_delta = true;
  if (line == "no-progress") return request.no_progress = true;
  if (line == "include-tag") return request.include_tag = true;
  if (line == "done") return done = true;
  if (line == "wait-for-done") return wait_for_done = true;
  if (line == "sideband-all" && config.allow_sideband_all) return request.sideband_all = true;
  if (line == "deepen-relative") return request.deepen_relative = true;
  std::string_view rest;
  if (skip_prefix(line, "deepen ", &rest)) {
    auto depth = parse_uint(rest);
    if (!depth || *depth == 0 || *depth > 0x7fffffff) die_refused(machine, strf("Invalid deepen: %s", line));
    request.depth = static_cast<int>(*depth);
    return true;
  }
  if (skip_prefix(line, "deepen-since ", &rest)) {
    if (!parse_uint(rest).value_or(0)) die_refused(machine, strf("Invalid deepen-since: %s", line));
    request.deepen_since = rest;
    return true;
  }
  if (skip_prefix(line, "deepen-not ", &rest)) {
    request.deepen_not.emplace_back(rest);
    return true;
  }
  if (config.allow_filter && skip_prefix(line, "filter ", &rest)) {
    request.filter = rest;
    return true;
  }
  if (config.has_packfile_uris && skip_prefix(line, "packfile-uris ", &rest)) {
    if (!request.uri_protocols.empty()) die_refused(machine, "multiple packfile-uris lines forbidden");
    for (std::string_view protocol : split(rest, ',')) request.uri_protocols.emplace_back(protocol);
    return true;
  }
  return false;
}

void FetchCommand::argument(ServeV2& machine, std::string_view line) {
  State& s = *state_;
  if (s.refused) return;
  HashAlgo algo = s.repo.algo();
  if (auto want = parse_oid_line(line, "want", algo); want && want->rest.empty()) return s.want(machine, want->oid);
  if (auto have = parse_oid_line(line, "have", algo); have && have->rest.empty()) {
    s.haves++;
    if (s.host.acknowledge(have->oid) && s.acked.insert(have->oid).second) s.acks.push_back(have->oid);
    return;
  }
  if (auto shallow = parse_oid_line(line, "shallow", algo)) {
    s.request.shallow.push_back(shallow->oid);
    return;
  }
  std::string_view name;
  if (s.config.allow_ref_in_want && skip_prefix(line, "want-ref ", &name)) return s.want_ref(machine, name);
  if (s.option(machine, line)) return;
  s.die_refused(machine, strf("unexpected line: '%s'", line));
}

// True where a pack follows.
bool FetchCommand::State::send_acks(ServeV2& machine) {
  say(machine, "acknowledgments\n");
  if (acks.empty()) say(machine, "NAK\n");
  for (const ObjectId& oid : acks) say(machine, strf("ACK %s\n", oid));
  if (!wait_for_done && host.can_give_up()) {
    say(machine, "ready\n");
    return true;
  }
  return false;
}

void FetchCommand::end(ServeV2& machine, const std::function<void()>& flush) {
  State& s = *state_;
  if (s.host.wants().empty() && !s.wait_for_done) return flush();
  s.host.trace_request(s.request, s.haves, s.wanted_refs.size());
  // With wait-for-done every round is answered, also one that offers nothing; only "done" brings a pack.
  bool only_acks = s.wait_for_done && (!s.done || s.host.wants().empty());
  if (only_acks || (s.haves && !s.done)) {
    if (!s.send_acks(machine)) {
      machine.respond_flush();
      return flush();
    }
    machine.respond_delim();
  }
  if (!s.request.uri_protocols.empty() && !s.request.sideband_all) s.die_refused(machine, "packfile_uris requires sideband-all");
  if (!s.wanted_refs.empty()) {
    s.say(machine, "wanted-refs\n");
    for (const auto& [oid, name] : s.wanted_refs) s.say(machine, strf("%s %s\n", oid, name));
    machine.respond_delim();
  }
  s.request.filter = check_filter(s.repo, s.config, s.request.filter, [&](const std::string& why) {
    s.refuse(machine, why);
    flush();
  });
  if (s.request.is_deepening() || !s.request.shallow.empty() || s.repo.is_shallow()) {
    bool server_boundary = !s.request.is_deepening() && s.repo.is_shallow();
    if (server_boundary) s.request.depth = 0x7fffffff;
    s.say(machine, "shallow-info\n");
    for (const std::string& line : s.host.deepen(s.request)) s.say(machine, line);
    machine.respond_delim();
  }
  // With URIs the pack may be preceded by them.
  if (s.request.uri_protocols.empty()) s.say(machine, "packfile\n");
  flush();
  s.host.send_pack(s.request, s.config);
}

}  // namespace git
