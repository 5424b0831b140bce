// Directories are walked side by side in name order; a file against a directory means the file of that name in it.
#include "diff-no-index.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "config.h"
#include "diff.h"
#include "repository.h"

namespace git {
namespace {

class NoIndex {
 public:
  explicit NoIndex(DiffOptions& options) : options_(options) {}

  // False where a path can't be read; reported.
  bool queue(const std::string& one, const std::string& two) {
    std::uint32_t mode1 = 0, mode2 = 0;
    if (!find_mode(one, mode1) || !find_mode(two, mode2)) return false;
    const bool dir1 = is_tree_mode(mode1), dir2 = is_tree_mode(mode2);
    if (mode1 && mode2 && dir1 != dir2) {
      // A directory became a file, or the other way round: two changes.
      if (dir1) return queue(one, "") && queue("", two);
      return queue(one, "") && queue("", two);
    }
    if (!dir1 && !dir2) {
      auto first = spec(one, mode1), second = spec(two, mode2);
      if (options_.reverse_diff) std::swap(first, second);
      queue_pair(options_.queue, first, second);
      return true;
    }
    auto names1 = dir1 ? list(one) : std::vector<std::string>(), names2 = dir2 ? list(two) : std::vector<std::string>();
    for (std::size_t i = 0, j = 0; i < names1.size() || j < names2.size();) {
      const int order = i == names1.size() ? 1 : j == names2.size() ? -1 : compare_bytes(names1[i], names2[j]);
      const std::string below1 = order <= 0 ? path_join(one, names1[i++]) : "";
      const std::string below2 = order >= 0 ? path_join(two, names2[j++]) : "";
      if (!queue(below1, below2)) return false;
    }
    return true;
  }

 private:
  static std::vector<std::string> list(const std::string& dir) {
    auto names = list_dir(dir);
    std::sort(names.begin(), names.end(), [](auto& a, auto& b) { return compare_bytes(a, b) < 0; });
    return names;
  }
  static bool find_mode(const std::string& path, std::uint32_t& mode) {
    mode = 0;
    if (path.empty() || path == "/dev/null") return true;
    if (path == "-") {
      mode = kModeBlob;
      return true;
    }
    struct stat st;
    if (::lstat(path.c_str(), &st)) return !error("Could not access '%s'", path);
    mode = S_ISDIR(st.st_mode) ? kModeTree : S_ISFIFO(st.st_mode) ? kModeBlob : canon_mode(st.st_mode);
    return true;
  }
  FilespecPtr spec(const std::string& path, std::uint32_t mode) const {
    auto result = std::make_shared<DiffFilespec>(path.empty() ? "/dev/null" : path);
    result->oid = ObjectId::null(options_.algo());
    result->mode = mode;
    result->is_stdin = path == "-";
    if (mode) result->binary.reset();
    return result;
  }

  DiffOptions& options_;
};

// "dir file" means "dir/file file".
void fix_up(std::string& one, std::string& two) {
  if (one == "-" || two == "-") return;
  const bool dir1 = is_directory(one), dir2 = is_directory(two);
  if (dir1 == dir2) return;
  std::string& dir = dir1 ? one : two;
  const std::string& file = dir1 ? two : one;
  if (file == "/dev/null") return;
  dir = path_join(dir, path_basename(file));
}

}  // namespace

int diff_no_index(Repository* repo, std::string_view prefix, const std::vector<std::string>& args, bool is_explicit) {
  Config early{ConfigSources{}};
  const Config& config = repo ? repo->config() : early;
  DiffOptions options = make_diff_options(repo, config, nullptr, prefix, DiffConfig::ui);
  options.no_index = true;
  options.allow_external = true;
  options.stat_width = -1;
  options.stat_graph_width = -1;
  Options parser({"git diff --no-index [<options>] <path> <path> [<pathspec>...]"});
  bool no_index = false;
  parser.boolean(0, "no-index", &no_index, "", kOptHidden | kOptNoNeg);
  DiffOptionParser diff_parser(options);
  diff_parser.add_to(parser);
  std::vector<std::string> words = {"diff"};
  words.insert(words.end(), args.begin(), args.end());
  std::vector<std::string> paths = parser.parse(words, prefix);
  if (paths.size() != 2) {
    if (!is_explicit) warning("Not a git repository. Use --no-index to compare two paths outside a working tree");
    parser.usage_with_options();
  }
  for (std::string& path : paths)
    if (path != "-" && path != "/dev/null") path = prefix_filename(prefix, path);
  fix_up(paths[0], paths[1]);
  options.skip_stat_unmatch = true;
  if (!options.output_format) options.output_format = kDiffPatch;
  options.recursive = true;
  options.exit_with_status = true;
  options.relative_name = false;
  options.rename_empty = false;
  diff_setup_done(options);
  diff_set_mnemonic_prefix(options, "1/", "2/");
  if (!NoIndex(options).queue(paths[0], paths[1])) return 1;
  diffcore_std(options);
  diff_flush(options);
  return diff_result_code(options);
}

}  // namespace git
