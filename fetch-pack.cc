// The order: drop what we can't ask for; see what is complete here already; negotiate; hand the pack to index-pack or
// unpack-objects while it comes; and only then publish a changed shallow boundary.
#include "fetch-pack.h"

#include <unistd.h>

#include <algorithm>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "base/date.h"
#include "base/error.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "base/trace.h"
#include "base/trace2.h"
#include "config.h"
#include "config/fsck-config.h"
#include "connected.h"
#include "fetch-negotiator.h"
#include "odb.h"
#include "pkt-line.h"
#include "protocol/fetch-v0-client.h"
#include "protocol/fetch-v2-client.h"
#include "refs.h"
#include "repository.h"
#include "shallow.h"
#include "sideband.h"
#include "walk/commit-pool.h"
#include "walk/commit-queue.h"
#include "walk/commit-reach.h"

namespace git {

std::optional<std::string> fetch_fsck_option(Config& config, const std::string& option) {
  auto wanted = config.get_bool("fetch.fsckobjects");
  if (!wanted) wanted = config.get_bool("transfer.fsckobjects");
  if (!wanted || !*wanted) return std::nullopt;
  std::string list = fsck_severities_from_config(config, "fetch.fsck", "Skipping unknown msg id '%s'");
  return list.empty() ? option : option + "=" + list;
}

RemoteRefs remote_refs_of(const std::vector<AdvertisedRef>& refs) {
  RemoteRefs list;
  list.reserve(refs.size());
  for (const AdvertisedRef& ref : refs) {
    RemoteRef made;
    made.name = ref.name;
    made.old_oid = ref.oid;
    made.peeled = ref.peeled;
    made.symref = ref.symref_target;
    list.push_back(std::move(made));
  }
  return list;
}

namespace {

// The child that takes the pack.
class PackTaker {
 public:
  // `is_partial`: some of its objects come from elsewhere.
  PackTaker(Repository& repo, const FetchPackArgs& args, const RemoteRefs& sought, std::string shallow_file, bool is_partial)
      : repo_(repo), args_(args), sought_(sought), shallow_file_(std::move(shallow_file)), is_partial_(is_partial) {}

  void take(std::string_view bytes) {
    trace_raw("GIT_TRACE_PACKFILE", bytes);
    if (is_started_) return write(bytes);
    head_ += bytes;
    if (head_.size() < 12) return;
    start();
    write(std::exchange(head_, {}));
  }

  // What index-pack names as wanting a check with the rest at hand (.gitmodules blobs).
  const std::string& dangling() const { return said_; }

  // Waits for the child; dies where it failed.
  void finish(FetchPackResult& result) {
    if (!is_started_) {
      if (head_.empty()) die("%s", _("early EOF"));
      die("%s", _("protocol error: bad pack header"));
    }
    child_.close_in();
    std::string said;
    if (child_.out_fd() >= 0) {
      auto text = read_fd(child_.out_fd());
      if (text) said = *text;
    }
    int code = child_.finish();
    if (code != 0 && !(code == 1 && args_.check_self_contained))
      die(_("%s failed"), is_unpacking_ ? "unpack-objects" : "index-pack");
    result.is_self_contained = args_.check_self_contained && code == 0 && !is_unpacking_ && !is_partial_;
    result.got_pack = true;
    std::string_view line = std::string_view(said).substr(0, said.find('\n'));
    said_ = said.substr(std::min(said.size(), line.size() + 1));
    bool is_kept = skip_prefix(line, "keep\t");
    if (is_kept || skip_prefix(line, "pack\t")) {
      std::string pack = repo_.odb().objects_dir() + "/pack/pack-" + std::string(line);
      if (is_kept) result.lock_files.push_back(pack + ".keep");
      if (args_.from_promisor) note_promised(pack + ".promisor");
    }
    repo_.odb().reprepare();
  }

 private:
  // The mark of a promisor's pack says what was asked for, for people who wonder where it came from.
  void note_promised(const std::string& path) const {
    std::string text;
    for (const RemoteRef& ref : sought_) text += ref.old_oid.hex() + " " + ref.name + "\n";
    UniqueFd fd = open_fd(path, O_WRONLY | O_CREAT | O_TRUNC);
    if (!fd || !write_in_full(fd.get(), text)) die_errno(_("unable to write '%s'"), path);
  }

  std::uint32_t object_count() const {
    std::uint32_t count = 0;
    for (int i = 8; i < 12; i++) count = count << 8 | static_cast<unsigned char>(head_[static_cast<std::size_t>(i)]);
    return count;
  }

  void start() {
    if (head_.substr(0, 4) != "PACK") die("%s", _("protocol error: bad pack header"));
    Config& config = repo_.config();
    auto limit = config.get_int("fetch.unpacklimit");
    if (!limit) limit = config.get_int("transfer.unpacklimit");
    std::int64_t unpack_limit = limit.value_or(100);
    // Only index-pack takes the severities of messages.
    bool keep = args_.keep_pack || args_.from_promisor || is_partial_ || fetch_fsck_option(config, "").has_value();
    is_unpacking_ =
        !keep && !args_.is_cloning && object_count() < static_cast<std::uint64_t>(std::max<std::int64_t>(unpack_limit, 0));
    if (args_.is_cloning) is_unpacking_ = false;
    child_.git_command = true;
    if (!shallow_file_.empty()) child_.args = {"--shallow-file", shallow_file_ == "-" ? "" : shallow_file_};
    if (is_unpacking_)
      unpack_arguments();
    else
      index_arguments();
    child_.in = ChildProcess::kPipe;
    if (!is_unpacking_) child_.out = ChildProcess::kPipe;
    if (is_unpacking_) child_.out = ChildProcess::kInherit;
    child_.clean_on_exit = true;
    if (!child_.start()) die(_("fetch-pack: unable to fork off %s"), is_unpacking_ ? "unpack-objects" : "index-pack");
    is_started_ = true;
  }

  void unpack_arguments() {
    child_.args.push_back("unpack-objects");
    if (args_.is_quiet || args_.no_progress) child_.args.push_back("-q");
  }

  void index_arguments() {
    auto add = [this](std::string arg) { child_.args.push_back(std::move(arg)); };
    add("index-pack");
    add("--stdin");
    if (!args_.is_quiet && !args_.no_progress) add("-v");
    if (args_.use_thin_pack) add("--fix-thin");
    if (args_.lock_pack || args_.keep_pack) {
      char host[256] = "localhost";
      gethostname(host, sizeof host - 1);
      add(strf("--keep=fetch-pack %d on %s", static_cast<int>(getpid()), host));
    }
    if (args_.check_self_contained && !is_partial_) add("--check-self-contained-and-connected");
    if (args_.from_promisor) add("--promisor");
    // The links of a part can't be checked.
    const char* option = args_.no_dependents || args_.from_promisor || is_partial_ ? "--fsck-objects" : "--strict";
    if (auto fsck = fetch_fsck_option(repo_.config(), option)) add(*fsck);
  }

  void write(std::string_view bytes) {
    if (has_failed_) return;
    if (!write_in_full(child_.in_fd(), bytes)) has_failed_ = true;
  }

  Repository& repo_;
  const FetchPackArgs& args_;
  const RemoteRefs& sought_;
  std::string shallow_file_, said_;
  bool is_partial_;
  ChildProcess child_;
  std::string head_;
  bool is_started_ = false, is_unpacking_ = false, has_failed_ = false;
};

// One fetch.
class FetchPack {
 public:
  FetchPack(Repository& repo, Channel& channel, const Advertisement& advertised, RemoteRefs& sought, const FetchPackArgs& args)
      : repo_(repo), channel_(channel), advertised_(advertised), sought_(sought), args_(args), source_(repo) {}

  FetchPackResult run() {
    if (args_.negotiate_only && advertised_.version < 2) {
      warning("%s", _("--negotiate-only requires protocol v2"));
      result_.cannot_negotiate_only = true;
      return result_;
    }
    check_server();
    if (!args_.negotiate_only) filter_sought();
    std::string algorithm = args_.no_dependents || args_.refetch ? "noop" : negotiation_algorithm(repo_);
    // A search needs answers that tell what is there from what is enough.
    if (algorithm == "gallop" && advertised_.version < 2 && !advertised_.capabilities.has("multi_ack_detailed"))
      algorithm = "consecutive";
    negotiator_ = make_negotiator(algorithm, source_);
    parses_ahead_ = algorithm == "skipping";
    bool all_local = prepare_tips();
    if (!args_.negotiate_only) {
      if (wants().empty()) all_local = true;
      if (all_local && !args_.is_deepening() && !args_.refetch) return result_;
    }
    return converse();
  }

 private:
  bool supports(std::string_view v0_word, std::string_view v2_feature) const {
    if (advertised_.version == 2) return advertised_.capabilities.supports("fetch", v2_feature);
    return advertised_.capabilities.has(v0_word);
  }

  void check_server() {
    if (advertised_.algo != repo_.algo()) die("%s", _("Server does not support this repository's object format"));
    if (repo_.is_shallow() && !supports("shallow", "shallow")) die("%s", _("Server does not support shallow clients"));
    if (args_.is_deepening() && advertised_.version == 2 && !supports("shallow", "shallow"))
      die("%s", _("Server does not support shallow requests"));
    if (args_.depth > 0 && !supports("shallow", "shallow")) die("%s", _("Server does not support shallow clients"));
    if (!args_.deepen_since.empty() && !supports("deepen-since", "shallow"))
      die("%s", _("Server does not support --shallow-since"));
    if (!args_.deepen_not.empty() && !supports("deepen-not", "shallow"))
      die("%s", _("Server does not support --shallow-exclude"));
    if (args_.deepen_relative && !supports("deepen-relative", "shallow")) die("%s", _("Server does not support --deepen"));
    if (!args_.filter.empty() && !supports("filter", "filter")) warning("%s", _("filtering not recognized by server, ignoring"));
    if (args_.negotiate_only && !supports("wait-for-done", "wait-for-done"))
      die("%s", _("server does not support wait-for-done"));
  }

  // In v0 a server may refuse what it did not advertise; asking for it ends the conversation.
  void filter_sought() {
    bool allows_tip = advertised_.version == 2 || advertised_.capabilities.has("allow-tip-sha1-in-want");
    bool allows_any = advertised_.version == 2 || advertised_.capabilities.has("allow-reachable-sha1-in-want") || allows_tip;
    std::unordered_set<ObjectId, ObjectIdHash> values;
    // What a tag points at is said, but is no tip.
    for (const AdvertisedRef& ref : advertised_.refs) values.insert(ref.oid);
    for (RemoteRef& ref : sought_) {
      if (!ref.is_exact_oid || allows_any || values.count(ref.old_oid)) continue;
      die(_("Server does not allow request for unadvertised object %s"), ref.old_oid);
    }
  }

  std::vector<ObjectId> wants() {
    std::vector<ObjectId> list;
    bool asks_all = args_.refetch || args_.is_deepening();
    for (const RemoteRef& ref : sought_) {
      if (ref.old_oid.is_null()) continue;
      if (!asks_all && is_complete(ref.old_oid)) continue;
      list.push_back(ref.old_oid);
    }
    return list;
  }

  bool is_complete(const ObjectId& oid) {
    if (complete_objects_.count(oid)) return true;
    Commit* commit = repo_.commits().find(oid);
    return commit && (marks_.get(commit) & kComplete);
  }

  // The commit that `oid` is or tags here; nullptr where it isn't here.
  Commit* local_commit(const ObjectId& oid) {
    Commit* known = repo_.commits().find(oid);
    if (known && known->is_parsed) return known;
    ObjectId at = oid;
    for (int depth = 0; depth < 64; depth++) {
      ObjectType type = repo_.odb().type_of(at, kLookupNoFetch | kLookupQuick);
      if (type == ObjectType::commit) {
        Commit* commit = repo_.commits().get(at);
        return repo_.commits().parse_quietly(commit) ? commit : nullptr;
      }
      if (type != ObjectType::tag) return nullptr;
      auto data = repo_.odb().read(at, kLookupNoFetch);
      if (!data) return nullptr;
      auto tag = parse_tag(data->data, repo_.algo());
      if (!tag) return nullptr;
      at = tag->object;
    }
    return nullptr;
  }

  void mark_complete(const ObjectId& oid) {
    complete_objects_.insert(oid);
    Commit* commit = local_commit(oid);
    if (!commit || (marks_[commit] & kComplete)) return;
    marks_[commit] |= kComplete;
    complete_.push(commit);
  }

  void for_each_local_tip(const std::function<void(const ObjectId&)>& fn) {
    repo_.refs().for_each("refs/", [&](const Ref& ref) {
      if (!ref.oid.is_null() && !ref.is_broken) fn(ref.oid);
      return true;
    });
  }

  // Fills the negotiator; true where nothing that we want is missing.
  bool prepare_tips() {
    if (args_.negotiate_only) {
      add_tips();
      return false;
    }
    if (args_.no_dependents) return false;
    if (args_.refetch) return false;
    std::uint64_t cutoff = 0;
    std::vector<Commit*> advertised_here;
    auto note_advertised = [&](const ObjectId& oid) {
      Commit* commit = local_commit(oid);
      if (!commit) return;
      cutoff = std::max(cutoff, commit->date);
      advertised_here.push_back(commit);
    };
    for (const AdvertisedRef& ref : advertised_.refs) note_advertised(ref.oid);
    if (advertised_.version == 2)
      for (const RemoteRef& ref : sought_) note_advertised(ref.old_oid);
    if (!args_.is_deepening()) {
      for_each_local_tip([&](const ObjectId& oid) { mark_complete(oid); });
      for_each_alternate_tip([&](const ObjectId& oid) { mark_complete(oid); });
      if (cutoff) mark_recent(cutoff);
    }
    for (Commit* commit : advertised_here)
      if (marks_.get(commit) & kComplete) negotiator_->known_common(commit->index);
    bool all_local = true;
    for (const RemoteRef& ref : sought_)
      if (!is_complete(ref.old_oid)) all_local = false;
    if (!all_local || args_.is_deepening()) add_tips();
    return all_local;
  }

  void for_each_alternate_tip(const std::function<void(const ObjectId&)>& fn) {
    for (const ObjectDatabase::Source& source : repo_.odb().sources()) {
      if (source.is_local || !ends_with(source.path, "/objects")) continue;
      std::string git_dir = source.path.substr(0, source.path.size() - 8);
      auto other = Repository::open(git_dir);
      if (!other) continue;
      (*other)->refs().for_each("refs/", [&](const Ref& ref) {
        if (!ref.oid.is_null() && !ref.is_broken) fn(ref.oid);
        return true;
      });
    }
  }

  void mark_recent(std::uint64_t cutoff) {
    while (!complete_.empty() && complete_.top()->date >= cutoff) {
      Commit* commit = complete_.pop();
      for (Commit* parent : commit->parents) {
        if (marks_[parent] & kComplete) continue;
        if (!parent->is_parsed && !repo_.commits().parse_quietly(parent)) continue;
        marks_[parent] |= kComplete;
        complete_.push(parent);
      }
    }
  }

  // Every tip reaches something common: more haves would only name what lies between.
  bool is_enough(const std::vector<ObjectId>& common) {
    CommitPool& pool = repo_.commits();
    std::uint64_t lowest = kGenerationInfinity;
    CommitMarks<char> goal;
    for (const ObjectId& oid : common) {
      Commit* commit = pool.get(oid);
      goal[commit] = 1;
      if (pool.parse_quietly(commit)) lowest = std::min(lowest, commit->generation);
    }
    // git looks through all of history even for nothing, which changes the order of "skipping": kept for its sake alone.
    if (common.empty() && !parses_ahead_) return false;
    return can_all_from_reach_goal(
        pool, tips_, [&](const Commit* commit) { return goal.get(commit) != 0; }, 0, lowest);
  }

  void add_tips() {
    for (const ObjectId& oid : args_.required_tips) {
      Commit* commit = local_commit(oid);
      if (!commit || std::find(required_.begin(), required_.end(), commit->index) != required_.end()) continue;
      required_.push_back(commit->index);
      negotiator_->sent_already(commit->index);
    }
    for (const ObjectId& oid : args_.likely_tips)
      if (Commit* commit = local_commit(oid)) negotiator_->add_hint(commit->index);
    // Where a shallow history ends is what was fetched with it.
    for (const ObjectId& oid : repo_.shallow_commits())
      if (Commit* commit = local_commit(oid)) negotiator_->add_hint(commit->index);
    auto add = [&](const ObjectId& oid) {
      Commit* commit = local_commit(oid);
      if (!commit) return;
      negotiator_->add_tip(commit->index);
      if (args_.negotiate_only) tips_.push_back(commit);
    };
    if (args_.restrict_tips) {
      for (const ObjectId& oid : *args_.restrict_tips) add(oid);
      return;
    }
    for_each_local_tip(add);
    for_each_alternate_tip(add);
  }

  FetchRequest make_request() {
    FetchRequest request;
    request.algo = repo_.algo();
    request.server = advertised_.capabilities;
    request.agent = user_agent();
    request.session_id = advertised_session_id(repo_.config());
    request.server_options = args_.server_options;
    request.promisor_remotes = args_.promisor_remotes;
    request.is_stateless = args_.is_stateless;
    if (!args_.negotiate_only) {
      std::unordered_set<ObjectId, ObjectIdHash> seen;
      for (const ObjectId& oid : wants())
        if (seen.insert(oid).second) request.wants.push_back(oid);
    }
    if (repo_.is_shallow()) request.shallow = repo_.shallow_commits();
    request.depth = args_.depth;
    request.deepen_relative = args_.deepen_relative;
    if (!args_.deepen_since.empty()) request.deepen_since = strf("%d", approxidate(args_.deepen_since));
    request.deepen_not = args_.deepen_not;
    if (!args_.filter.empty() && supports("filter", "filter")) request.filter = args_.filter;
    request.sideband_all = supports("sideband-all", "sideband-all");
    if (supports("packfile-uris", "packfile-uris") && request.sideband_all) request.packfile_uri_protocols = uri_protocols();
    request.thin_pack = args_.use_thin_pack;
    request.no_progress = args_.no_progress;
    request.include_tag = args_.include_tag;
    request.ofs_delta = repo_.config().get_bool_or("repack.usedeltabaseoffset", true);
    request.wait_for_done = args_.negotiate_only;
    request.no_haves = args_.no_dependents || args_.refetch;
    request.required = required_;
    if (args_.negotiate_only && !negotiator_->is_searching())
      request.is_enough = [this](const std::vector<ObjectId>& common) { return is_enough(common); };
    return request;
  }

  std::unique_ptr<FetchClient> make_client() {
    if (advertised_.version == 2) return std::make_unique<FetchV2Client>(make_request(), negotiator_.get(), &source_);
    return std::make_unique<FetchV0Client>(make_request(), negotiator_.get(), &source_);
  }

  FetchPackResult converse() {
    ShallowUpdate shallow(repo_);
    RemoteText remote_text(&repo_.config(), args_.url);
    std::unique_ptr<FetchClient> client = make_client();
    client->set_tap(packet_tap(args_.trace_identity, true));
    std::unique_ptr<PackTaker> taker;
    IgnoreSigpipe guard;
    std::string shallow_file;
    std::string failure;
    bool is_remote_failure = false, is_violation = false, is_done = false;
    auto shallow_known = [&] {
      if (taker) return;
      check_shallow_remote(shallow);
      if (shallow.is_changed()) {
        shallow_file = shallow.write_lock();
        if (shallow_file.empty()) shallow_file = "-";
      } else if (!remote_shallow_.empty()) {
        shallow_file = write_temporary_boundary(shallow);
      }
      taker = std::make_unique<PackTaker>(repo_, args_, sought_, shallow_file, !uris_.empty());
    };
    auto handle = [&] {
      while (auto event = client->next_event()) {
        switch (event->kind) {
          case FetchEvent::Kind::shallow:
            if (args_.is_deepening())
              shallow.add(event->oid);
            else
              remote_shallow_.push_back(event->oid);
            break;
          case FetchEvent::Kind::unshallow:
            if (!shallow.contains(event->oid)) die(_("object not found: %s"), event->oid);
            shallow.remove(event->oid);
            break;
          case FetchEvent::Kind::shallow_done:
            // A server that moves our boundary without being asked to: its own boundary is as if we had asked.
            if (shallow.is_changed() && !args_.is_deepening())
              for (const ObjectId& oid : std::exchange(remote_shallow_, {})) shallow.add(oid);
            break;
          case FetchEvent::Kind::wanted_ref:
            result_.wanted_refs.emplace_back(event->text, event->oid);
            break;
          case FetchEvent::Kind::packfile_uri:
            uris_.push_back(event->text);
            break;
          case FetchEvent::Kind::common:
            result_.common.push_back(event->oid);
            if (args_.on_common) args_.on_common(event->oid);
            break;
          case FetchEvent::Kind::round:
            trace_round(client->counters());
            break;
          case FetchEvent::Kind::pack:
            shallow_known();
            taker->take(event->text);
            break;
          case FetchEvent::Kind::progress:
            remote_text.show(event->text);
            break;
          case FetchEvent::Kind::remote_error:
            remote_text.show(event->text);
            remote_text.finish();
            failure = event->text;
            is_remote_failure = true;
            break;
          case FetchEvent::Kind::violation:
            is_violation = true;
            failure = event->text;
            break;
          case FetchEvent::Kind::error:
            failure = event->text;
            break;
          case FetchEvent::Kind::done:
            is_done = true;
            break;
        }
      }
    };
    client->start();
    channel_.run(*client, handle);
    remote_text.finish();
    result_.negotiation = client->counters();
    // A request that only says "done" is a round, too.
    if (result_.negotiation.rounds > 0 || !args_.negotiate_only)
      trace2::data(trace_category(), "total_rounds", std::max(result_.negotiation.rounds, 1));
    if (is_remote_failure) die(_("remote error: %s"), rtrim(failure));
    // What such a server acknowledged is worth nothing; the exit code tells a push so.
    if (is_violation && args_.negotiate_only) throw Fatal(failure, kExitProtocolViolation);
    if (!failure.empty()) die("%s", failure);
    channel_.hand_over(*client);
    if (args_.negotiate_only) return result_;
    if (!is_done) die("%s", _("the remote end hung up unexpectedly"));
    shallow_known();
    taker->finish(result_);
    fetch_uris(taker->dangling());
    if (args_.is_cloning && !args_.is_deepening()) drop_absent_boundary(shallow);
    if (!args_.is_deepening() && !args_.is_cloning) take_remote_boundary(shallow);
    if (shallow.is_changed()) publish(shallow);
    return result_;
  }

  // The packs that the server named instead of their objects (packfile-uris): "<hash> <uri>".
  void fetch_uris(std::string dangling) {
    for (const std::string& line : uris_) {
      std::size_t space = line.find(' ');
      std::string_view hash = std::string_view(line).substr(0, space);
      std::string uri = space == std::string::npos ? "" : line.substr(space + 1);
      if (!ObjectId::from_hex(hash, repo_.algo()) || !is_uri_wanted(uri))
        die(_("fetch-pack: unexpected packfile URI '%s'"), line);
      ChildProcess child;
      child.git_command = true;
      child.args = {"http-fetch", "--packfile=" + std::string(hash), "--index-pack-arg=index-pack", "--index-pack-arg=--stdin",
                    "--index-pack-arg=--keep"};
      if (auto fsck = fetch_fsck_option(repo_.config(), "--fsck-objects")) child.args.push_back("--index-pack-arg=" + *fsck);
      child.args.push_back(uri);
      child.in = ChildProcess::kNull;
      child.out = ChildProcess::kPipe;
      if (!child.start()) die("%s", _("fetch-pack: unable to spawn http-fetch"));
      Result<std::string> said = read_fd(child.out_fd());
      if (child.finish()) die("%s", _("fetch-pack: unable to finish http-fetch"));
      std::string_view text = said ? std::string_view(*said) : std::string_view();
      // "pack" where somebody else keeps that pack already.
      bool is_ours = skip_prefix(text, "keep\t");
      if (!is_ours && !skip_prefix(text, "pack\t"))
        die("%s", _("fetch-pack: expected keep then TAB at start of http-fetch output"));
      std::string_view name = text.substr(0, text.find('\n'));
      if (name != hash) die(_("fetch-pack: pack downloaded from %s does not match expected hash %s"), uri, hash);
      dangling += text.substr(std::min(text.size(), name.size() + 1));
      if (is_ours) result_.lock_files.push_back(repo_.odb().objects_dir() + "/pack/pack-" + std::string(name) + ".keep");
    }
    if (!uris_.empty()) repo_.odb().reprepare();
    check_gitmodules(dangling);
  }

  bool is_uri_wanted(std::string_view uri) const {
    for (const std::string& protocol : uri_protocols())
      if (starts_with(uri, protocol + ":")) return true;
    return false;
  }

  std::vector<std::string> uri_protocols() const {
    std::vector<std::string> list;
    std::string value = repo_.config().get_string_or("fetch.uriprotocols", "");
    for (std::string_view word : split(value, ','))
      if (!word.empty()) list.emplace_back(word);
    return list;
  }

  // .gitmodules blobs that were not in the pack of their tree.
  void check_gitmodules(const std::string& names) {
    if (names.empty()) return;
    FsckOptions options = fsck_options_from_config(repo_.config(), "fetch.fsck", repo_.algo());
    options.is_strict = true;
    FsckState state;
    for (std::string_view line : split_lines(names)) {
      auto oid = ObjectId::from_hex(line, repo_.algo());
      if (!oid) die(_("invalid hash '%s' in index-pack's output"), line);
      if (args_.from_promisor && repo_.odb().is_promisor_object(*oid)) continue;
      state.gitmodules_found.insert(*oid);
    }
    auto read = [this](const ObjectId& oid) -> std::optional<ObjectData> {
      Result<ObjectData> data = repo_.odb().read(oid, kLookupNoReplace | kLookupNoFetch);
      if (!data) return std::nullopt;
      return std::move(*data);
    };
    auto tell = [](const FsckFinding& finding) {
      if (finding.severity == FsckSeverity::warn || finding.severity == FsckSeverity::info) {
        warning("object %s: %s", finding.oid, finding.text);
        return false;
      }
      error("object %s: %s", finding.oid, finding.text);
      return true;
    };
    if (fsck_finish(options, state, read, tell)) die("fsck failed");
  }

  const char* trace_category() const { return advertised_.version == 2 ? "negotiation_v2" : "negotiation_v0_v1"; }

  void trace_round(const NegotiationCounters& counters) {
    trace2::region_enter(trace_category(), strf("%d", counters.rounds));
    trace2::data(trace_category(), "haves_added", counters.round_haves);
    trace2::data(trace_category(), "in_vain", counters.in_vain);
    trace2::region_leave(trace_category(), strf("%d", counters.rounds));
  }

  // The new boundary becomes ours only if with it everything is here.
  void publish(ShallowUpdate& shallow) {
    std::string file = shallow.write_lock();
    if (!args_.is_cloning && !args_.no_dependents) {
      std::vector<ObjectId> tips;
      for (const RemoteRef& ref : sought_)
        if (!ref.old_oid.is_null()) tips.push_back(ref.old_oid);
      ConnectedOptions how;
      how.shallow_file = file;
      how.is_deepening_fetch = true;
      how.is_quiet = false;
      if (!check_connected(repo_, tips, how)) {
        shallow.rollback();
        die("%s", _("remote did not send all necessary objects"));
      }
      result_.is_self_contained = true;
    }
    shallow.commit();
  }

  // A v0 server names its whole boundary; only what came with the clone is part of it.
  void drop_absent_boundary(ShallowUpdate& shallow) {
    for (const ObjectId& oid : remote_shallow_)
      if (!repo_.odb().has(oid, kLookupNoFetch)) shallow.remove(oid);
  }

  // Whoever takes the pack must not miss what lies behind the server's boundary; whether it becomes ours is decided later.
  std::string write_temporary_boundary(const ShallowUpdate& shallow) {
    std::string text;
    for (const ObjectId& oid : shallow.boundary()) text += oid.hex() + "\n";
    for (const ObjectId& oid : remote_shallow_) text += oid.hex() + "\n";
    temporary_boundary_ = Tempfile::from_pattern(repo_.git_path("shallow_XXXXXX")).take_or_die();
    if (!temporary_boundary_.write(text) || !temporary_boundary_.close())
      die_errno(_("failed to write to %s"), temporary_boundary_.path());
    return temporary_boundary_.path();
  }

  // A server whose own history is cut: a clone takes its boundary over.
  void check_shallow_remote(ShallowUpdate& shallow) {
    if (args_.is_deepening()) return;
    if (advertised_.version < 2) remote_shallow_ = advertised_.shallow;
    if (remote_shallow_.empty()) return;
    if (args_.reject_shallow_remote) die("%s", _("source repository is shallow, reject to clone."));
    if (!args_.is_cloning) return;
    for (const ObjectId& oid : remote_shallow_) shallow.add(oid);
  }

  // Refs whose history ends at a boundary that we don't have: taken with --update-shallow, rejected without.
  void take_remote_boundary(ShallowUpdate& shallow) {
    std::unordered_set<ObjectId, ObjectIdHash> fresh;
    for (const ObjectId& oid : remote_shallow_) {
      if (shallow.contains(oid) || !repo_.odb().has(oid, kLookupNoFetch)) continue;
      auto data = repo_.odb().read(oid, kLookupNoFetch);
      auto header = data ? parse_commit(data->data, repo_.algo()) : make_error(ErrorKind::missing, "");
      if (!header) continue;
      bool lacks_parent = false;
      for (const ObjectId& parent : header->parents) lacks_parent |= !repo_.odb().has(parent, kLookupNoFetch);
      if (lacks_parent) fresh.insert(oid);
    }
    if (fresh.empty()) return;
    for (const RemoteRef& ref : sought_) {
      std::vector<ObjectId> needed = boundary_below(ref.old_oid, fresh);
      if (needed.empty()) continue;
      if (!args_.update_shallow) {
        result_.rejected_shallow.push_back(ref.name);
        continue;
      }
      for (const ObjectId& oid : needed) shallow.add(oid);
    }
  }

  std::vector<ObjectId> boundary_below(const ObjectId& tip, const std::unordered_set<ObjectId, ObjectIdHash>& fresh) {
    std::vector<ObjectId> found, todo{tip};
    std::unordered_set<ObjectId, ObjectIdHash> seen;
    while (!todo.empty()) {
      ObjectId oid = todo.back();
      todo.pop_back();
      if (!seen.insert(oid).second) continue;
      if (fresh.count(oid)) {
        found.push_back(oid);
        continue;
      }
      Commit* commit = local_commit(oid);
      if (!commit) continue;
      for (Commit* parent : commit->parents) todo.push_back(parent->oid);
    }
    return found;
  }

  static constexpr std::uint8_t kComplete = 1;
  Repository& repo_;
  Channel& channel_;
  const Advertisement& advertised_;
  RemoteRefs& sought_;
  const FetchPackArgs& args_;
  PoolCommitSource source_;
  std::unique_ptr<Negotiator> negotiator_;
  CommitMarks<std::uint8_t> marks_;
  CommitQueue<NewestFirst> complete_;
  std::unordered_set<ObjectId, ObjectIdHash> complete_objects_;
  std::vector<CommitNumber> required_;
  std::vector<Commit*> tips_;  // --negotiate-only: where the haves start
  bool parses_ahead_ = false;
  std::vector<ObjectId> remote_shallow_;
  std::vector<std::string> uris_;  // packfile-uris: "<hash> <uri>"
  Tempfile temporary_boundary_;
  FetchPackResult result_;
};

}  // namespace

FetchPackResult fetch_pack(Repository& repo, Channel& channel, const Advertisement& advertised, RemoteRefs& sought,
                           const FetchPackArgs& args) {
  return FetchPack(repo, channel, advertised, sought, args).run();
}

}  // namespace git
