// What one fetch asks for and what the repository may say to it, shared by the conversations of v0 and v2.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "protocol/serve-fetch.h"
#include "refs/hidden-refs.h"
#include "serve-pack.h"
#include "walk/visible-history.h"

namespace git {

class Repository;

struct UploadPackConfig {
  bool allow_tip = false, allow_reachable = false, allow_any = false;
  bool allow_filter = false, allow_ref_in_want = false, allow_sideband_all = false, has_packfile_uris = false;
  bool filters_by_default = true;
  int keepalive = 5;
  std::string hook;
  explicit UploadPackConfig(Repository& repo);
};

struct ServedRef {
  std::string name;  // without the namespace
  ObjectId oid;
  std::optional<ObjectId> peeled;
  std::string symref_target;
};
// Calls back HEAD (where it exists) and the refs below "refs/" that may be seen; `peel` fills `peeled`.
void for_each_served_ref(Repository& repo, const HiddenRefs& hidden, bool peel, const std::function<void(const ServedRef&)>& fn);

class ServedFetch : public FetchHost {
 public:
  ServedFetch(Repository& repo, const HiddenRefs& hidden);

  bool acknowledge(const ObjectId& have) override;
  bool can_give_up() override;
  bool has_common() const override { return !common_.empty(); }

  void forget_request();  // another request of the same connection
  void add_want(const ObjectId& oid);
  // Tells trace2 what the client asks for ("fetch-info"), before anything is answered.
  void trace_request(const FetchWants& request, std::size_t haves, std::size_t want_refs) const;
  // Moves the boundary as asked; the lines to send, "shallow ..." and "unshallow ...".
  std::vector<std::string> deepen(const FetchWants& request);
  bool is_boundary_moved() const { return moved_; }
  void send_pack(const FetchWants& request, const UploadPackConfig& config);
  void skip_promised(bool skips) { skips_promised_ = skips; }
  VisibleHistory& history() { return history_; }
  const std::vector<ObjectId>& wants() const { return wants_; }

 private:
  std::vector<std::string> describe_boundary(const FetchWants& request, const struct DepthBoundary& boundary);
  std::vector<Commit*> wanted_commits();

  Repository& repo_;
  VisibleHistory history_;
  std::vector<ObjectId> wants_, common_, edges_;
  std::set<ObjectId> client_shallow_;
  CommitMarks<char> they_have_;
  std::uint64_t oldest_have_ = 0;
  bool gave_up_ = false, moved_ = false, spoke_of_shallow_ = false, skips_promised_ = false;
};

// The filter a client sent, checked against uploadpackfilter.*; written out. Dies, having told the client.
std::string check_filter(Repository& repo, const UploadPackConfig& config, const std::string& spec,
                         const std::function<void(const std::string&)>& refuse);
std::string served_agent();

}  // namespace git
