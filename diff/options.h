// Everything a comparison and its output can be told, and the queue it fills. Made by the door (diff.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/regex.h"
#include "diff/diffcore.h"
#include "index/pathspec.h"

namespace git {

class Config;
class Index;
class Repository;
class UserdiffTable;  // diff/userdiff.h
class Converter;      // index/convert.h

enum DiffFormat : unsigned {
  kDiffRaw = 0x0001,
  kDiffStat = 0x0002,
  kDiffNumstat = 0x0004,
  kDiffSummary = 0x0008,
  kDiffPatch = 0x0010,
  kDiffShortstat = 0x0020,
  kDiffDirstat = 0x0040,
  kDiffName = 0x0100,
  kDiffNameStatus = 0x0200,
  kDiffCheck = 0x0400,
  kDiffNoOutput = 0x0800,
  kDiffCallback = 0x1000,
};

enum class DetectRename : std::uint8_t { none = 0, rename = 1, copy = 2 };
enum class WordDiff : std::uint8_t { none, porcelain, plain, color };
enum class SubmoduleFormat : std::uint8_t { short_, log, inline_diff };
enum class ColorMoved : std::uint8_t { no, plain, blocks, zebra, zebra_dim };
enum ColorMovedWs : unsigned {  // besides kXdf whitespace flags
  kMovedWsAllowIndentation = 1u << 24,
};
enum PickaxeOpt : unsigned {
  kPickaxeAll = 1,
  kPickaxeRegex = 2,
  kPickaxeKindS = 4,
  kPickaxeKindG = 8,
  kPickaxeKindObject = 16,
  kPickaxeIgnoreCase = 32,
};
enum WsErrorHighlight : unsigned { kWsNew = 1, kWsContext = 2, kWsOld = 4 };

enum class DiffColor : std::uint8_t {
  reset,
  context,
  meta,
  frag,
  old_line,
  new_line,
  commit,
  whitespace,
  func,
  old_moved,
  old_moved_alternative,
  old_moved_dim,
  old_moved_alternative_dim,
  new_moved,
  new_moved_alternative,
  new_moved_dim,
  new_moved_alternative_dim,
  context_dim,
  old_dim,
  new_dim,
  context_bold,
  old_bold,
  new_bold,
  count_,
};

struct DiffOptions {
  DiffOptions();
  ~DiffOptions();
  DiffOptions(DiffOptions&&) noexcept;
  DiffOptions& operator=(DiffOptions&&) noexcept;

  Repository* repo = nullptr;  // nullptr outside of one (--no-index)
  const Config* config = nullptr;
  Index* index = nullptr;  // for attributes and the worktree; may be nullptr
  std::string prefix;      // of the command: "sub/" or ""

  // What is compared.
  Pathspec pathspec;
  bool recursive = false, tree_in_recursive = false;
  int max_depth = -1;
  bool max_depth_valid = false;
  bool reverse_diff = false;
  bool quick = false;  // the first difference will do
  bool ignore_submodules = false, ignore_dirty_submodules = false, ignore_untracked_in_submodules = false;
  bool override_submodule_config = false, dirty_submodules = false;
  bool ita_invisible_in_index = true;
  bool skip_stat_unmatch = false;
  bool find_copies_harder = false;
  bool follow_renames = false, default_follow_renames = false;
  bool single_follow = false;
  std::string follow_path;        // with single_follow: the only destination of interest
  bool ignore_mode_bits = false;  // core.fileMode is false

  // Transformations.
  DetectRename detect_rename = DetectRename::none;
  bool rename_empty = true;
  int rename_score = 0, rename_limit = -1, rename_limit_default = 1000;
  int needed_rename_limit = 0;
  bool degraded_cc_to_c = false, show_rename_progress = false;
  int break_opt = -1;  // break score | merge score << 16
  bool irreversible_delete = false;
  std::string pickaxe;
  bool has_pickaxe = false;
  unsigned pickaxe_opts = 0;
  std::vector<ObjectId> find_objects;
  std::string orderfile;
  std::string rotate_to;
  bool skip_instead_of_rotate = false, rotate_to_strict = false;
  unsigned filter = 0;  // bits of filter_bit()
  unsigned filter_not = 0;
  bool filter_all_or_none = false;

  // Lines.
  unsigned xdl_opts = 0;  // XdiffFlag
  bool ignore_driver_algorithm = false;
  std::vector<std::string> anchors;
  std::vector<std::shared_ptr<Regex>> ignore_regex;
  int context = 3, inter_hunk_context = 0;
  bool function_context = false;
  bool text = false, binary = false;
  bool allow_external = false, allow_textconv = true, textconv_set_via_cmdline = false;
  bool diff_from_contents = false;
  WordDiff word_diff = WordDiff::none;
  std::optional<std::string> word_regex;
  int use_color = -1;
  ColorMoved color_moved = ColorMoved::no;
  unsigned color_moved_ws = 0;
  unsigned ws_error_highlight = kWsNew;
  SubmoduleFormat submodule_format = SubmoduleFormat::short_;

  // Output.
  unsigned output_format = 0;
  bool full_index = false;
  int abbrev = -1;  // 0: full names; negative: default
  char line_termination = '\n';
  bool mnemonic_prefix = false, prefix_chosen = false;  // diff.mnemonicPrefix; an option named prefixes
  std::string a_prefix = "a/", b_prefix = "b/";
  std::string line_prefix;
  std::string output_indicators = "+- ";  // new, old, context
  bool relative_name = false;
  std::string relative_argument, relative_prefix;
  int stat_width = -1, stat_name_width = -1, stat_graph_width = -1, stat_count = 0;
  bool stat_with_summary = false;  // --compact-summary
  bool dirstat_cumulative = false, dirstat_by_file = false, dirstat_by_line = false;
  int dirstat_permille = 30;
  bool quote_path = true;
  bool silent_on_remove = false;
  bool exit_with_status = false;
  bool suppress_diff_headers = false, dual_color_diffed_diffs = false, suppress_hunk_header_line_count = false;
  bool no_index = false;
  bool suppress_blank_empty = false;
  int path_counter = 0;  // external commands run so far
  // Where converted texts are kept (diff.<driver>.cachetextconv); empty: nowhere. Driver, command, blob.
  std::function<std::optional<std::string>(const std::string&, const std::string&, const ObjectId&)> textconv_cache_get;
  std::function<void(const std::string&, const std::string&, const ObjectId&, const std::string&)> textconv_cache_put;
  // Stands in front of every line (log --graph); overrides nothing of line_prefix.
  std::function<std::string()> output_prefix;
  int output_prefix_length = 0;
  std::function<void(std::string_view)> write;  // where everything goes; never empty after setup
  bool writes_to_file = false;                  // --output
  bool close_file = false;
  std::function<void(DiffOptions&)> format_callback;
  std::function<std::string(const std::string&)> stat_sep;
  // Between raw/stat and patch, instead of the newline.
  std::string patch_separator;
  std::vector<std::string> colors;  // by DiffColor; escapes

  // Found out on the way.
  bool has_changes = false;
  bool found_changes = false;
  bool check_failed = false;
  bool found_follow = false;
  int skipped_stat_unmatch = 0;

  DiffQueue queue;
  // Lines for the patch headers of these paths, without newline (log --remerge-diff). A path that the queue lacks gets a
  // header of its own.
  std::map<std::string, std::vector<std::string>> extra_headers;
  bool has_header_only_patches() const;

  // What contents and drivers come from; made when first needed.
  UserdiffTable& userdiff();
  Converter& converter();
  HashAlgo algo() const;
  // The escape for a slot, "" where colours are off.
  std::string_view color(DiffColor slot) const {
    return use_color == 1 ? std::string_view(colors[static_cast<std::size_t>(slot)]) : std::string_view();
  }
  std::string full_line_prefix() const { return output_prefix ? output_prefix() : line_prefix; }
  void emit(std::string_view bytes) { write(bytes); }

  // The queue's front ends, as comparisons call them.
  void add_remove(char sign, std::uint32_t mode, const ObjectId& oid, bool oid_valid, std::string_view path, unsigned dirty = 0);
  void change(std::uint32_t old_mode, std::uint32_t new_mode, const ObjectId& old_oid, const ObjectId& new_oid, bool old_valid,
              bool new_valid, std::string_view path, unsigned old_dirty = 0, unsigned new_dirty = 0);
  PairPtr unmerge(std::string_view path);
  // Below `relative_prefix`?
  bool is_in_prefix(std::string_view path) const;
  // Is a command set in config or environment that could show patches instead of us?
  bool has_external_command() const;

 private:
  void change_forward(std::uint32_t old_mode, std::uint32_t new_mode, const ObjectId& old_oid, const ObjectId& new_oid,
                      bool old_valid, bool new_valid, std::string_view path, unsigned old_dirty, unsigned new_dirty);
  struct Services;
  std::unique_ptr<Services> services_;
};

unsigned filter_bit(char status);

}  // namespace git
