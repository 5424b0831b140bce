// What `git refs verify` looks at: each loose file by itself, the root refs, and packed-refs line by line.  Readers are
// lenient about what is harmless; here everything that a writer of ours would not have written is told.
#include <algorithm>

#include "base/files.h"
#include "base/strings.h"
#include "object/fsck.h"
#include "refs/files-backend.h"

namespace git {
namespace {

using Report = std::function<void(const RefFinding&)>;

class LooseVerifier {
 public:
  LooseVerifier(const RefStoreOptions& options, const Report& report) : options_(options), report_(report) {
    if (options.git_dir != options.common_dir) prefix_ = "worktrees/" + std::string(path_basename(options.git_dir)) + "/";
  }
  void run() {
    std::vector<std::string> names = list_dir(options_.git_dir);
    std::sort(names.begin(), names.end());
    for (const std::string& name : names)
      if (is_root_ref(name)) check_content(name);
    walk("refs");
  }

 private:
  void tell(const std::string& name, FsckMessage id, std::string text) { report_({prefix_ + name, id, std::move(text)}); }
  void walk(const std::string& dir);
  void check_content(const std::string& name);
  void check_symlink(const std::string& name, const std::string& path);
  bool check_target(const std::string& name, const std::string& target);
  void check_symref(const std::string& name, std::string_view text);

  const RefStoreOptions& options_;
  const Report& report_;
  std::string prefix_;
};

void LooseVerifier::walk(const std::string& dir) {
  std::vector<std::string> names = list_dir(path_join(options_.git_dir, dir));
  std::sort(names.begin(), names.end());
  for (const std::string& base : names) {
    std::string name = dir + "/" + base, path = path_join(options_.git_dir, name);
    auto st = lstat_path(path);
    if (!st) continue;
    if (S_ISDIR(st->st_mode)) {
      walk(name);
      continue;
    }
    if (base[0] != '.' && ends_with(base, ".lock")) continue;
    if (!S_ISREG(st->st_mode) && !S_ISLNK(st->st_mode)) {
      tell(name, FsckMessage::bad_ref_filetype, "unexpected file type");
      continue;
    }
    if (!check_refname_format(name)) tell(name, FsckMessage::bad_ref_name, "invalid refname format");
    if (S_ISLNK(st->st_mode))
      check_symlink(name, path);
    else
      check_content(name);
  }
}

bool LooseVerifier::check_target(const std::string& name, const std::string& target) {
  bool is_root = is_root_ref(target);
  if (name == "HEAD" && !starts_with(target, "refs/heads/") && check_refname_format(target, kRefnameAllowOneLevel)) {
    tell(name, FsckMessage::bad_head_target, strf("HEAD points to non-branch '%s'", target));
    return true;
  }
  if (!is_root && !starts_with(target, "refs/") && !starts_with(target, "worktrees/"))
    tell(name, FsckMessage::symref_target_is_not_a_ref, strf("points to non-ref target '%s'", target));
  if (is_root || check_refname_format(target)) return true;
  tell(name, FsckMessage::bad_referent_name, strf("points to invalid refname '%s'", target));
  return false;
}

void LooseVerifier::check_symlink(const std::string& name, const std::string& path) {
  tell(name, FsckMessage::symlink_ref, "use deprecated symbolic link for symref");
  std::optional<std::string> link = read_link(path);
  if (!link) return;
  std::string whole = is_absolute_path(*link) ? *link : path_join(path_dirname(path), *link);
  std::string target = normalize_path(whole).value_or(whole);
  if (std::optional<std::string_view> below = path_below(target, options_.common_dir)) target = std::string(*below);
  check_target(name, target);
}

void LooseVerifier::check_symref(const std::string& name, std::string_view text) {
  text = ltrim(text);
  std::string_view trimmed = rtrim(text);
  if (!check_target(name, std::string(trimmed))) return;
  if (text.empty() || text.back() != '\n') tell(name, FsckMessage::ref_missing_newline, "misses LF at the end");
  if (trimmed.size() != text.size() && trimmed.size() + 1 != text.size())
    tell(name, FsckMessage::trailing_ref_content, "has trailing whitespaces or newlines");
}

void LooseVerifier::check_content(const std::string& name) {
  Result<std::string> content = read_file(path_join(options_.git_dir, name));
  if (!content) {
    if (content.error().kind != ErrorKind::missing) tell(name, FsckMessage::bad_ref_content, content.error().message);
    return;
  }
  std::string_view text = *content;
  if (skip_prefix(text, "ref:")) {
    check_symref(name, text);
    return;
  }
  std::string_view rest = text;
  std::optional<ObjectId> oid = ObjectId::parse_prefix(rest, options_.algo);
  if (!oid || (!rest.empty() && !is_space(rest[0]))) {
    tell(name, FsckMessage::bad_ref_content, std::string(rtrim(text)));
    return;
  }
  if (rest.empty())
    tell(name, FsckMessage::ref_missing_newline, "misses LF at the end");
  else if (rest != "\n")
    tell(name, FsckMessage::trailing_ref_content, strf("has trailing garbage: '%s'", rest));
  if (oid->is_null()) tell(name, FsckMessage::bad_ref_oid, strf("points to invalid object ID '%s'", *oid));
}

// ---- packed-refs ----
class PackedVerifier {
 public:
  PackedVerifier(const std::string& path, HashAlgo algo, const Report& report) : path_(path), algo_(algo), report_(report) {}
  void run();

 private:
  void tell(FsckMessage id, std::string text, std::string where = "packed-refs") {
    report_({std::move(where), id, std::move(text)});
    good_ = false;
  }
  std::string line_name() const { return strf("packed-refs line %d", line_number_); }
  bool check_header(std::string_view line);
  void check_entry(std::string_view line);
  void check_peeled(std::string_view line);
  void check_order(std::string_view text);

  const std::string& path_;
  HashAlgo algo_;
  const Report& report_;
  std::size_t line_number_ = 0;
  bool good_ = true;
};

bool PackedVerifier::check_header(std::string_view line) {
  std::string_view traits = line;
  if (!skip_prefix(traits, "# pack-refs with: ")) {
    tell(FsckMessage::bad_packed_ref_header, strf("'%s' does not start with '# pack-refs with: '", line), "packed-refs.header");
    return false;
  }
  for (std::string_view word : split(traits, ' '))
    if (word == "sorted") return true;
  return false;
}

void PackedVerifier::check_entry(std::string_view line) {
  std::string_view rest = line;
  std::optional<ObjectId> oid = ObjectId::parse_prefix(rest, algo_);
  if (!oid) return tell(FsckMessage::bad_packed_ref_entry, strf("'%s' has invalid oid", line), line_name());
  if (rest.empty() || !is_space(rest[0]))
    return tell(FsckMessage::bad_packed_ref_entry, strf("has no space after oid '%s' but with '%s'", *oid, rest), line_name());
  rest.remove_prefix(1);
  if (!check_refname_format(rest)) tell(FsckMessage::bad_ref_name, strf("has bad refname '%s'", rest), line_name());
}

void PackedVerifier::check_peeled(std::string_view line) {
  std::string_view rest = line.substr(1);
  if (!ObjectId::parse_prefix(rest, algo_))
    return tell(FsckMessage::bad_packed_ref_entry, strf("'%s' has invalid peeled oid", line.substr(1)), line_name());
  if (!rest.empty())
    tell(FsckMessage::bad_packed_ref_entry, strf("has trailing garbage after peeled oid '%s'", rest), line_name());
}

void PackedVerifier::check_order(std::string_view text) {
  std::string_view previous;
  const std::size_t name_at = hex_size(algo_) + 1;
  line_number_ = 0;
  for (std::string_view line : split_lines(text)) {
    ++line_number_;
    if (line.empty() || line[0] == '#' || line[0] == '^' || line.size() <= name_at) continue;
    std::string_view name = line.substr(name_at);
    if (!previous.empty() && name < previous)
      return tell(FsckMessage::packed_ref_unsorted, strf("refname '%s' is less than previous refname '%s'", name, previous),
                  line_name());
    previous = name;
  }
}

void PackedVerifier::run() {
  auto st = lstat_path(path_);
  if (!st) return;
  if (S_ISLNK(st->st_mode)) return tell(FsckMessage::bad_ref_filetype, "not a regular file but a symlink");
  if (!S_ISREG(st->st_mode)) return tell(FsckMessage::bad_ref_filetype, "not a regular file");
  Result<std::string> content = read_file(path_);
  if (!content) return;
  std::string_view text = *content;
  if (text.empty()) return tell(FsckMessage::empty_packed_refs_file, "file is empty");
  bool is_sorted = false;
  for (std::size_t at = 0; at < text.size();) {
    ++line_number_;
    std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos)
      return tell(FsckMessage::packed_ref_entry_not_terminated, strf("'%s' is not terminated with a newline", text.substr(at)),
                  line_name());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line_number_ == 1 && !line.empty() && line[0] == '#')
      is_sorted = check_header(line);
    else if (!line.empty() && line[0] == '^')
      check_peeled(line);
    else
      check_entry(line);
  }
  if (good_ && is_sorted) check_order(text);
}

}  // namespace

void FilesRefStore::verify(const std::function<void(const RefFinding&)>& report) {
  LooseVerifier(options_, report).run();
  if (options_.git_dir == options_.common_dir) PackedVerifier(packed_.path(), options_.algo, report).run();
}

}  // namespace git
