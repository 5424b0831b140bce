// The driver is chosen by the attribute "merge": set or unspecified is text, unset is binary, a value names a
// built-in driver or one of the configuration.  A driver of the configuration gets the versions as files.
#include "merge/ll-merge.h"

#include <cstdlib>

#include "base/files.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "config.h"
#include "diff/xmerge.h"
#include "index/attr.h"
#include "index/convert.h"
#include "repository.h"

namespace git {
namespace {

constexpr std::size_t kMaxTextSize = 1023ull << 20;  // larger ones are not compared by line

struct Request {
  Repository& repo;
  const std::string& path;
  LlMergeSide base, ours, theirs;
  const LlMergeOptions& options;
  int marker_size;
};

LlMergeStatus merge_as_binary(const Request& r, std::string& result) {
  if (r.options.virtual_ancestor) {
    result = r.base.bytes;
    return LlMergeStatus::clean;
  }
  if (r.options.variant == MergeVariant::theirs) {
    result = r.theirs.bytes;
    return LlMergeStatus::clean;
  }
  result = r.ours.bytes;
  return r.options.variant == MergeVariant::ours ? LlMergeStatus::clean : LlMergeStatus::binary_conflict;
}

ConflictStyle configured_style(Repository& repo) {
  auto name = repo.config().get_string("merge.conflictstyle");
  if (!name || *name == "merge") return ConflictStyle::merge;
  if (*name == "diff3") return ConflictStyle::diff3;
  if (*name == "zdiff3") return ConflictStyle::zdiff3;
  die(_("unknown style '%s' given for '%s'"), *name, "merge.conflictstyle");
}

LlMergeStatus merge_as_text(const Request& r, std::string& result, bool as_union) {
  for (std::string_view bytes : {r.base.bytes, r.ours.bytes, r.theirs.bytes})
    if (bytes.size() > kMaxTextSize || is_binary_text(bytes)) return merge_as_binary(r, result);
  XmergeParams params;
  params.diff.flags = r.options.xdiff_flags;
  params.style = r.options.conflict_style >= 0 ? static_cast<ConflictStyle>(r.options.conflict_style) : configured_style(r.repo);
  if (as_union || r.options.union_variant)
    params.favor = MergeFavor::both;
  else if (r.options.variant == MergeVariant::ours)
    params.favor = MergeFavor::ours;
  else if (r.options.variant == MergeVariant::theirs)
    params.favor = MergeFavor::theirs;
  params.marker_size = r.marker_size;
  params.base_label = r.base.label;
  params.ours_label = r.ours.label;
  params.theirs_label = r.theirs.label;
  XmergeResult merged = merge_texts(r.base.bytes, r.ours.bytes, r.theirs.bytes, params);
  result = std::move(merged.bytes);
  return merged.conflicts ? LlMergeStatus::conflict : LlMergeStatus::clean;
}

// merge.<name>.driver with %O %A %B (files), %L (marker size), %P (path), %S %X %Y (labels).
LlMergeStatus merge_by_command(const Request& r, const std::string& name, const std::string& command, std::string& result) {
  std::array<Tempfile, 3> files;
  std::array<std::string_view, 3> contents{r.base.bytes, r.ours.bytes, r.theirs.bytes};
  std::array<std::string, 3> names;
  for (std::size_t i = 0; i < 3; i++) {
    Result<Tempfile> file = Tempfile::from_pattern(".merge_file_XXXXXX");
    if (!file || !file->write(contents[i]) || !file->close())
      die("Unable to write a temporary file for the merge of '%s'", r.path);
    files[i] = std::move(*file);
    names[i] = std::string(path_basename(files[i].path()));
  }
  std::string text;
  for (std::size_t i = 0; i < command.size(); i++) {
    if (command[i] != '%' || i + 1 >= command.size()) {
      text += command[i];
      continue;
    }
    switch (command[++i]) {
      case '%':
        text += '%';
        break;
      case 'O':
        text += sq_quote(names[0]);
        break;
      case 'A':
        text += sq_quote(names[1]);
        break;
      case 'B':
        text += sq_quote(names[2]);
        break;
      case 'L':
        text += std::to_string(r.marker_size);
        break;
      case 'P':
        text += sq_quote(r.path);
        break;
      case 'S':
        text += sq_quote(r.base.label);
        break;
      case 'X':
        text += sq_quote(r.ours.label);
        break;
      case 'Y':
        text += sq_quote(r.theirs.label);
        break;
      default:
        text.append("%").append(1, command[i]);
    }
  }
  ChildProcess child;
  child.use_shell = true;
  child.args = {text};
  int code = child.run();
  Result<std::string> bytes = read_file(files[1].path());
  if (!bytes) return LlMergeStatus::error;
  result = std::move(*bytes);
  (void)name;
  if (code == 0) return LlMergeStatus::clean;
  return code > 0 && code <= 128 ? LlMergeStatus::conflict : LlMergeStatus::error;
}

LlMergeStatus merge_by_name(const Request& r, const std::string& name, std::string& result) {
  if (name == "text") return merge_as_text(r, result, false);
  if (name == "binary") return merge_as_binary(r, result);
  if (name == "union") return merge_as_text(r, result, true);
  Config& config = r.repo.config();
  if (r.options.virtual_ancestor) {
    if (auto recursive = config.get_string("merge." + name + ".recursive"); recursive && *recursive != name)
      return merge_by_name(r, *recursive, result);
  }
  auto command = config.get_string("merge." + name + ".driver");
  if (!command) {
    if (config.get_string("merge." + name + ".name")) die(_("custom merge driver %s lacks command line."), name);
    return merge_as_text(r, result, false);
  }
  return merge_by_command(r, name, *command, result);
}

}  // namespace

int conflict_marker_size(AttributeReader& attrs, const std::string& path) {
  AttrValue value = attrs.get(path, "conflict-marker-size");
  if (!value.has_value()) return 7;
  auto size = parse_int(value.value);
  if (!size || *size <= 0) {
    warning(_("invalid marker-size '%s', expecting an integer"), value.value);
    return 7;
  }
  return static_cast<int>(*size);
}

LlMergeStatus ll_merge(Repository& repo, AttributeReader& attrs, std::string& result, const std::string& path,
                       const LlMergeSide& base, const LlMergeSide& ours, const LlMergeSide& theirs,
                       const LlMergeOptions& options) {
  Request r{repo, path, base, ours, theirs, options, conflict_marker_size(attrs, path) + options.extra_marker_size};
  std::array<std::optional<std::string>, 3> normal;
  if (options.renormalize) {
    Converter converter(repo);
    std::size_t i = 0;
    for (LlMergeSide* side : {&r.base, &r.ours, &r.theirs}) {
      normal[i] = converter.renormalize(path, side->bytes);
      if (normal[i]) side->bytes = *normal[i];
      i++;
    }
  }
  AttrValue driver = attrs.get(path, "merge");
  if (driver.is_unset()) return merge_as_binary(r, result);
  if (driver.has_value()) return merge_by_name(r, driver.value, result);
  if (driver.is_unspecified())
    if (auto fallback = repo.config().get_string("merge.default")) return merge_by_name(r, *fallback, result);
  return merge_as_text(r, result, false);
}

}  // namespace git
