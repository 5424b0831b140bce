// Rounds grow: by doubling while they are small, then by what a pipe holds (a peer that keeps the connection) or by a
// tenth (one that is sent everything again each time).
#include "protocol/fetch-client.h"

namespace git {

namespace {

constexpr int kPipeSafeFlush = 32;
constexpr int kLargeFlush = 16384;

}  // namespace

int next_flush(bool is_stateless, int count) {
  if (is_stateless) return count < kLargeFlush ? count * 2 : static_cast<int>(static_cast<long>(count) * 11 / 10);
  return count < kPipeSafeFlush ? count * 2 : count + kPipeSafeFlush;
}

std::optional<FetchEvent> FetchClient::next_event() {
  if (events_.empty()) return std::nullopt;
  FetchEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::optional<CommitNumber> FetchClient::next_have() {
  if (request_.no_haves || !negotiator_) return std::nullopt;
  auto have = negotiator_->next();
  if (have) note_offered(*have);
  return have;
}

std::vector<CommitNumber> FetchClient::take_required() {
  if (request_.no_haves || !negotiator_) return {};
  for (CommitNumber have : request_.required) note_offered(have);
  return std::exchange(request_.required, {});
}

void FetchClient::note_offered(CommitNumber have) {
  if (have >= is_offered_.size()) is_offered_.resize(have + have / 2 + 64);
  is_offered_[have] = true;
}

bool FetchClient::take_ack(const ObjectId& oid, bool* is_ours) {
  auto commit = source_ ? source_->find(oid) : std::nullopt;
  *is_ours = commit.has_value();
  if (!commit) return false;
  bool known = negotiator_->ack(*commit);
  if (*commit >= is_acked_.size()) is_acked_.resize(*commit + *commit / 2 + 64);
  if (is_acked_[*commit]) return known;
  is_acked_[*commit] = true;
  counters_.common++;
  common_.push_back(oid);
  emit(Kind::common, {}, oid);
  return known;
}

void FetchClient::end_round(int in_vain) {
  counters_.rounds++;
  counters_.in_vain = in_vain;
  if (negotiator_) negotiator_->end_round();
  emit(Kind::round);
}

}  // namespace git
