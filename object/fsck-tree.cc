// The rules for trees.  A tree with a thousand bad modes is told once.
#include "base/dot-names.h"
#include "base/strings.h"
#include "object/fsck.h"

namespace git {
namespace {

struct TreeFaults {
  bool null_sha1 = false, full_pathname = false, empty_name = false, has_dot = false, has_dotdot = false, has_dotgit = false;
  bool zero_padded = false, bad_mode = false, duplicates = false, unsorted = false, large_name = false;
};

bool is_dotgit(std::string_view name) {
  if (iequals(name, ".git") || is_hfs_dotgit(name)) return true;
  for (std::string_view part : split(name, '\\'))
    if (is_ntfs_dotgit(part)) return true;
  return false;
}

bool is_dot_file(std::string_view name, std::string_view bare, std::string_view short_name) {
  return is_hfs_dot_file(name, bare) || is_ntfs_dot_file(name, bare, short_name);
}

// Files that special names make interesting are rare, and all have a '.', '~' or a byte over 0x7f in them.
bool may_be_special(std::string_view name) {
  for (char ch : name)
    if (ch == '.' || ch == '~' || (ch & 0x80)) return true;
  return false;
}

bool is_good_mode(std::uint32_t mode, bool is_strict) {
  switch (mode) {
    case kModeBlob:
    case kModeExecutable:
    case kModeLink:
    case kModeTree:
    case kModeGitlink:
      return true;
    case 0100664:
      return !is_strict;  // from the time when modes had group bits
    default:
      return false;
  }
}

// Finds duplicates that are not next to each other: "foo" and "foo/" (a tree) may have "foo.c" between them.
class OrderCheck {
 public:
  void add(std::string_view name, std::uint32_t mode, TreeFaults& faults) {
    if (!first_) compare(name, mode, faults);
    first_ = false;
    last_ = name;
    last_mode_ = mode;
  }

 private:
  void compare(std::string_view name, std::uint32_t mode, TreeFaults& faults) {
    std::size_t n = std::min(last_.size(), name.size());
    int c = last_.substr(0, n).compare(name.substr(0, n));
    if (c > 0) faults.unsorted = true;
    if (c != 0) return;
    if (last_.size() == name.size()) {
      faults.duplicates = true;
      return;
    }
    unsigned c1 = next_byte(last_, n, last_mode_), c2 = next_byte(name, n, mode);
    if (c1 == 0 && c2 < '/') {
      candidates_.push_back(last_);
    } else if (c2 == '/' && c1 < '/') {
      check_candidates(name, faults);
    }
    if (c1 >= c2) faults.unsorted = true;
  }
  void check_candidates(std::string_view name, TreeFaults& faults) {
    while (!candidates_.empty()) {
      std::string_view candidate = candidates_.back();
      if (!starts_with(name, candidate)) {
        candidates_.pop_back();
        continue;
      }
      if (name == candidate) faults.duplicates = true;
      return;
    }
  }
  static unsigned next_byte(std::string_view name, std::size_t at, std::uint32_t mode) {
    if (at < name.size()) return static_cast<unsigned char>(name[at]);
    return is_tree_mode(mode) ? '/' : 0;
  }
  bool first_ = true;
  std::string_view last_;
  std::uint32_t last_mode_ = 0;
  std::vector<std::string_view> candidates_;
};

struct SymlinkRule {
  const char *bare, *short_name;
  FsckMessage id;
  const char* text;
};
constexpr SymlinkRule kSymlinkRules[] = {
    {"gitmodules", "gi7eba", FsckMessage::gitmodules_symlink, ".gitmodules is a symbolic link"},
    {"gitattributes", "gi7d29", FsckMessage::gitattributes_symlink, ".gitattributes is a symlink"},
    {"gitignore", "gi250a", FsckMessage::gitignore_symlink, ".gitignore is a symlink"},
    {"mailmap", "maba30", FsckMessage::mailmap_symlink, ".mailmap is a symlink"},
};

}  // namespace

bool fsck_tree(const ObjectId& oid, std::string_view bytes, HashAlgo algo, const FsckOptions& options, FsckState& state,
               const FsckReport& report) {
  TreeFaults faults;
  OrderCheck order;
  bool is_bad = false;
  auto tell = [&](FsckMessage id, std::string_view text) {
    is_bad |= fsck_report(options, report, oid, ObjectType::tree, id, text);
  };
  auto check_special = [&](const TreeEntry& entry) {
    faults.has_dotgit |= is_dotgit(entry.name);
    bool is_modules = is_dot_file(entry.name, "gitmodules", "gi7eba");
    bool is_attributes = !is_modules && is_dot_file(entry.name, "gitattributes", "gi7d29");
    if (is_link_mode(entry.mode)) {
      for (const SymlinkRule& rule : kSymlinkRules)
        if (is_dot_file(entry.name, rule.bare, rule.short_name)) tell(rule.id, rule.text);
    } else if (is_modules && !is_tree_mode(entry.mode)) {
      state.gitmodules_found.insert(entry.oid);
    } else if (is_attributes && !is_tree_mode(entry.mode)) {
      state.gitattributes_found.insert(entry.oid);
    }
    // A backslash is a separator to some.
    std::size_t slash = entry.name.find('\\');
    while (slash != std::string_view::npos) {
      std::string_view part = entry.name.substr(slash + 1);
      if (is_ntfs_dot_file(part, "gitmodules", "gi7eba")) {
        if (is_link_mode(entry.mode))
          tell(FsckMessage::gitmodules_symlink, ".gitmodules is a symbolic link");
        else
          state.gitmodules_found.insert(entry.oid);
      }
      slash = entry.name.find('\\', slash + 1);
    }
  };

  TreeReader reader(bytes, algo);
  TreeEntry entry;
  std::string_view before = reader.rest();
  while (reader.next(entry)) {
    faults.null_sha1 |= entry.oid.is_null();
    faults.full_pathname |= entry.name.find('/') != std::string_view::npos;
    faults.empty_name |= entry.name.empty();
    faults.has_dot |= entry.name == ".";
    faults.has_dotdot |= entry.name == "..";
    faults.zero_padded |= before[0] == '0';
    faults.bad_mode |= !is_good_mode(entry.mode, options.is_strict);
    faults.large_name |= entry.name.size() > options.max_name_length;
    if (may_be_special(entry.name)) check_special(entry);
    order.add(entry.name, entry.mode, faults);
    before = reader.rest();
  }
  if (reader.has_error()) tell(FsckMessage::bad_tree, "cannot be parsed as a tree");
  if (faults.null_sha1) tell(FsckMessage::null_sha1, "contains entries pointing to null sha1");
  if (faults.full_pathname) tell(FsckMessage::full_pathname, "contains full pathnames");
  if (faults.empty_name) tell(FsckMessage::empty_name, "contains empty pathname");
  if (faults.has_dot) tell(FsckMessage::has_dot, "contains '.'");
  if (faults.has_dotdot) tell(FsckMessage::has_dotdot, "contains '..'");
  if (faults.has_dotgit) tell(FsckMessage::has_dotgit, "contains '.git'");
  if (faults.zero_padded) tell(FsckMessage::zero_padded_filemode, "contains zero-padded file modes");
  if (faults.bad_mode) tell(FsckMessage::bad_filemode, "contains bad file modes");
  if (faults.duplicates) tell(FsckMessage::duplicate_entries, "contains duplicate file entries");
  if (faults.unsorted) tell(FsckMessage::tree_not_sorted, "not properly sorted");
  if (faults.large_name) tell(FsckMessage::large_pathname, "contains excessively large pathname");
  return is_bad;
}

}  // namespace git
