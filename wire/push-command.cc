// Names are of fixed width, so whatever follows the second space is the ref's name, whole.
#include "wire/push-command.h"

#include "base/strings.h"

namespace git {

std::optional<PushCommand> parse_push_command(std::string_view line, HashAlgo algo) {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  PushCommand command;
  auto old_oid = ObjectId::parse_prefix(line, algo);
  if (!old_oid || !skip_prefix(line, " ")) return std::nullopt;
  auto new_oid = ObjectId::parse_prefix(line, algo);
  if (!new_oid || !skip_prefix(line, " ")) return std::nullopt;
  command.old_oid = *old_oid;
  command.new_oid = *new_oid;
  command.name = line;
  return command;
}

std::string format_push_command(const PushCommand& command) {
  return command.old_oid.hex() + " " + command.new_oid.hex() + " " + command.name;
}

}  // namespace git
