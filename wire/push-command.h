// What a pusher asks for (gitprotocol-pack(5), "Reference Update Request"): one line per ref,
// "<old> <new> <name>[\0<capabilities>]".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hash/object-id.h"

namespace git {

struct PushCommand {
  ObjectId old_oid, new_oid;  // null: create, delete
  std::string name;
};
// Without the capabilities: "<old> <new> <name>", newline allowed.
std::optional<PushCommand> parse_push_command(std::string_view line, HashAlgo algo);
std::string format_push_command(const PushCommand& command);  // no newline

}  // namespace git
