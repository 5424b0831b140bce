// Refs of a remote as a fetch or push handles them, and which local refs they become.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"
#include "refspec.h"
#include "wire/report-status.h"

namespace git {

class RefStore;

enum class FetchHeadStatus : signed char { merge = -1, not_for_merge = 0, ignore = 1 };
enum class PushStatus : unsigned char {
  none,
  ok,
  reject_nonfastforward,
  reject_already_exists,
  reject_nodelete,
  reject_fetch_first,
  reject_needs_force,
  reject_stale,
  reject_shallow,
  reject_remote_updated,
  uptodate,
  remote_reject,
  expecting_report,
  atomic_push_failed,
};

// The other end of a RemoteRef: for a fetch the local ref it goes to, for a push what it is updated from.
struct PeerRef {
  std::string name;  // "" where there is no ref, as for an object expression
  ObjectId oid;
  bool force = false;
};

struct RemoteRef {
  std::string name;
  ObjectId old_oid;  // what the remote has
  ObjectId new_oid;  // what it shall have
  std::optional<ObjectId> peeled;
  std::string symref;
  std::optional<PeerRef> peer;
  bool force = false;
  bool is_exact_oid = false;  // asked for by object name
  FetchHeadStatus fetch_head = FetchHeadStatus::not_for_merge;

  // push
  bool is_deletion = false;
  bool forced_update = false;
  bool expects_old = false;  // --force-with-lease
  bool expects_no_trackback = false;
  bool checks_reachable = false;  // --force-if-includes
  bool is_unreachable = false;
  ObjectId expected_old;
  PushStatus status = PushStatus::none;
  std::string remote_status;
  std::vector<ReportOptions> reports;

  // fetch
  bool was_rejected_shallow = false;
};
using RemoteRefs = std::vector<RemoteRef>;

RemoteRef* find_remote_ref(RemoteRefs& refs, std::string_view name);
const RemoteRef* find_remote_ref(const RemoteRefs& refs, std::string_view name);
// By the rules for abbreviated names ("main" is refs/heads/main ...); the best rule wins.
const RemoteRef* find_remote_ref_abbreviated(const RemoteRefs& refs, std::string_view name);

// What `item` fetches, added to `out` with the local refs it goes to. Dies "couldn't find remote ref %s" unless
// `missing_ok`; a destination that is no good name is warned about and ignored.
void add_fetch_map(const RemoteRefs& remote_refs, const RefspecItem& item, RemoteRefs& out, bool missing_ok);
// One destination must have one source: "Cannot fetch both %s and %s to %s".
void remove_duplicates(RemoteRefs& refs);
void apply_negative_refspecs(RemoteRefs& refs, const Refspec& refspec);

// Local refs that a refspec maps to and whose source isn't among `fetched` any more.
struct StaleRef {
  std::string name;
  ObjectId oid;
  std::string symref_target;
};
std::vector<StaleRef> find_stale_refs(RefStore& store, const Refspec& refspec, const RemoteRefs& fetched);

// The branches that the remote's HEAD may be on: the advertised symref, or all of the same value (`all`), or the best
// guess (init.defaultBranch, main, master, then the first).
std::vector<const RemoteRef*> guess_remote_head(const RemoteRef* head, const RemoteRefs& refs, bool all,
                                                std::string_view default_branch);
const RemoteRef* guess_remote_head(const RemoteRef* head, const RemoteRefs& refs, std::string_view default_branch);

}  // namespace git
