// git merge-tree --trivial-merge: what a three-way merge of trees can decide by object names alone, and what it can't.
#pragma once

#include <string>

#include "hash/object-id.h"

namespace git {

class Repository;

// The entries that differ from the first branch, each explained and shown as a patch.
std::string trivial_merge_report(Repository& repo, const ObjectId& base, const ObjectId& ours, const ObjectId& theirs);

}  // namespace git
