// Equal keys are walked too before an answer is given: commits made within one second may be each other's parents.
#include "negotiator/reach-walk.h"

namespace git {

void ReachWalk::add(CommitNumber commit) {
  if (is_inside_[commit] || !source_->parse(commit)) return;
  is_inside_[commit] = 1;
  is_empty_ = false;
  frontier_.push({source_->generation(commit), source_->date(commit), commit});
}

bool ReachWalk::contains(CommitNumber commit) {
  if (is_empty_) return false;
  if (is_inside_[commit] || !source_->parse(commit)) return is_inside_[commit];
  Entry wanted{source_->generation(commit), source_->date(commit), commit};
  while (!frontier_.empty() && !is_inside_[commit]) {
    Entry top = frontier_.top();
    if (top < wanted) break;
    frontier_.pop();
    parents_.clear();
    source_->parents(top.commit, parents_);
    for (CommitNumber parent : parents_) add(parent);
  }
  return is_inside_[commit];
}

}  // namespace git
