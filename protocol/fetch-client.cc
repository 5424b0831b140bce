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
  return negotiator_->next();
}

std::vector<CommitNumber> FetchClient::take_required() {
  if (request_.no_haves || !negotiator_) return {};
  return std::exchange(request_.required, {});
}

bool FetchClient::take_ack(const ObjectId& oid, bool* is_ours) {
  auto commit = source_ ? source_->find(oid) : std::nullopt;
  *is_ours = commit.has_value();
  if (!commit) return false;
  bool known = negotiator_->ack(*commit);
  if (!known) {
    counters_.common++;
    common_.push_back(oid);
    emit(Kind::common, {}, oid);
  }
  return known;
}

}  // namespace git
