// Fitting a tree into, or out of, a directory of another (git-merge(1), "subtree").
#pragma once

#include <string>

#include "hash/object-id.h"

namespace git {

class Repository;

// `two` moved so that it lies where it fits `one` best; `path` says where, "" finds out.
ObjectId shift_subtree(Repository& repo, const ObjectId& one, const ObjectId& two, const std::string& path);

}  // namespace git
