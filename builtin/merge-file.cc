// git merge-file: three versions of one file into one.
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "diff/xmerge.h"
#include "object-name.h"
#include "odb.h"

GIT_BUILTIN("merge-file", cmd_merge_file, kSetupGently)

namespace git {

int cmd_merge_file(Invocation& inv) {
  bool to_stdout = false, object_ids = false, quiet = false;
  int favor = 0, style = 0, marker_size = 7;
  std::vector<std::string> labels;
  XmergeParams params;
  if (inv.repository) {
    const std::string word = inv.repo().config().get_string_or("merge.conflictstyle", "merge");
    style = word == "diff3" ? 1 : word == "zdiff3" ? 2 : 0;
  }
  Options options({"git merge-file [<options>] [-L <name1> [-L <orig> [-L <name2>]]] <file1> <orig-file> <file2>"});
  options.boolean('p', "stdout", &to_stdout, N_("send results to standard output"));
  options.boolean(0, "object-id", &object_ids, N_("use object IDs instead of filenames"));
  options.set_int(0, "diff3", &style, 1, N_("use a diff3 based merge"));
  options.set_int(0, "zdiff3", &style, 2, N_("use a zealous diff3 based merge"));
  options.set_int(0, "ours", &favor, 1, N_("for conflicts, use our version"));
  options.set_int(0, "theirs", &favor, 2, N_("for conflicts, use their version"));
  options.set_int(0, "union", &favor, 3, N_("for conflicts, use a union version"));
  options.callback(
      0, "diff-algorithm", "algorithm", N_("choose a diff algorithm"),
      [&](const std::optional<std::string>& v, bool) {
        params.diff.flags &= ~(kXdfAlgorithmMask | kXdfNeedMinimal);
        if (*v == "patience")
          params.diff.flags |= kXdfPatience;
        else if (*v == "histogram")
          params.diff.flags |= kXdfHistogram;
        else if (*v == "minimal")
          params.diff.flags |= kXdfNeedMinimal;
        else if (*v != "myers" && *v != "default") {
          error("option diff-algorithm accepts \"myers\", \"minimal\", \"patience\" and \"histogram\"");
          return false;
        }
        return true;
      },
      kOptNoNeg);
  options.integer(0, "marker-size", &marker_size, "n", N_("for conflicts, use this marker size"));
  options.boolean('q', "quiet", &quiet, N_("do not warn about conflicts"));
  options.callback(
      'L', "", "name", N_("set labels for file1/orig-file/file2"),
      [&](const std::optional<std::string>& v, bool) {
        if (labels.size() == 3) {
          error("too many labels on the command line");
          return false;
        }
        labels.push_back(*v);
        return true;
      },
      kOptNoNeg);
  std::vector<std::string> files = options.parse(inv.args, inv.prefix_or_empty());
  if (files.size() != 3) options.usage_with_options();
  if (object_ids && !inv.repository) die("'%s' outside a repository", "--object-id");
  std::string texts[3];
  for (std::size_t i = 0; i < 3; i++) {
    if (labels.size() <= i) labels.push_back(files[i]);
    if (object_ids) {
      auto oid = get_oid(inv.repo(), files[i]);
      if (!oid) return error("object '%s' does not exist", files[i]), 255;
      auto blob = inv.repo().odb().read(*oid);
      if (!blob || blob->type != ObjectType::blob) return error("unable to read blob object '%s'", files[i]), 255;
      texts[i] = std::move(blob->data);
    } else {
      const std::string path = prefix_filename(inv.prefix_or_empty(), files[i]);
      auto bytes = read_file(path);
      if (!bytes) return error("Could not stat %s", path), 255;
      texts[i] = std::move(*bytes);
    }
    if (is_binary_text(texts[i])) return error("Cannot merge binary files: %s", files[i]), 255;
  }
  params.style = style == 1 ? ConflictStyle::diff3 : style == 2 ? ConflictStyle::zdiff3 : ConflictStyle::merge;
  params.level = MergeLevel::zealous_alnum;
  params.favor = static_cast<MergeFavor>(favor);
  params.marker_size = marker_size;
  params.ours_label = labels[0];
  params.base_label = labels[1];
  params.theirs_label = labels[2];
  XmergeResult result = merge_texts(texts[1], texts[0], texts[2], params);
  if (to_stdout) {
    out(result.bytes);
  } else if (object_ids) {
    outf("%s\n", inv.repo().odb().write(ObjectType::blob, result.bytes).take_or_die());
  } else {
    const std::string path = prefix_filename(inv.prefix_or_empty(), files[0]);
    if (!write_file(path, result.bytes)) return error_errno("Could not write to %s", path), 255;
  }
  return std::min(result.conflicts, 127);
}

}  // namespace git
