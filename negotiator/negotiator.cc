// Choosing an algorithm by name, and the one that offers nothing.
#include "negotiator/negotiator.h"

namespace git {

namespace {

class Noop : public Negotiator {
 public:
  void known_common(CommitNumber) override {}
  void add_tip(CommitNumber) override {}
  std::optional<CommitNumber> next() override { return std::nullopt; }
  bool ack(CommitNumber) override { return false; }
  void sent_already(CommitNumber) override {}
};

}  // namespace

std::unique_ptr<Negotiator> make_noop_negotiator() { return std::make_unique<Noop>(); }

std::unique_ptr<Negotiator> make_negotiator(std::string_view algorithm, CommitSource& source) {
  if (algorithm.empty() || algorithm == "default" || algorithm == "consecutive") return make_consecutive_negotiator(source);
  if (algorithm == "skipping") return make_skipping_negotiator(source);
  if (algorithm == "gallop") return make_gallop_negotiator(source);
  if (algorithm == "noop") return make_noop_negotiator();
  return nullptr;
}

}  // namespace git
