// The stores are opened on first use, so that a command pays only for what it looks at.
#include "repository.h"

namespace git {

struct Repository::State {};

Repository::Repository(RepositoryLayout layout) : layout_(std::move(layout)), state_(std::make_unique<State>()) {}
Repository::~Repository() = default;

}  // namespace git
