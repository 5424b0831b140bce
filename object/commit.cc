// Commits: headers, an empty line, the message.
#include "base/strings.h"
#include "object/object.h"

namespace git {
namespace {

// Takes "<key> <id>\n" off the front.
bool take_id_line(std::string_view& rest, std::string_view key, HashAlgo algo, ObjectId& oid) {
  std::string_view at = rest;
  if (!skip_prefix(at, key) || !skip_prefix(at, " ")) return false;
  auto id = ObjectId::parse_prefix(at, algo);
  if (!id || !skip_prefix(at, "\n")) return false;
  oid = *id;
  rest = at;
  return true;
}

// Takes "<key> <value>\n" off the front.
bool take_line(std::string_view& rest, std::string_view key, std::string_view& value) {
  std::string_view at = rest;
  if (!skip_prefix(at, key) || !skip_prefix(at, " ")) return false;
  std::size_t end = at.find('\n');
  if (end == std::string_view::npos) return false;
  value = at.substr(0, end);
  rest = at.substr(end + 1);
  return true;
}

std::uint64_t time_of(std::string_view ident) {
  std::size_t close = ident.rfind('>');
  if (close == std::string_view::npos) return 0;
  std::string_view rest = ltrim(ident.substr(close + 1));
  std::uint64_t time = 0;
  for (char c : rest) {
    if (!is_digit(c)) break;
    if (time > (UINT64_MAX - 9) / 10) return UINT64_MAX;
    time = time * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return time;
}

// Where the headers end: the offset of the empty line, or the size.
std::size_t end_of_headers(std::string_view bytes) {
  if (starts_with(bytes, "\n")) return 0;
  std::size_t at = bytes.find("\n\n");
  return at == std::string_view::npos ? bytes.size() : at + 1;
}

}  // namespace

Result<CommitHeader> parse_commit(std::string_view bytes, HashAlgo algo) {
  CommitHeader header;
  std::string_view rest = bytes;
  if (bytes.size() <= hex_size(algo) + 6 || !starts_with(rest, "tree ") || rest[hex_size(algo) + 5] != '\n')
    return Error{ErrorKind::corrupt, "bogus commit object"};
  if (!take_id_line(rest, "tree", algo, header.tree)) return Error{ErrorKind::corrupt, "bad tree pointer in commit"};
  while (starts_with(rest, "parent ")) {
    ObjectId parent;
    if (!take_id_line(rest, "parent", algo, parent)) return Error{ErrorKind::corrupt, "bad parents in commit"};
    header.parents.push_back(parent);
  }
  if (take_line(rest, "author", header.author) && take_line(rest, "committer", header.committer))
    header.commit_time = time_of(header.committer);
  std::size_t body = end_of_headers(bytes);
  while (!rest.empty() && rest.data() < bytes.data() + body) {
    if (take_line(rest, "encoding", header.encoding)) break;
    std::size_t end = rest.find('\n');
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  header.message = commit_message(bytes);
  return header;
}

std::optional<std::string> find_commit_header(std::string_view bytes, std::string_view key) {
  std::string_view rest = bytes.substr(0, end_of_headers(bytes));
  while (!rest.empty()) {
    std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!skip_prefix(line, key) || !skip_prefix(line, " ")) continue;
    std::string value(line);
    while (skip_prefix(rest, " ")) {
      end = rest.find('\n');
      value += '\n';
      value += rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return value;
  }
  return std::nullopt;
}

std::string_view commit_message(std::string_view bytes) {
  std::size_t end = end_of_headers(bytes);
  return end < bytes.size() ? bytes.substr(end + 1) : std::string_view();
}

}  // namespace git
