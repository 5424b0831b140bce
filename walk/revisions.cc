// The walk itself.  An unlimited walk pops the newest commit of a queue and pushes its parents; a limited one
// (ranges, cherry-picks, merge simplification) runs to the end first and is then played back.  Marks and rewritten
// parents are the walk's own.
#include "walk/revisions.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "config.h"
#include "odb.h"
#include "odb/promisor.h"
#include "repository.h"
#include "walk/commit-graph.h"
#include "walk/reflog-walk.h"
#include "walk/revisions-internal.h"

namespace git {

RevWalk::RevWalk(Repository& repo) : repo_(repo), pool_(repo.commits()) {}
RevWalk::~RevWalk() {
  if (!bloom_) return;
  trace2::data("bloom", "statistics",
               strf("{\"filter_not_present\":%u,\"maybe\":%u,\"definitely_not\":%u,\"false_positive\":%u}", bloom_->not_present,
                    bloom_->maybe, bloom_->definitely_not, bloom_->false_positive));
}

std::span<Commit* const> RevWalk::parents(const Commit* c) const {
  if (!(flags_.get(c) & kRevRewritten)) return c->parents;
  return own_parents_.at(c);
}
void RevWalk::set_parents(const Commit* c, std::vector<Commit*> parents) {
  flags_[c] |= kRevRewritten;
  own_parents_[c] = std::move(parents);
}
const std::vector<Commit*>& RevWalk::children_of(const Commit* c) { return children_[c]; }

bool RevWalk::parse(Commit* c) { return pool_.parse_quietly(c); }

std::uint64_t RevWalk::author_date(const Commit* c) {
  auto [at, is_new] = author_dates_.try_emplace(c, 0);
  if (!is_new) return at->second;
  if (Result<std::string> buffer = pool_.read_buffer(c))
    if (Result<CommitHeader> header = parse_commit(*buffer, pool_.algo()))
      if (std::optional<IdentLine> ident = split_ident_line(header->author)) at->second = ident_time(*ident);
  return at->second;
}

void RevWalk::add_cmdline(CmdlineRevision::Whence whence, const ObjectId& oid, std::string_view name, std::uint32_t flags) {
  cmdline.push_back({whence, oid, std::string(name), flags});
}

void RevWalk::add_pending(const ObjectId& oid, std::string name, std::uint32_t flags) {
  if (reflog_info && !(flags & kRevUninteresting)) {
    if (!reflog_walk_) reflog_walk_ = std::make_unique<ReflogWalk>(repo_);
    if (reflog_walk_->add(oid, name)) return;
    // A name without a log is walked as usual, which shows nothing.
    if (name.find("@{") != std::string::npos) return;
    return;
  }
  PendingObject p;
  p.oid = oid;
  p.name = std::move(name);
  p.flags = flags;
  p.type = ObjectType::none;
  pending.push_back(std::move(p));
}

void RevWalk::mark_parents_uninteresting(Commit* start) {
  std::vector<Commit*> stack;
  auto mark_parents_of = [&](Commit* c) {
    for (Commit* p : parents(c)) {
      if (!(flags_[p] & kRevUninteresting)) {
        flags_[p] |= kRevUninteresting;
        if (p->is_parsed) stack.push_back(p);
      }
      if (exclude_first_parent_only) break;
    }
  };
  mark_parents_of(start);
  while (!stack.empty()) {
    Commit* c = stack.back();
    stack.pop_back();
    mark_parents_of(c);
  }
}

void RevWalk::mark_tree_uninteresting(const ObjectId& tree) {
  std::vector<ObjectId> stack{tree};
  while (!stack.empty()) {
    ObjectId oid = stack.back();
    stack.pop_back();
    if (!uninteresting_objects_.insert(oid)) continue;
    Result<ObjectData> data = pool_.odb().read(oid, kLookupNoFetch);
    if (!data || data->type != ObjectType::tree) continue;
    TreeReader reader(data->data, pool_.algo());
    TreeEntry entry;
    while (reader.next(entry)) {
      if (is_gitlink_mode(entry.mode)) continue;
      if (is_tree_mode(entry.mode))
        stack.push_back(entry.oid);
      else
        uninteresting_objects_.insert(entry.oid);
    }
  }
}

// A tip as a commit; tags are opened, other objects are kept for list-objects.
Commit* RevWalk::take_pending(PendingObject& p) {
  ObjectId oid = p.oid;
  std::uint32_t flags = p.flags;
  bool from_tag = false;
  for (int depth = 0;; depth++) {
    Commit* known = pool_.find(oid);
    bool is_commit = known && known->is_parsed;
    ObjectType type = ObjectType::commit;
    if (!is_commit) {
      Commit* candidate = nullptr;
      if (CommitGraph* g = pool_.graph(); g && g->find(oid)) candidate = pool_.get(oid);
      if (candidate && pool_.parse_quietly(candidate)) {
        known = candidate;
        is_commit = true;
      } else {
        type = pool_.odb().type_of(oid);
        if (type == ObjectType::commit) {
          known = pool_.get(oid);
          Result<void> parsed = pool_.parse(known);
          if (!parsed) {
            if (flags & kRevUninteresting || ignore_missing) return nullptr;
            die("unable to parse commit %s", p.name.empty() ? oid.hex() : p.name);
          }
          is_commit = true;
        }
      }
    }
    if (is_commit) {
      flags_[known] |= flags;
      if (exclude_promisor_objects && is_in_promisor_pack(pool_.odb(), oid)) return nullptr;
      if (flags & kRevUninteresting) {
        mark_parents_uninteresting(known);
        if (!topo_order || tree_objects || !can_topo_walk()) limited = true;
      }
      return known;
    }
    if (type == ObjectType::tag) {
      Result<ObjectData> data = pool_.odb().read(oid);
      Result<TagHeader> tag = data ? parse_tag(data->data, pool_.algo()) : Result<TagHeader>(data.error());
      if (!tag) {
        if (flags & kRevUninteresting) return nullptr;
        die("bad object %s", p.name);
      }
      if (tag_objects) {
        if (flags & kRevUninteresting) {
          uninteresting_objects_.insert(oid);
        } else {
          PendingObject t;
          t.oid = oid;
          t.type = ObjectType::tag;
          t.name = depth ? std::string(tag->name) : p.name;
          t.name = std::string(tag->name);
          object_tips_.push_back(std::move(t));
        }
      }
      oid = tag->object;
      from_tag = true;
      p.path.clear();
      p.mode = 0;
      if (pool_.odb().type_of(oid) == ObjectType::bad) {
        if (flags & kRevUninteresting || ignore_missing_links) return nullptr;
        if (exclude_promisor_objects && pool_.odb().is_promisor_object(oid)) return nullptr;
        if (do_not_die_on_missing_objects) {
          missing_commits.insert(oid);
          return nullptr;
        }
        die("bad object %s", oid);
      }
      continue;
    }
    if (type == ObjectType::tree || type == ObjectType::blob) {
      bool wanted = type == ObjectType::tree ? tree_objects : blob_objects;
      if (!wanted) return nullptr;
      if (flags & kRevUninteresting) {
        if (type == ObjectType::tree)
          mark_tree_uninteresting(oid);
        else
          uninteresting_objects_.insert(oid);
        return nullptr;
      }
      PendingObject o = p;
      o.oid = oid;
      o.type = type;
      if (from_tag && depth) o.path.clear();
      object_tips_.push_back(std::move(o));
      return nullptr;
    }
    if (flags & kRevUninteresting || ignore_missing) return nullptr;
    if (do_not_die_on_missing_objects) {
      missing_commits.insert(oid);
      return nullptr;
    }
    die("bad object %s", p.name.empty() ? oid.hex() : p.name);
  }
}

bool RevWalk::can_topo_walk() const { return pool_.graph() != nullptr && !repo_has_grafts(); }
bool RevWalk::repo_has_grafts() const { return pool_.has_grafts(); }

void RevWalk::prepare() {
  prepared_ = true;
  if (reflog_info && limited) die("cannot combine --walk-reflogs with history-limiting options");
  if (topo_order && !can_topo_walk()) limited = true;
  std::vector<PendingObject> tips = std::move(pending);
  pending.clear();
  object_tips_.clear();
  std::vector<Commit*> found;
  for (PendingObject& p : tips) {
    Commit* c = take_pending(p);
    if (!c || flags_[c] & kRevSeen) continue;
    flags_[c] |= kRevSeen;
    if (track_sources) sources_.try_emplace(c, p.name);
    found.push_back(c);
  }
  for (const ObjectId& oid : ancestry_path_bottoms)
    if (Commit* c = pool_.find(oid)) flags_[c] |= kRevAncestryPath;
  tips_ = found;
  prepare_bloom();
  if (!unsorted_input) std::stable_sort(found.begin(), found.end(), NewestFirst{});
  if (no_walk) {
    list_ = std::move(found);
    limited_playback_ = true;
    return;
  }
  if (limited) {
    list_ = std::move(found);
    limit_list();
    if (topo_order) sort_topologically(list_);
    limited_playback_ = true;
  } else if (topo_order) {
    list_ = std::move(found);
    prepare_topo();
  } else {
    for (Commit* c : found) queue_.push(c);
  }
  if (simplify_merges) simplify_all_merges();
  if (children) {
    for (Commit* c : list_)
      for (Commit* p : parents(c)) children_[p].push_back(c);
  }
}

// Marks and pushes the parents of a commit that is about to be shown (or, in a limited walk, listed).
bool RevWalk::process_parents(Commit* c, const Push& push) {
  if (flags_[c] & kRevAdded) return true;
  flags_[c] |= kRevAdded;
  if (flags_[c] & kRevUninteresting) {
    for (Commit* p : parents(c)) {
      flags_[p] |= kRevUninteresting;
      if (!parse(p)) continue;
      if (!p->parents.empty()) mark_parents_uninteresting(p);
      if (!(flags_[p] & kRevSeen)) {
        flags_[p] |= kRevSeen | kRevNotUserGiven;
        if (push) push(p);
      }
      if (exclude_first_parent_only) break;
    }
    return true;
  }
  try_to_simplify(c);
  if (no_walk) return true;
  std::uint32_t pass = flags_[c] & (kRevSymmetricLeft | kRevAncestryPath);
  for (Commit* p : parents(c)) {
    if (!parse(p)) {
      if (ignore_missing_links) continue;
      if (exclude_promisor_objects && pool_.odb().is_promisor_object(p->oid)) {
        if (first_parent_only) break;
        continue;
      }
      if (do_not_die_on_missing_objects) {
        missing_commits.insert(p->oid);
        continue;
      }
      if (Result<void> again = pool_.parse(p); !again) error("%s", again.error().message);
      return false;
    }
    // What a promisor sent, it promised whole.
    if (exclude_promisor_objects && is_in_promisor_pack(pool_.odb(), p->oid)) {
      if (first_parent_only) break;
      continue;
    }
    flags_[p] |= pass;
    if (track_sources)
      if (auto from = sources_.find(c); from != sources_.end()) {
        std::string name = from->second;
        sources_.try_emplace(p, std::move(name));
      }
    if (!(flags_[p] & kRevSeen)) {
      flags_[p] |= kRevSeen | kRevNotUserGiven;
      if (push) push(p);
    }
    if (first_parent_only) break;
  }
  return true;
}

// ---- what is shown ----
RevWalk::Action RevWalk::action(Commit* c) {
  std::uint32_t f = flags_[c];
  if (f & kRevShown) return Action::ignore;
  if (unpacked) {
    std::optional<ObjectInfo> info = pool_.odb().info(c->oid, kLookupQuick);
    if (info && info->where == ObjectInfo::Where::packed) return Action::ignore;
  }
  if (f & kRevUninteresting) return Action::ignore;
  if (line_filter && !line_filter(c)) return Action::ignore;
  std::uint64_t date = reflog_walk_ && reflog_walk_->has_current() ? reflog_walk_->timestamp() : c->date;
  if (min_age != -1 && date > static_cast<std::uint64_t>(min_age)) return Action::ignore;
  if (max_age_as_filter != -1 && date < static_cast<std::uint64_t>(max_age_as_filter)) return Action::ignore;
  if (min_parents || max_parents >= 0) {
    int n = static_cast<int>(parents(c).size());
    if (n < min_parents || (max_parents >= 0 && n > max_parents)) return Action::ignore;
  }
  if (commit_filter && !commit_filter(c)) return Action::ignore;
  if (prune && dense && flags_[c] & kRevTreesame) {
    if (!want_ancestry()) return show_pulls && flags_[c] & kRevPullMerge ? Action::show : Action::ignore;
    if (show_pulls && flags_[c] & kRevPullMerge) return Action::show;
    int relevant = 0;
    for (Commit* p : parents(c))
      if (is_relevant(p) && ++relevant >= 2) return Action::show;
    return Action::ignore;
  }
  return Action::show;
}

RevWalk::Action RevWalk::simplify(Commit* c) {
  Action a = action(c);
  if (a == Action::show && prune && dense && want_ancestry()) {
    if (full_diff && !saved_parents_.count(c)) {
      std::span<Commit* const> now = parents(c);
      saved_parents_[c].assign(now.begin(), now.end());
    }
    if (!rewrite_commit_parents(c)) return Action::error;
  }
  return a;
}
std::span<Commit* const> RevWalk::parents_for_diff(const Commit* c) const {
  if (auto saved = saved_parents_.find(c); saved != saved_parents_.end()) return saved->second;
  return parents(c);
}

Commit* RevWalk::pop_next() {
  if (limited_playback_) return list_at_ < list_.size() ? list_[list_at_++] : nullptr;
  return queue_.empty() ? nullptr : queue_.pop();
}

Commit* RevWalk::next_raw() {
  for (;;) {
    Commit* c = reflog_walk_ ? reflog_walk_->next() : topo_ ? next_topo() : pop_next();
    if (!c) return nullptr;
    if (reflog_walk_) flags_[c] &= ~(kRevAdded | kRevSeen | kRevShown);
    if (!limited) {
      std::uint64_t date = reflog_walk_ ? reflog_walk_->timestamp() : c->date;
      if (max_age != -1 && date < static_cast<std::uint64_t>(max_age)) {
        if (topo_) flags_[c] |= kRevShown;
        continue;
      }
      if (reflog_walk_) {
        try_to_simplify(c);
      } else if (topo_) {
        expand_topo(c);
      } else if (!process_parents(c, no_walk ? Push() : Push([this](Commit* p) { queue_.push(p); }))) {
        if (!ignore_missing_links) die("Failed to traverse parents of commit %s", c->oid);
      }
    }
    if (maximal_only) {
      for (Commit* p : parents(c)) flags_[p] |= kRevChildVisited;
      if (flags_[c] & kRevChildVisited) continue;
    }
    switch (simplify(c)) {
      case Action::ignore:
        continue;
      case Action::error:
        die("Failed to simplify parents of commit %s", c->oid);
      case Action::show:
        if (track_linear) track_linear_step(c);
        return c;
    }
  }
}

void RevWalk::track_linear_step(Commit* c) {
  if (!has_previous_) {
    linear_break_ = false;
    has_previous_ = true;
  } else {
    linear_break_ = std::find(previous_parents_.begin(), previous_parents_.end(), c) == previous_parents_.end();
  }
  if (reverse && linear_break_) flags_[c] |= kRevTrackLinear;
  previous_parents_.assign(parents(c).begin(), parents(c).end());
}

// ---- boundary ----
void RevWalk::create_boundary() {
  std::vector<Commit*> list;
  for (Commit* c : boundary_commits_) {
    if (!(flags_[c] & kRevChildShown) || flags_[c] & (kRevShown | kRevBoundary)) continue;
    flags_[c] |= kRevBoundary;
    list.insert(list.begin(), c);
  }
  sort_topologically(list);
  boundary_phase_ = true;
  list_ = std::move(list);
  list_at_ = 0;
}

Commit* RevWalk::next_internal() {
  if (boundary_phase_) {
    if (list_at_ >= list_.size()) return nullptr;
    Commit* c = list_[list_at_++];
    flags_[c] |= kRevShown;
    return c;
  }
  Commit* c = nullptr;
  if (max_count != 0) {
    while (skip_count > 0) {
      skip_count--;
      c = next_raw();
      if (!c) break;
    }
    if (skip_count <= 0) {
      c = next_raw();
      skip_count = -1;
    }
    if (c && max_count > 0) max_count--;
  }
  if (c) flags_[c] |= kRevShown;
  if (!boundary) return c;
  if (!c) {
    create_boundary();
    return next_internal();
  }
  for (Commit* p : parents(c)) {
    if (flags_[p] & (kRevChildShown | kRevShown)) continue;
    flags_[p] |= kRevChildShown;
    boundary_commits_.push_back(p);
  }
  return c;
}

// The last commits of the whole walk: all of it must be seen first.
Commit* RevWalk::next_oldest() {
  if (max_count_oldest < 0) return next_internal();
  if (!oldest_ready_) {
    oldest_ready_ = true;
    std::vector<Commit*> edges;
    while (Commit* c = next_internal()) (flags_[c] & kRevBoundary ? edges : oldest_).push_back(c);
    auto keep = static_cast<std::size_t>(max_count_oldest);
    if (oldest_.size() > keep) oldest_.erase(oldest_.begin(), oldest_.end() - static_cast<std::ptrdiff_t>(keep));
    for (Commit* c : oldest_) flags_[c] &= ~static_cast<std::uint32_t>(kRevShown);
    oldest_.insert(oldest_.end(), edges.begin(), edges.end());
  }
  if (oldest_at_ >= oldest_.size()) return nullptr;
  Commit* c = oldest_[oldest_at_++];
  flags_[c] |= kRevShown;
  return c;
}

Commit* RevWalk::next() {
  if (reverse && !reversed_ready_) {
    while (Commit* c = next_oldest()) reversed_.push_back(c);
    reversed_ready_ = true;
  }
  Commit* c = nullptr;
  if (reversed_ready_) {
    if (!reversed_.empty()) {
      c = reversed_.back();
      reversed_.pop_back();
      if (track_linear) linear_break_ = flags_[c] & kRevTrackLinear;
    }
  } else {
    c = next_oldest();
  }
  if (c && on_show) on_show(c);
  return c;
}

std::string RevWalk::mark(const Commit* c, bool graph) const {
  std::uint32_t f = flags_.get(c);
  if (f & kRevBoundary) return "-";
  if (f & kRevUninteresting) return "^";
  if (f & kRevPatchsame) return "=";
  if (left_right) return f & kRevSymmetricLeft ? "<" : ">";
  if (graph) return "*";
  if (cherry_mark) return "+";
  return "";
}

void RevWalk::push(Commit* c, std::uint32_t f) {
  flags_[c] |= f;
  if (flags_[c] & kRevSeen || !parse(c)) return;
  flags_[c] |= kRevSeen;
  queue_.push(c);
}

}  // namespace git
