// What is wanted is asked for as a loose object first, several at a time; what isn't there is looked for in packs, then
// in alternates.  Each object that is here is read for what it names, down to what our refs reach already.
#include "http-walker.h"

#include <deque>
#include <unordered_set>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "http-walker-internal.h"
#include "net/curl-batch.h"
#include "object/object.h"
#include "odb.h"
#include "odb/loose-check.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

std::size_t write_to_file(char* data, std::size_t size, std::size_t count, void* to) {
  std::string_view bytes(data, size * count);
  return static_cast<Tempfile*>(to)->write(bytes) ? bytes.size() : 0;
}

class Walker {
 public:
  Walker(Repository& repo, HttpSession& session, std::string url, const WalkOptions& options)
      : repo_(repo), session_(session), options_(options), batch_(session.settings().max_requests) {
    while (ends_with(url, "/")) url.pop_back();
    sources_.push_back(std::make_unique<WalkSource>(repo, session, url, options.is_verbose));
  }

  bool run(const std::vector<WalkTarget>& targets) {
    std::vector<ObjectId> tips;
    for (const WalkTarget& target : targets) {
      auto oid = resolve(target.name);
      if (!oid) return false;
      tips.push_back(*oid);
      want(*oid);
    }
    if (!walk()) return false;
    for (std::size_t i = 0; i < targets.size(); i++)
      if (targets[i].write_ref && !write_ref(*targets[i].write_ref, tips[i])) return false;
    return true;
  }

 private:
  // An object id, or a ref of the other side.
  std::optional<ObjectId> resolve(const std::string& name) {
    if (auto oid = ObjectId::from_hex(name, repo_.algo())) return oid;
    if (check_refname_format(name, kRefnameAllowOneLevel)) {
      HttpGet get;
      get.no_cache = true;
      std::string body;
      if (session_.get(sources_[0]->url() + "/" + name, get, body).result == HttpResult::ok)
        if (auto oid = ObjectId::from_hex(rtrim(body), repo_.algo())) return oid;
    }
    error(_("Could not interpret response from server '%s' as something to pull"), name);
    return std::nullopt;
  }

  bool write_ref(const std::string& name, const ObjectId& oid) {
    RefUpdate update;
    update.name = "refs/" + name;
    update.new_oid = oid;
    update.message = options_.log_message;
    Result<void> done = repo_.refs().update(std::move(update));
    if (!done) error("%s", done.error().message);
    return done.ok();
  }

  void want(const ObjectId& oid) {
    if (seen_.insert(oid).second) queue_.push_back(oid);
  }

  bool walk() {
    while (!queue_.empty()) {
      std::vector<ObjectId> wave, missing;
      for (int i = 0; i < session_.settings().max_requests * 4 && !queue_.empty(); i++) {
        wave.push_back(queue_.front());
        queue_.pop_front();
      }
      for (const ObjectId& oid : wave)
        if (!repo_.odb().has(oid, kLookupNoFetch | kLookupQuick)) missing.push_back(oid);
      if (!fetch(missing)) return false;
      std::unordered_set<ObjectId, ObjectIdHash> fresh(missing.begin(), missing.end());
      for (const ObjectId& oid : wave)
        if (!follow(oid, fresh.count(oid) > 0)) return false;
    }
    return true;
  }

  bool fetch(const std::vector<ObjectId>& oids) {
    if (oids.empty()) return true;
    std::vector<Tempfile> files(oids.size());
    std::vector<bool> has_come(oids.size());
    if (oids.size() > 1) fetch_loose_at_once(oids, files, has_come);
    for (std::size_t i = 0; i < oids.size(); i++) {
      if (has_come[i] && store_loose(oids[i], files[i])) continue;
      files[i].remove();
      // A pack that came meanwhile may hold it.
      if (repo_.odb().has(oids[i], kLookupNoFetch)) continue;
      if (!fetch_one(oids[i])) return false;
    }
    return true;
  }

  void fetch_loose_at_once(const std::vector<ObjectId>& oids, std::vector<Tempfile>& files, std::vector<bool>& has_come) {
    batch_.run(
        oids.size(),
        [&](std::size_t i, CurlEasy& handle) {
          files[i] = new_file();
          std::vector<std::string> headers;
          if (!session_.language_header().empty()) headers.push_back(session_.language_header());
          headers.push_back("Pragma:");
          session_.configure(handle, sources_[0]->loose_url(oids[i]), headers, false);
          handle.set(CURLOPT_HTTPGET, 1L);
          handle.set(CURLOPT_WRITEFUNCTION, write_to_file);
          handle.set(CURLOPT_WRITEDATA, static_cast<void*>(&files[i]));
        },
        [&](std::size_t i, CurlEasy& handle, CURLcode code) {
          has_come[i] = code == CURLE_OK && handle.response_code() < 300;
          files[i].close();
        });
  }

  Tempfile new_file() {
    auto file = Tempfile::from_pattern(repo_.odb().objects_dir() + "/tmp_obj_XXXXXX");
    return std::move(file).take_or_die();
  }

  bool fetch_one(const ObjectId& oid) {
    std::string why;
    for (std::size_t i = 0; i < sources_.size(); i++) {
      if (fetch_loose(*sources_[i], oid, why)) return true;
      if (sources_[i]->fetch_pack_with(oid)) return true;
      if (i + 1 == sources_.size()) add_alternates();
    }
    if (!why.empty()) error("%s", why);
    return error(_("Unable to find %s under %s"), oid, sources_[0]->url()) == 0;
  }

  bool fetch_loose(WalkSource& source, const ObjectId& oid, std::string& why) {
    Tempfile file = new_file();
    HttpAnswer answer = session_.get_into(source.loose_url(oid), file.fd());
    file.close();
    if (answer.result == HttpResult::ok) return store_loose(oid, file);
    if (answer.result != HttpResult::missing)
      why = strf(_("%s (curl_result = %d, http_code = %d, sha1 = %s)"), answer.message, answer.curl_code, answer.status, oid);
    return false;
  }

  // Only what hashes to its name gets it.
  bool store_loose(const ObjectId& oid, Tempfile& file) {
    ObjectId real;
    Result<ObjectData> object = read_loose_checked({file.path(), file.path(), oid}, &real);
    if (!object || real != oid) {
      error(_("File %s has bad hash"), oid);
      return false;
    }
    Result<ObjectId> written = repo_.odb().write_loose(object->type, object->data);
    if (!written) error("%s", written.error().message);
    return written.ok();
  }

  void add_alternates() {
    if (std::exchange(has_alternates_, true)) return;
    for (std::size_t i = 0; i < sources_.size() && sources_.size() < kMaxSources; i++)
      for (const std::string& url : sources_[i]->alternates()) {
        bool is_known = false;
        for (const auto& source : sources_) is_known |= source->url() == url;
        if (!is_known) sources_.push_back(std::make_unique<WalkSource>(repo_, session_, url, options_.is_verbose));
      }
  }

  bool follow(const ObjectId& oid, bool is_fresh) {
    ObjectType type = repo_.odb().type_of(oid, kLookupNoFetch);
    if (is_fresh && options_.is_verbose) errf("got %s\n", oid);
    if (type == ObjectType::blob) return true;
    if (type == ObjectType::commit && !is_fresh && !options_.recover && is_complete(oid)) return true;
    Result<ObjectData> object = repo_.odb().read(oid, kLookupNoFetch | kLookupNoReplace);
    if (!object) return error("%s", object.error().message) == 0;
    if (type == ObjectType::commit && options_.is_verbose) errf("walk %s\n", oid);
    switch (type) {
      case ObjectType::commit:
        return follow_commit(oid, object->data);
      case ObjectType::tree:
        return follow_tree(oid, object->data);
      case ObjectType::tag: {
        auto tag = parse_tag(object->data, repo_.algo());
        if (!tag) return error("%s", tag.error().message) == 0;
        want(tag->object);
        return true;
      }
      default:
        return error(_("Unable to determine requirements of type %s for %s"), "unknown", oid) == 0;
    }
  }

  bool follow_commit(const ObjectId& oid, std::string_view data) {
    auto commit = parse_commit(data, repo_.algo());
    if (!commit) return error(_("could not parse commit %s: %s"), oid, commit.error().message) == 0;
    want(commit->tree);
    for (const ObjectId& parent : commit->parents) want(parent);
    return true;
  }

  bool follow_tree(const ObjectId& oid, std::string_view data) {
    TreeReader reader(data, repo_.algo());
    TreeEntry entry;
    while (reader.next(entry))
      if (!is_gitlink_mode(entry.mode)) want(entry.oid);
    if (reader.has_error()) return error(_("bad tree %s: %s"), oid, std::string(reader.error())) == 0;
    return true;
  }

  // What a ref of ours reaches was complete when it got there.
  bool is_complete(const ObjectId& oid) {
    if (!std::exchange(knows_complete_, true)) {
      std::vector<Commit*> todo;
      auto add = [&](const ObjectId& tip) {
        Commit* commit = repo_.commits().peel_to_commit(tip);
        if (commit && repo_.commits().parse_quietly(commit) && complete_.insert(commit->oid).second) todo.push_back(commit);
      };
      repo_.refs().for_each("refs/", [&](const Ref& ref) {
        add(ref.peeled ? *ref.peeled : ref.oid);
        return true;
      });
      while (!todo.empty()) {
        Commit* commit = todo.back();
        todo.pop_back();
        for (Commit* parent : commit->parents) add(parent->oid);
      }
    }
    return complete_.count(oid) > 0;
  }

  static constexpr std::size_t kMaxSources = 32;
  Repository& repo_;
  HttpSession& session_;
  const WalkOptions& options_;
  CurlBatch batch_;
  std::vector<std::unique_ptr<WalkSource>> sources_;
  std::deque<ObjectId> queue_;
  std::unordered_set<ObjectId, ObjectIdHash> seen_, complete_;
  bool knows_complete_ = false, has_alternates_ = false;
};

}  // namespace

bool http_walk(Repository& repo, HttpSession& session, const std::string& url, const std::vector<WalkTarget>& targets,
               const WalkOptions& options) {
  return Walker(repo, session, url, options).run(targets);
}

}  // namespace git
