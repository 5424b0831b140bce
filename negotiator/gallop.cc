// A plan is made lazily, stage by stage, because the caller decides how many haves go into a round; what was planned and
// not asked when an answer comes in is thrown away, for the answer may have settled it.
#include "negotiator/gallop.h"

#include <algorithm>
#include <cmath>

namespace git {

void Gallop::known_common(CommitNumber commit) {
  if (marks_[commit] & kAdvertised) return;
  marks_[commit] |= kAdvertised;
  advertised_.push_back(commit);
}

void Gallop::add_hint(CommitNumber commit) {
  marks_[commit] |= kHint;
  hints_.push_back(commit);
  presumed_.add(commit);
}

void Gallop::add_tip(CommitNumber commit) {
  if ((marks_[commit] & kTip) || !source_.parse(commit)) return;
  marks_[commit] |= kTip;
  tips_.push_back(commit);
}

void Gallop::sent_already(CommitNumber commit) {
  marks_[commit] |= kAsked;
  current_.push_back(commit);
}

std::optional<CommitNumber> Gallop::next() {
  while (stage_ != Stage::finished) {
    while (!plan_.empty()) {
      CommitNumber commit = plan_.front();
      plan_.pop_front();
      if (marks_[commit] & (kAsked | kMissing)) continue;
      marks_[commit] |= kAsked;
      current_.push_back(commit);
      asked_in_plan_ = true;
      return commit;
    }
    if (stage_ == Stage::answers) return std::nullopt;
    plan_more();
  }
  return std::nullopt;
}

void Gallop::end_round() {
  if (!current_.empty()) in_flight_.push_back(std::move(current_));
  current_.clear();
}

bool Gallop::ack(CommitNumber commit) {
  bool known = marks_[commit] & kAcked;
  marks_[commit] |= kAcked;
  common_.add(commit);
  side_in_vain_ = 0;
  return known;
}

void Gallop::round_answered() {
  if (in_flight_.empty()) return;
  std::vector<CommitNumber> round = std::move(in_flight_.front());
  in_flight_.pop_front();
  for (CommitNumber commit : round) {
    if (is_there(commit)) continue;
    marks_[commit] |= kMissing;
    if (presumed_.contains(commit)) drop_hints(commit);
  }
  if (!in_flight_.empty() || stage_ == Stage::finished) return;
  plan_.clear();
  wants_every_answer_ = asked_in_plan_ = false;
  stage_ = Stage::open_paths;
}

// A hint that reaches what is missing is missing itself: the remote was rewound, say.
void Gallop::drop_hints(CommitNumber failed) {
  std::size_t checked = 0;
  std::erase_if(hints_, [&](CommitNumber hint) {
    if (marks_[hint] & kMissing || ++checked > kMaxHintChecks) return true;
    ReachWalk from(source_);
    from.add(hint);
    return from.contains(failed);
  });
  presumed_ = ReachWalk(source_);
  for (CommitNumber hint : hints_) presumed_.add(hint);
}

void Gallop::plan_more() {
  switch (stage_) {
    case Stage::start:
      start();
      stage_ = Stage::open_paths;
      return;
    case Stage::open_paths:
      rise();
      for (Path& path : paths_)
        if (!path.is_settled) continue_path(path);
      std::erase_if(paths_, [](const Path& path) { return path.is_settled; });
      stage_ = Stage::advertised;
      return;
    case Stage::advertised:
      if (next_advertised_ < advertised_.size()) return plan_advertised(advertised_[next_advertised_++]);
      stage_ = Stage::new_tips;
      return;
    case Stage::new_tips:
      if (next_tip_ < tips_.size()) return open_tip(tips_[next_tip_++]);
      stage_ = Stage::gallop;
      return;
    case Stage::gallop: {
      bool goes_on = false;
      for (Path& path : paths_) goes_on |= gallop_on(path);
      if (goes_on) return;
      stage_ = asked_in_plan_ || !in_flight_.empty() ? Stage::answers : Stage::sides;
      return;
    }
    case Stage::sides:
      plan_sides();
      stage_ = plan_.empty() ? Stage::finished : Stage::answers;
      return;
    case Stage::answers:
    case Stage::finished:
      return;
  }
}

// Newest first, those of one date as they came; hints before other tips.
void Gallop::start() {
  auto newer = [this](CommitNumber a, CommitNumber b) { return source_.date(a) > source_.date(b); };
  std::stable_sort(tips_.begin(), tips_.end(), newer);
  std::stable_partition(tips_.begin(), tips_.end(), [this](CommitNumber tip) { return (marks_[tip] & kHint) != 0; });
  std::erase_if(advertised_, [this](CommitNumber commit) { return !source_.parse(commit); });
  std::stable_sort(advertised_.begin(), advertised_.end(), newer);
  for (CommitNumber commit : advertised_) common_.add(commit);
}

// We know that it is there; the server is yet to learn that it is here.
void Gallop::plan_advertised(CommitNumber commit) {
  if (offered_.contains(commit)) return;
  offered_.add(commit);
  plan(commit);
}

std::optional<CommitNumber> Gallop::first_parent(CommitNumber commit) {
  if (!source_.parse(commit)) return std::nullopt;
  std::vector<CommitNumber> parents;
  source_.parents(commit, parents);
  if (parents.empty() || !source_.parse(parents[0])) return std::nullopt;
  return parents[0];
}

std::optional<CommitNumber> Gallop::descend(CommitNumber from, long steps) {
  std::optional<CommitNumber> at = from;
  for (; at && steps > 0; steps--) at = first_parent(*at);
  return at;
}

void Gallop::open_tip(CommitNumber tip) {
  if (is_there(tip) || marks_[tip] & kMissing) return;
  Path path;
  path.top = path.cursor = tip;
  if (!common_.is_empty() || !presumed_.is_empty()) {
    std::optional<CommitNumber> at = tip;
    for (long position = 0; at && position < kLookDown; position++, at = first_parent(*at)) {
      if (marks_[*at] & kMissing) {
        path.miss_at = position;
        path.miss = *at;
      }
      if (!is_likely_there(*at)) continue;
      meet(path, position, *at);
      cut(path);
      break;
    }
  }
  if (!path.is_settled) paths_.push_back(std::move(path));
}

void Gallop::meet(Path& path, long at, CommitNumber commit) {
  path.hit_at = at;
  path.hit = commit;
  path.is_fresh = true;
}

void Gallop::probe(Path& path, long at, CommitNumber commit) {
  path.probes.push_back({at, commit});
  plan(commit);
}

// What the answers say about a path.
void Gallop::learn(Path& path) {
  for (const Path::Probe& probe : path.probes) {
    if (is_there(probe.commit)) {
      if (path.hit_at >= 0 && path.hit_at <= probe.at) continue;
      path.hit_at = probe.at;
      path.hit = probe.commit;
    } else if (marks_[probe.commit] & kMissing && probe.at > path.miss_at) {
      path.miss_at = probe.at;
      path.miss = probe.commit;
    }
  }
  path.probes.clear();
  if (path.hit_at < 0 || path.hit_at > path.miss_at) return;
  // Presumed to be there, and it isn't: the gallop starts below it.
  path.hit_at = -1;
  path.is_fresh = false;
  path.cursor = path.miss;
  path.cursor_at = path.miss_at;
  path.next_at = path.miss_at + 1;
  path.step = 2;
}

void Gallop::continue_path(Path& path) {
  learn(path);
  if (path.hit_at >= 0) return cut(path);
  if (path.at_root && path.miss_at >= path.cursor_at) path.is_settled = true;
}

// The stretch between the last miss and the first hit.
void Gallop::cut(Path& path) {
  if (!is_there(path.hit)) probe(path, path.hit_at, path.hit);
  long unknown = path.hit_at - path.miss_at - 1;
  CommitNumber from = path.miss_at < 0 ? path.top : path.miss;
  long from_at = std::max(path.miss_at, 0L);
  if (unknown <= 0) {
    path.is_settled = is_there(path.hit);
    return;
  }
  if (path.is_fresh) {
    // Most likely the server has nothing of it, or all.
    path.is_fresh = false;
    if (auto bottom = descend(from, path.hit_at - 1 - from_at)) probe(path, path.hit_at - 1, *bottom);
    if (path.miss_at < 0) probe(path, 0, path.top);
    return;
  }
  long cuts = unknown;
  if (path.rounds_left > 1)
    cuts = static_cast<long>(std::ceil(std::pow(static_cast<double>(unknown + 1), 1.0 / path.rounds_left))) - 1;
  cuts = std::clamp(cuts, 1L, std::min(unknown, kMaxCuts));
  path.rounds_left = std::max(1, path.rounds_left - 1);
  if (cuts < unknown) wants_every_answer_ = true;
  for (long i = 1; i <= cuts; i++) {
    long at = path.miss_at + i * (unknown + 1) / (cuts + 1);
    auto commit = descend(from, at - from_at);
    if (!commit) return;
    probe(path, at, *commit);
    from = *commit;
    from_at = at;
  }
}

// One more have down a path that has met nothing. False where there is none.
bool Gallop::gallop_on(Path& path) {
  if (path.hit_at >= 0 || path.at_root) return false;
  while (path.cursor_at < path.next_at) {
    auto parent = first_parent(path.cursor);
    if (!parent) {
      path.at_root = true;
      break;
    }
    path.cursor = *parent;
    path.cursor_at++;
    if (is_likely_there(path.cursor)) {
      meet(path, path.cursor_at, path.cursor);
      cut(path);
      return true;
    }
  }
  if (path.cursor_at > 0) wants_every_answer_ = true;
  probe(path, path.cursor_at, path.cursor);
  path.next_at = path.cursor_at + path.step;
  path.step *= 2;
  return true;
}

std::unique_ptr<Negotiator> make_gallop_negotiator(CommitSource& source) { return std::make_unique<Gallop>(source); }

}  // namespace git
