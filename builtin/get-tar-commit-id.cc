// git get-tar-commit-id: the commit an archive was made of, from the comment in its global pax header.
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "builtin.h"
#include "hash/object-id.h"

GIT_BUILTIN("get-tar-commit-id", cmd_get_tar_commit_id, kNoParseopt)

namespace git {

int cmd_get_tar_commit_id(Invocation& inv) {
  if (inv.args.size() != 1) usage("git get-tar-commit-id");
  char buffer[1024];
  ssize_t n = read_in_full(0, buffer, sizeof buffer);
  if (n < 0) die_errno("git get-tar-commit-id: read error");
  if (n != static_cast<ssize_t>(sizeof buffer)) die_errno("git get-tar-commit-id: EOF before reading tar header");
  constexpr std::size_t kTypeFlag = 156, kRecord = 512;
  if (buffer[kTypeFlag] != 'g') return 1;
  std::string_view record(buffer + kRecord, kRecord);
  std::size_t digits = 0;
  while (digits < record.size() && is_digit(record[digits])) digits++;
  auto length = parse_uint(record.substr(0, digits));
  if (!length) return 1;
  record.remove_prefix(digits);
  std::string_view comment;
  if (!skip_prefix(record, " comment=", &comment)) return 1;
  std::size_t used = digits + 9 + 1;  // with the newline
  if (*length < used || *length - used > comment.size()) return 1;
  comment = comment.substr(0, *length - used);
  if (comment.size() != hex_size(HashAlgo::sha1) && comment.size() != hex_size(HashAlgo::sha256)) return 1;
  out(std::string(comment) + "\n");
  return 0;
}

}  // namespace git
