// Trees: "<octal mode> <name>\0<raw id>", again and again.
#include "base/fmt.h"
#include "object/object.h"

namespace git {

bool TreeReader::next(TreeEntry& entry) {
  if (rest_.empty()) return false;
  const std::size_t raw = raw_size(algo_);
  auto fail = [&](const char* why) {
    error_ = why;
    return false;
  };
  // The shortest entry has one mode digit, a space, one byte of name and a NUL; git wants two bytes more.
  if (rest_.size() < raw + 3 || rest_[rest_.size() - raw - 1] != '\0') return fail("too-short tree object");
  std::uint32_t mode = 0;
  std::size_t at = 0;
  for (; at < rest_.size() && rest_[at] != ' '; at++) {
    if (rest_[at] < '0' || rest_[at] > '7' || mode > 0177777) return fail("malformed mode in tree entry");
    mode = mode << 3 | static_cast<std::uint32_t>(rest_[at] - '0');
  }
  if (at == 0 || at == rest_.size()) return fail("malformed mode in tree entry");
  std::size_t name = at + 1, end = rest_.find('\0', name);
  if (end == name) return fail("empty filename in tree entry");
  if (end == std::string_view::npos || rest_.size() - end - 1 < raw) return fail("too-short tree file");
  entry.mode = mode;
  entry.name = rest_.substr(name, end - name);
  entry.oid = ObjectId::from_raw(rest_.substr(end + 1, raw), algo_);
  rest_.remove_prefix(end + 1 + raw);
  return true;
}

Result<std::vector<TreeEntry>> parse_tree(std::string_view bytes, HashAlgo algo) {
  std::vector<TreeEntry> entries;
  TreeReader reader(bytes, algo);
  TreeEntry entry;
  while (reader.next(entry)) entries.push_back(entry);
  if (reader.has_error()) return Error{ErrorKind::corrupt, reader.error()};
  return entries;
}

void append_tree_entry(std::string& tree, std::uint32_t mode, std::string_view name, const ObjectId& oid) {
  char digits[12];
  std::size_t n = sizeof digits;
  do digits[--n] = static_cast<char>('0' + (mode & 7));
  while (mode >>= 3);
  tree.append(digits + n, sizeof digits - n);
  tree += ' ';
  tree += name;
  tree += '\0';
  tree += oid.raw();
}

namespace {

// What stands at `at` in a name that ends in `end`.
int byte_at(std::string_view name, std::size_t at, char end) {
  return static_cast<unsigned char>(at < name.size() ? name[at] : end);
}

int compare_common(std::string_view a, std::string_view b, std::size_t n) { return a.substr(0, n).compare(b.substr(0, n)); }

}  // namespace

int base_name_compare(std::string_view a, std::uint32_t mode_a, std::string_view b, std::uint32_t mode_b) {
  std::size_t n = std::min(a.size(), b.size());
  if (int c = compare_common(a, b, n)) return c;
  int ca = byte_at(a, n, is_tree_mode(mode_a) ? '/' : '\0');
  int cb = byte_at(b, n, is_tree_mode(mode_b) ? '/' : '\0');
  return (ca > cb) - (ca < cb);
}

int df_name_compare(std::string_view a, std::uint32_t mode_a, std::string_view b, std::uint32_t mode_b) {
  std::size_t n = std::min(a.size(), b.size());
  if (int c = compare_common(a, b, n)) return c;
  if (a.size() == b.size()) return 0;
  int ca = byte_at(a, n, is_tree_mode(mode_a) ? '/' : '\0');
  int cb = byte_at(b, n, is_tree_mode(mode_b) ? '/' : '\0');
  if ((ca == '/' && cb == '\0') || (ca == '\0' && cb == '/')) return 0;
  return ca - cb;
}

}  // namespace git
