// First everything is checked and computed in memory, then written: files go away before others are made, so that
// names can be exchanged.
#include "apply.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "apply-internal.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/quote.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "config.h"
#include "diff/diff-lib.h"
#include "diff/diffcore.h"
#include "diff/stat-summary.h"
#include "diff/ws.h"
#include "hash/hasher.h"
#include "index/attr.h"
#include "index/convert.h"
#include "index/dir.h"
#include "index/pathspec.h"
#include "index/worktree-settings.h"
#include "merge/ll-merge.h"
#include "object-name.h"
#include "odb.h"
#include "pack/delta.h"
#include "repository.h"

namespace git {
namespace {

constexpr int kBadInput = -128;

class Applier {
 public:
  Applier(Repository* repo, const Config& config, const ApplyOptions& options) : repo_(repo), config_(config), o_(options) {
    if (o_.three_way) o_.check_index = true;
    if (o_.cached) o_.check_index = true;
    if (o_.reject && o_.verbosity == ApplyVerbosity::normal) o_.verbosity = ApplyVerbosity::verbose;
    if (o_.reject) o_.apply = true;
    quote_ = config.get_bool_or("core.quotepath", true);
  }

  int run(const std::vector<std::string>& files) {
    bool failed = false;
    for (const std::string& file : files) {
      const int result = apply_file(file);
      if (result == kBadInput) return 128;
      if (result < 0) return 1;
      failed = failed || result;
    }
    if (ws_errors_) {
      if (o_.squelch && o_.squelch < ws_errors_) {
        const int n = ws_errors_ - o_.squelch;
        warning(Q_("squelched %d whitespace error", "squelched %d whitespace errors", static_cast<unsigned>(n)), n);
      }
      const auto n = static_cast<unsigned>(ws_errors_);
      if (o_.ws_action == WsAction::die) {
        error(Q_("%d line adds whitespace errors.", "%d lines add whitespace errors.", n), ws_errors_);
        return 128;
      }
      if (fixed_lines_ && o_.apply)
        warning(Q_("%d line applied after fixing whitespace errors.", "%d lines applied after fixing whitespace errors.",
                   static_cast<unsigned>(fixed_lines_)),
                fixed_lines_);
      else if (ws_errors_)
        warning(Q_("%d line adds whitespace errors.", "%d lines add whitespace errors.", n), ws_errors_);
    }
    if (index_ && lock_.is_held()) {
      if (!index_->write_locked(lock_)) {
        error("Unable to write new index file");
        return 128;
      }
    }
    return failed ? 1 : 0;
  }

 private:
  struct Found {
    bool has_stat = false;
    struct stat st {};
    IndexEntry* entry = nullptr;
  };

  void say(const std::string& text) const {
    if (o_.verbosity > ApplyVerbosity::silent) err(text);
  }
  std::string quoted(std::string_view name) const { return quote_c_style(name, quote_); }

  int apply_file(const std::string& file) {
    if (file == "-") {
      auto bytes = read_fd(0);
      if (!bytes) return error("%s", bytes.error().message), kBadInput;
      return apply_text(*bytes, "<stdin>");
    }
    const std::string path = path_in_prefix(file);
    auto bytes = read_file(path);
    if (!bytes) {
      error("can't open patch '%s': %s", path, std::strerror(errno));
      return kBadInput;
    }
    return apply_text(*bytes, file);
  }
  std::string path_in_prefix(const std::string& file) const {
    return o_.prefix.empty() || is_absolute_path(file) ? file : o_.prefix + file;
  }

  void record_ws_error(unsigned errors, std::string_view line, int line_number) {
    if (!errors) return;
    ws_errors_++;
    if (o_.squelch && o_.squelch < ws_errors_) return;
    say(strf("%s:%d: %s.\n%s\n", input_name_, line_number, whitespace_error_string(errors), line));
  }

  // Only what a patch adds (or, in reverse, removes) is looked at; with fixing also context.
  void check_line(FilePatch& patch, std::string_view line, int line_number) {
    const char sign = line[0];
    const bool wanted = sign == '+'   ? !o_.apply_in_reverse && o_.ws_action != WsAction::nowarn
                        : sign == '-' ? o_.apply_in_reverse && o_.ws_action != WsAction::nowarn
                                      : !o_.apply_in_reverse && o_.ws_action == WsAction::correct;
    if (!wanted) return;
    std::string_view content = line.substr(sign == '\n' ? 0 : 1);
    const unsigned errors = ws_check(content, patch.ws_rule);
    if (ends_with(content, "\n")) content.remove_suffix(1);
    if (sign == ' ' || sign == '\n') {
      if (errors) fixable_context_++;
      return;
    }
    record_ws_error(errors, content, line_number);
  }

  bool uses(const FilePatch& patch) const {
    std::string_view name = patch.any_name();
    // Outside of where we are: left alone.
    if (!o_.prefix.empty()) {
      if (!starts_with(name, o_.prefix)) return false;
      name.remove_prefix(o_.prefix.size());
    }
    for (const auto& [include, pattern] : o_.limits)
      if (wildmatch(pattern, name, 0)) return include;
    return !o_.has_include;
  }

  void add_prefix(FilePatch& patch) const {
    if (o_.prefix.empty() || patch.is_toplevel_relative) return;
    if (!patch.new_name.empty()) patch.new_name = o_.prefix + patch.new_name;
    if (!patch.old_name.empty()) patch.old_name = o_.prefix + patch.old_name;
  }

  unsigned rule_of(const std::string& path) {
    unsigned rule = kWsDefaultRule;
    if (auto text = config_.get_string("core.whitespace")) rule = parse_whitespace_rule(*text);
    if (!repo_) return rule;
    AttrValue value = attributes().get(path, "whitespace");
    if (value.is_set()) return all_whitespace_rules(rule);
    if (value.is_unset()) return ws_tab_width(rule);
    if (value.has_value()) return parse_whitespace_rule(value.value);
    return rule;
  }
  AttributeReader& attributes() {
    if (!attributes_) attributes_ = std::make_unique<AttributeReader>(*repo_, index_.get());
    return *attributes_;
  }
  Converter& converter() {
    if (!converter_) converter_ = std::make_unique<Converter>(*repo_, index_.get());
    return *converter_;
  }

  int apply_text(const std::string& text, const std::string& name) {
    input_name_ = name;
    std::vector<FilePatch> patches;
    bool skipped = false;
    PatchParseOptions how;
    how.p_value = o_.p_value;
    how.p_value_known = o_.p_value_known;
    how.root = o_.root;
    how.prefix = o_.prefix;
    how.input_name = name;
    how.recount = o_.recount;
    how.reverse = o_.apply_in_reverse;
    how.begin = [&](FilePatch& patch) {
      add_prefix(patch);
      patch.ws_rule = uses(patch) ? rule_of(patch.any_name()) : 0;
    };
    how.check_line = [&](FilePatch& patch, std::string_view line, int n) { check_line(patch, line, n); };
    PatchParser parser(text, how);
    for (;;) {
      auto next = parser.next();
      for (const std::string& note : parser.warnings) say(note + "\n");
      parser.warnings.clear();
      if (!next) {
        error("%s", next.error().message);
        return kBadInput;
      }
      if (!*next) break;
      FilePatch patch = std::move(**next);
      if (o_.apply_in_reverse) reverse_patch(patch);
      if (uses(patch))
        patches.push_back(std::move(patch));
      else {
        if (o_.verbosity > ApplyVerbosity::normal) say_name("Skipped patch '%s'.", patch);
        skipped = true;
      }
    }
    if (patches.empty() && !skipped) {
      if (o_.allow_empty) return 0;
      error("No valid patches in input (allow with \"--allow-empty\")");
      return kBadInput;
    }
    if (ws_errors_ && o_.ws_action == WsAction::die) o_.apply = false;
    if (repo_ && (o_.check_index || o_.ita_only)) {
      if (!index_) open_index();
      if (o_.apply && !lock_.is_held()) lock_ = hold_index_lock();
    }
    note_symlinks(patches);
    table_.clear();
    if (o_.check || o_.apply) {
      const int result = check_all(patches);
      if (result == kBadInput) return kBadInput;
      if (result < 0 && !o_.reject) {
        lock_.rollback();
        return -1;
      }
    }
    int written = 0;
    if (o_.apply) written = write_all(patches);
    if (written) return o_.reject ? -1 + drop_nothing() : 1;
    if (!o_.fake_ancestor.empty() && build_fake_ancestor(patches)) return kBadInput;
    if (o_.verbosity > ApplyVerbosity::silent) show(patches);
    return 0;
  }
  // With --reject what could be applied is kept, index included.
  int drop_nothing() {
    if (index_ && lock_.is_held()) index_->write_locked(lock_);
    return 0;
  }

  void open_index() {
    index_ = std::make_unique<Index>(o_.index_file.empty() ? Index::read(*repo_) : Index::read_from(*repo_, o_.index_file));
  }
  LockFile hold_index_lock() { return o_.index_file.empty() ? index_->lock_or_die() : LockFile::hold_or_die(o_.index_file); }

  // ---- checking ----
  void note_symlinks(const std::vector<FilePatch>& patches) {
    for (const FilePatch& patch : patches) {
      if (!patch.old_name.empty() && is_link_mode(patch.old_mode) && (patch.is_rename || patch.is_delete > 0))
        removed_links_.insert(patch.old_name);
      if (!patch.new_name.empty() && is_link_mode(patch.new_mode)) kept_links_.insert(patch.new_name);
    }
  }
  bool is_beyond_symlink(const std::string& name) {
    for (std::size_t slash = name.rfind('/'); slash != std::string::npos && slash; slash = name.rfind('/', slash - 1)) {
      const std::string dir = name.substr(0, slash);
      if (kept_links_.count(dir)) return true;
      if (removed_links_.count(dir)) continue;
      if (o_.check_index && index_) {
        if (const IndexEntry* entry = index_->find(dir); entry && is_link_mode(entry->mode)) return true;
      } else {
        struct stat st;
        if (::lstat(dir.c_str(), &st) == 0 && S_ISLNK(st.st_mode)) return true;
      }
    }
    return false;
  }

  int check_all(std::vector<FilePatch>& patches) {
    int result = 0;
    for (FilePatch& patch : patches) {
      if (o_.verbosity > ApplyVerbosity::normal) say_name("Checking patch %s...", patch);
      const int one = check_patch(patch);
      if (one == kBadInput) return one;
      result = result < 0 || one < 0 ? -1 : 0;
    }
    return result;
  }
  void say_name(std::string_view format, const FilePatch& patch) const {
    std::string name;
    if (!patch.old_name.empty() && !patch.new_name.empty() && patch.old_name != patch.new_name)
      name = quoted(patch.old_name) + " => " + quoted(patch.new_name);
    else
      name = quoted(patch.any_name());
    err(strf(format, name) + "\n");
  }

  // What an earlier patch of this input made of the name: nullptr nothing; gone where it went away.
  FilePatch* in_table(const std::string& name, bool& is_gone) {
    is_gone = false;
    auto it = table_.find(name);
    if (it == table_.end()) return nullptr;
    if (!it->second) is_gone = true;
    return it->second;
  }

  int check_preimage(FilePatch& patch, Found& found) {
    if (patch.old_name.empty()) return 0;
    const std::string& name = patch.old_name;
    FilePatch* previous = nullptr;
    if (!patch.is_copy && !patch.is_rename) {
      bool gone = false;
      previous = in_table(name, gone);
      if (gone) return error("path %s has been renamed/deleted", name);
    }
    std::uint32_t mode = 0;
    int stat_errno = 0;
    auto becomes_new = [&]() {
      patch.is_new = 1;
      patch.is_delete = 0;
      patch.old_name.clear();
      return 0;
    };
    if (previous) {
      mode = previous->new_mode;
    } else if (!o_.cached) {
      found.has_stat = ::lstat(name.c_str(), &found.st) == 0;
      if (!found.has_stat) {
        stat_errno = errno;
        if (errno != ENOENT) return error_errno("%s", name);
      }
    }
    if (o_.check_index && !previous) {
      found.entry = index_->find(name);
      if (!found.entry) {
        if (patch.is_new < 0) return becomes_new();
        return error("%s: does not exist in index", name);
      }
      if (!o_.cached) {
        if (!found.has_stat && !restore_from_index(*found.entry, found)) return error("%s: does not match index", name);
        if (is_gitlink_mode(found.entry->mode)
                ? !S_ISDIR(found.st.st_mode)
                : index_->match_stat(*found.entry, found.st, Index::kIgnoreValid | Index::kIgnoreSkipWorktree) != 0)
          return error("%s: does not match index", name);
      }
      if (o_.cached) mode = found.entry->mode;
    } else if (!previous && !found.has_stat && !o_.cached) {
      if (patch.is_new < 0) return becomes_new();
      errno = stat_errno;
      return error_errno("%s", name);
    }
    if (!o_.cached && !previous) mode = mode_of(found, patch);
    if (patch.is_new < 0) patch.is_new = 0;
    if (!patch.old_mode) patch.old_mode = mode;
    if ((mode ^ patch.old_mode) & 0170000) return error("%s: wrong type", name);
    if (mode != patch.old_mode) warning("%s has type %o, expected %o", name, mode, patch.old_mode);
    if (!patch.new_mode && patch.is_delete <= 0) patch.new_mode = mode;
    return 0;
  }
  std::uint32_t mode_of(const Found& found, const FilePatch& patch) {
    const bool trust = config_.get_bool_or("core.filemode", true);
    if (S_ISDIR(found.st.st_mode)) return kModeGitlink;
    if (!trust && S_ISREG(found.st.st_mode)) {
      if (found.entry) return found.entry->mode;
      return patch.old_mode ? patch.old_mode : kModeBlob;
    }
    return canon_mode(found.st.st_mode);
  }
  bool restore_from_index(const IndexEntry& entry, Found& found) {
    // A file that the user removed comes back to be patched.
    auto blob = repo_->odb().read(entry.oid);
    if (!blob || !write_worktree_file(entry.path, entry.mode, blob->data)) return false;
    found.has_stat = ::lstat(entry.path.c_str(), &found.st) == 0;
    if (IndexEntry* own = index_->find(entry.path); own && found.has_stat) index_->fill_stat(*own, found.st);
    return found.has_stat;
  }

  // 0 fine; 1 in index, 2 in worktree, 3 intent-to-add there.
  int check_to_create(const std::string& name, bool ok_if_exists) {
    if (o_.check_index && index_ && !ok_if_exists) {
      const IndexEntry* entry = index_->find(name);
      if (entry && !(entry->intent_to_add && o_.cached)) {
        if (!o_.cached && entry->intent_to_add) return 3;
        return 1;
      }
      if (!entry && index_->is_path_unmerged(name)) return 1;
    }
    if (o_.cached) return 0;
    struct stat st;
    if (::lstat(name.c_str(), &st) == 0) {
      if (S_ISDIR(st.st_mode) || ok_if_exists) return 0;
      // Behind a link that goes away with this patch.
      if (has_symlink_leading_path(name)) return 0;
      return 2;
    }
    if (errno != ENOENT && errno != ENOTDIR) return -1;
    return 0;
  }

  bool is_unsafe(const FilePatch& patch) {
    auto bad = [&](const std::string& name) {
      if (name.empty()) return false;
      if (repo_ ? verify_path(*repo_, name, patch.new_mode ? patch.new_mode : patch.old_mode) : !is_plainly_bad(name))
        return false;
      error("invalid path '%s'", name);
      return true;
    };
    const std::string& old_name = patch.is_delete > 0 || (!patch.is_new && !patch.is_copy) ? patch.old_name : std::string();
    const std::string& new_name = patch.is_delete > 0 ? std::string() : patch.new_name;
    return bad(old_name) || bad(new_name);
  }
  static bool is_plainly_bad(const std::string& name) {
    if (name[0] == '/') return true;
    for (std::string_view part : split(name, '/'))
      if (part == ".." || part == "." || part.empty() || iequals(part, ".git")) return true;
    return false;
  }

  int check_patch(FilePatch& patch) {
    patch.rejected = true;
    Found found;
    if (int status = check_preimage(patch, found)) return status;
    const std::string new_name = patch.new_name, old_name = patch.old_name;
    const std::string name = old_name.empty() ? new_name : old_name;
    if (!new_name.empty() && (patch.is_new > 0 || patch.is_rename || patch.is_copy)) {
      bool gone = false;
      in_table(new_name, gone);
      const bool ok = gone || will_be_deleted(new_name, patch);
      const int problem = check_to_create(new_name, ok);
      if (problem && o_.three_way) {
        patch.direct_to_threeway = true;
      } else if (problem) {
        switch (problem) {
          case 1:
            return error("%s: already exists in index", new_name);
          case 2:
            return error("%s: already exists in working directory", new_name);
          case 3:
            return error("%s: does not match index", new_name);
          default:
            return error_errno("%s", new_name);
        }
      }
      if (!patch.new_mode) patch.new_mode = patch.is_new > 0 ? kModeBlob : patch.old_mode;
    }
    if (!new_name.empty() && !old_name.empty()) {
      if (!patch.new_mode) patch.new_mode = patch.old_mode;
      if ((patch.old_mode ^ patch.new_mode) & 0170000) {
        if (old_name == new_name)
          return error("new mode (%o) of %s does not match old mode (%o)", patch.new_mode, new_name, patch.old_mode);
        return error("new mode (%o) of %s does not match old mode (%o) of %s", patch.new_mode, new_name, patch.old_mode,
                     old_name);
      }
    }
    if (!o_.unsafe_paths && is_unsafe(patch)) return kBadInput;
    if (patch.is_delete <= 0 && is_beyond_symlink(patch.new_name))
      return error("affected file '%s' is beyond a symbolic link", patch.new_name);
    if (apply_data(patch, found) < 0) return error("%s: patch does not apply", name);
    patch.rejected = false;
    return 0;
  }
  // A later part of the input removes it first.
  bool will_be_deleted(const std::string& name, const FilePatch& patch) {
    (void)patch;
    return removed_links_.count(name) > 0;
  }

  // ---- contents ----
  bool load_target(const FilePatch& patch, const std::string& name, std::uint32_t mode, Found& found, std::string& bytes) {
    if (o_.cached || o_.check_index) {
      const IndexEntry* entry = found.entry ? found.entry : index_->find(name);
      if (!entry) return true;
      if (is_gitlink_mode(entry->mode)) {
        bytes = "Subproject commit " + entry->oid.hex() + "\n";
        return true;
      }
      auto blob = repo_->odb().read(entry->oid);
      if (!blob) return error("failed to read %s", name), false;
      bytes = std::move(blob->data);
      return true;
    }
    if (name.empty()) return true;
    if (is_gitlink_mode(mode)) {
      // The patch itself says what the submodule was.
      for (const PatchFragment& fragment : patch.fragments)
        for (std::string_view line : split_lines(fragment.text))
          if (starts_with(line, o_.apply_in_reverse ? "+Subproject commit " : "-Subproject commit "))
            bytes = std::string(line.substr(1)) + "\n";
      return true;
    }
    if (has_symlink_leading_path(name)) return error("reading from '%s' beyond a symbolic link", name), false;
    if (!found.has_stat) found.has_stat = ::lstat(name.c_str(), &found.st) == 0;
    if (!found.has_stat) return error("failed to read %s", name), false;
    if (S_ISLNK(found.st.st_mode)) {
      auto target = read_link(name);
      if (!target) return error("unable to read symlink %s", name), false;
      bytes = *target;
      return true;
    }
    auto content = read_file(name);
    if (!content) return error("unable to open or read %s", name), false;
    bytes = std::move(*content);
    if (repo_)
      if (auto converted =
              converter().to_git(name, bytes, patch.crlf_in_old ? unsigned{kConvertKeepCrlf} : unsigned{kConvertRenormalize}))
        bytes = std::move(*converted);
    return true;
  }

  bool load_preimage(const FilePatch& patch, Found& found, std::string& bytes) {
    if (!patch.is_copy && !patch.is_rename && !patch.old_name.empty()) {
      bool gone = false;
      if (FilePatch* previous = in_table(patch.old_name, gone)) {
        bytes = previous->result;
        return true;
      }
      if (gone) return !error("path %s has been renamed/deleted", patch.old_name) ? true : false;
    }
    if (patch.old_name.empty()) return true;
    return load_target(patch, patch.old_name, patch.old_mode, found, bytes);
  }

  ObjectId blob_id(std::string_view bytes) const { return hash_object(repo_ ? repo_->algo() : HashAlgo::sha1, "blob", bytes); }

  int apply_binary(FilePatch& patch, std::string& bytes) {
    const std::string& name = patch.old_name.empty() ? patch.new_name : patch.old_name;
    const HashAlgo algo = repo_ ? repo_->algo() : HashAlgo::sha1;
    auto old_oid = ObjectId::from_hex(patch.old_oid_prefix, algo), new_oid = ObjectId::from_hex(patch.new_oid_prefix, algo);
    if (!old_oid || !new_oid) return error("cannot apply binary patch to '%s' without full index line", name);
    if (!patch.old_name.empty()) {
      const ObjectId here = blob_id(bytes);
      if (here != *old_oid)
        return error("the patch applies to '%s' (%s), which does not match the current contents.", name, here);
    } else if (!bytes.empty()) {
      return error("the patch applies to an empty '%s' but it is not empty", name);
    }
    if (new_oid->is_null()) {
      bytes.clear();
      return 0;
    }
    if (repo_ && repo_->odb().has(*new_oid)) {
      auto blob = repo_->odb().read(*new_oid);
      if (!blob) return error("the necessary postimage %s for '%s' cannot be read", patch.new_oid_prefix, name);
      bytes = std::move(blob->data);
      return 0;
    }
    const std::optional<BinaryHunk>& hunk = o_.apply_in_reverse ? patch.reverse : patch.forward;
    if (!patch.forward) return error("missing binary patch data for '%s'", patch.any_name());
    if (!hunk) return error("cannot reverse-apply a binary patch without the reverse hunk to '%s'", patch.any_name());
    if (hunk->is_delta) {
      std::string result;
      if (!apply_delta(bytes, hunk->data, result)) return error("binary patch does not apply to '%s'", name);
      bytes = std::move(result);
    } else {
      bytes = hunk->data;
    }
    const ObjectId made = blob_id(bytes);
    if (made != *new_oid)
      return error("binary patch to '%s' creates incorrect result (expecting %s, got %s)", name, patch.new_oid_prefix, made);
    return 0;
  }

  int apply_fragments(FilePatch& patch, std::string& bytes) {
    if (patch.is_binary) return apply_binary(patch, bytes);
    const std::string& name = patch.old_name.empty() ? patch.new_name : patch.old_name;
    Image image = Image::of(bytes);
    HunkContext context{o_, patch.ws_rule,
                        ws_errors_ || o_.ws_action != WsAction::correct || fixable_context_ ? o_.ws_action : WsAction::nowarn};
    int number = 0;
    for (PatchFragment& fragment : patch.fragments) {
      HunkOutcome outcome = apply_fragment(image, fragment, context, ++number, o_.inaccurate_eof);
      for (const std::string& note : outcome.notes) say(note + "\n");
      fixed_lines_ += outcome.applied ? outcome.fixed_lines : 0;
      if (outcome.blank_at_eof_line) {
        record_ws_error(kWsBlankAtEof, "+", outcome.blank_at_eof_line);
        if (o_.ws_action == WsAction::die) o_.apply = false;
        if (o_.ws_action == WsAction::correct) fixed_lines_++;
      }
      if (outcome.applied) continue;
      error("patch failed: %s:%d", name, fragment.old_pos);
      if (!o_.reject) return -1;
      fragment.rejected = true;
    }
    bytes = image.text();
    return 0;
  }

  int three_way(FilePatch& patch, Found& found, std::string& bytes) {
    if (patch.is_delete > 0 || is_gitlink_mode(patch.old_mode) || is_gitlink_mode(patch.new_mode) ||
        (patch.is_new > 0 && !patch.direct_to_threeway) || (patch.is_rename && !patch.lines_added && !patch.lines_deleted))
      return -1;
    std::string base;
    ObjectId base_oid;
    if (patch.is_new > 0) {
      base_oid = repo_->odb().write(ObjectType::blob, "").take_or_die();
    } else {
      auto oid = patch.old_oid_prefix.empty() ? std::nullopt : get_oid(*repo_, patch.old_oid_prefix, NameHint::blob, true);
      auto blob = oid ? repo_->odb().read(*oid) : Result<ObjectData>(make_error(ErrorKind::missing, "%s", ""));
      if (!oid || !blob || blob->type != ObjectType::blob)
        return error("repository lacks the necessary blob to perform 3-way merge.");
      base_oid = *oid;
      base = blob->data;
    }
    if (patch.direct_to_threeway) say("Performing three-way merge...\n");
    std::string theirs = base;
    if (apply_fragments(patch, theirs) < 0) return -1;
    std::string ours;
    if (patch.is_new > 0) {
      Found current;
      if (!load_target(patch, patch.new_name, patch.new_mode, current, ours))
        return error("cannot read the current contents of '%s'", patch.new_name);
    } else if (!load_preimage(patch, found, ours)) {
      return error("cannot read the current contents of '%s'", patch.old_name);
    }
    const ObjectId their_oid = repo_->odb().write(ObjectType::blob, theirs).take_or_die();
    const ObjectId our_oid = repo_->odb().write(ObjectType::blob, ours).take_or_die();
    bool conflict = false;
    if (base_oid == our_oid) {
      bytes = theirs;
    } else if (base_oid == their_oid || our_oid == their_oid) {
      bytes = ours;
    } else {
      LlMergeOptions how;
      if (o_.conflict_favor == 1) how.variant = MergeVariant::ours;
      if (o_.conflict_favor == 2) how.variant = MergeVariant::theirs;
      how.union_variant = o_.conflict_favor == 3;
      how.conflict_style = -1;
      const LlMergeStatus status =
          ll_merge(*repo_, attributes(), bytes, patch.new_name, {base, "base"}, {ours, "ours"}, {theirs, "theirs"}, how);
      if (status == LlMergeStatus::error) {
        say("Failed to perform three-way merge...\n");
        return -1;
      }
      if (status == LlMergeStatus::binary_conflict)
        warning("Cannot merge binary files: %s (%s vs. %s)", patch.new_name, "ours", "theirs");
      conflict = status != LlMergeStatus::clean;
    }
    if (conflict) {
      patch.conflicted = true;
      patch.conflict_ids[0] = patch.is_new > 0 ? "" : base_oid.hex();
      patch.conflict_ids[1] = our_oid.hex();
      patch.conflict_ids[2] = their_oid.hex();
      say(strf("Applied patch to '%s' with conflicts.\n", patch.new_name));
    } else {
      say(strf("Applied patch to '%s' cleanly.\n", patch.new_name));
    }
    return 0;
  }

  int apply_data(FilePatch& patch, Found& found) {
    std::string bytes;
    if (!load_preimage(patch, found, bytes)) return -1;
    if (!o_.three_way || three_way(patch, found, bytes) < 0) {
      if (o_.three_way && !patch.direct_to_threeway) say("Falling back to direct application...\n");
      if (patch.direct_to_threeway || apply_fragments(patch, bytes) < 0) return -1;
    }
    patch.result = std::move(bytes);
    if (!patch.new_name.empty()) table_[patch.new_name] = &patch;
    if (!patch.old_name.empty() && patch.old_name != patch.new_name && !patch.is_copy) table_[patch.old_name] = nullptr;
    if (patch.is_delete > 0 && !patch.result.empty()) return error("removal patch leaves file contents");
    return 0;
  }

  // ---- writing ----
  bool write_worktree_file(const std::string& path, std::uint32_t mode, const std::string& bytes) {
    if (is_gitlink_mode(mode)) {
      if (is_directory(path)) return true;
      return make_dirs(path);
    }
    auto create = [&]() -> int {
      if (is_link_mode(mode) && config_.get_bool_or("core.symlinks", true)) return ::symlink(bytes.c_str(), path.c_str());
      UniqueFd fd = open_fd(path, O_CREAT | O_EXCL | O_WRONLY, mode & 0100 ? 0777 : 0666);
      if (!fd) return -1;
      std::string content = bytes;
      if (repo_ && is_regular_mode(mode))
        if (auto converted = converter().to_working_tree(path, bytes)) content = *converted;
      return write_in_full(fd.get(), content) && fd.close() ? 0 : -2;
    };
    int status = create();
    if (status == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) {
      make_leading_dirs(path);
      status = create();
    }
    if (status && (errno == EEXIST || errno == EACCES || errno == EISDIR)) {
      struct stat st;
      if (::lstat(path.c_str(), &st) == 0) {
        if (S_ISDIR(st.st_mode))
          ::rmdir(path.c_str());
        else
          ::unlink(path.c_str());
        status = create();
      }
    }
    if (status) error_errno("unable to write file '%s' mode %o", path, mode);
    return status == 0;
  }

  void remove_one(const FilePatch& patch) {
    if (index_ && !o_.ita_only && o_.check_index) index_->remove_path(patch.old_name);
    if (o_.cached) return;
    if (is_gitlink_mode(patch.old_mode)) {
      ::rmdir(patch.old_name.c_str());
      return;
    }
    if (::unlink(patch.old_name.c_str()) == 0) remove_empty_parents(patch.old_name, "");
  }

  void add_to_index_file(const FilePatch& patch, std::uint32_t mode) {
    IndexEntry entry;
    entry.path = patch.new_name;
    entry.mode = canon_mode(mode);
    if (o_.ita_only) {
      entry.intent_to_add = true;
      entry.oid = empty_blob_id(repo_->algo());
    } else if (is_gitlink_mode(mode)) {
      std::string_view text = patch.result;
      skip_prefix(text, "Subproject commit ");
      auto oid = ObjectId::parse_prefix(text, repo_->algo());
      if (!oid) die("corrupt patch for submodule %s", patch.new_name);
      entry.oid = *oid;
    } else {
      entry.oid = repo_->odb().write(ObjectType::blob, patch.result).take_or_die();
      if (!o_.cached) {
        struct stat st;
        if (::lstat(patch.new_name.c_str(), &st) < 0) die_errno("unable to stat newly created file '%s'", patch.new_name);
        index_->fill_stat(entry, st);
      }
    }
    if (!index_->add(std::move(entry))) die("unable to add cache entry for %s", patch.new_name);
  }

  void create_one(const FilePatch& patch) {
    std::uint32_t mode = patch.new_mode ? patch.new_mode : kModeBlob;
    if (!o_.cached && !write_worktree_file(patch.new_name, mode, patch.result)) throw_fatal({}, 128);
    if (patch.conflicted) {
      index_->remove_path(patch.new_name);
      for (int stage = 1; stage <= 3; stage++) {
        auto oid = ObjectId::from_hex(patch.conflict_ids[stage - 1], repo_->algo());
        if (!oid) continue;
        IndexEntry entry;
        entry.path = patch.new_name;
        entry.mode = canon_mode(mode);
        entry.stage = static_cast<std::uint8_t>(stage);
        entry.oid = *oid;
        index_->add(std::move(entry));
      }
      return;
    }
    if (index_ && (o_.check_index || (o_.ita_only && patch.is_new > 0))) add_to_index_file(patch, mode);
  }

  bool write_rejects(FilePatch& patch) {
    int count = 0;
    for (const PatchFragment& fragment : patch.fragments) count += fragment.rejected;
    if (!count) {
      if (o_.verbosity > ApplyVerbosity::normal) say_name("Applied patch %s cleanly.", patch);
      return false;
    }
    if (patch.new_name.empty()) die("internal error");
    if (o_.verbosity > ApplyVerbosity::silent)
      say_name(
          strf(Q_("Applying patch %%s with %d reject...", "Applying patch %%s with %d rejects...", static_cast<unsigned>(count)),
               count),
          patch);
    std::string name = patch.new_name + ".rej";
    std::string text = "diff a/" + patch.new_name + " b/" + patch.new_name + "\t(rejected hunks)\n";
    int number = 0;
    for (const PatchFragment& fragment : patch.fragments) {
      number++;
      if (!fragment.rejected) {
        if (o_.verbosity > ApplyVerbosity::silent) err(strf("Hunk #%d applied cleanly.\n", number));
        continue;
      }
      if (o_.verbosity > ApplyVerbosity::silent) err(strf("Rejected hunk #%d.\n", number));
      text += fragment.text;
      if (!ends_with(fragment.text, "\n")) text += '\n';
    }
    ::unlink(name.c_str());
    if (!write_file(name, text)) error_errno("cannot open %s", name);
    return true;
  }

  int write_all(std::vector<FilePatch>& patches) {
    int failed = 0;
    std::vector<std::string> conflicts;
    for (int phase = 0; phase < 2; phase++)
      for (FilePatch& patch : patches) {
        if (patch.rejected) {
          failed = 1;
          continue;
        }
        if (phase == 0) {
          if (patch.is_delete > 0 || patch.is_rename) remove_one(patch);
        } else {
          if (patch.is_delete <= 0) replace_one(patch);
          if (write_rejects(patch)) failed = 1;
          if (patch.conflicted) {
            conflicts.push_back(patch.new_name);
            failed = 1;
          }
        }
      }
    std::sort(conflicts.begin(), conflicts.end());
    for (const std::string& name : conflicts)
      if (o_.verbosity > ApplyVerbosity::silent) err("U " + name + "\n");
    return failed;
  }
  void replace_one(FilePatch& patch) {
    // Overwritten as a new file, so that links and permissions of the old one don't matter.
    if (!o_.cached && patch.is_new <= 0 && !patch.is_rename && !patch.is_copy && !is_gitlink_mode(patch.new_mode))
      ::unlink(patch.new_name.c_str());
    create_one(patch);
  }

  int build_fake_ancestor(const std::vector<FilePatch>& patches) {
    Index result(*repo_);
    if (!index_) open_index();
    for (const FilePatch& patch : patches) {
      if (patch.is_new > 0 || patch.old_name.empty()) continue;
      std::optional<ObjectId> oid;
      if (is_gitlink_mode(patch.old_mode)) {
        for (const PatchFragment& fragment : patch.fragments)
          for (std::string_view line : split_lines(fragment.text))
            if (skip_prefix(line, "-Subproject commit ")) oid = ObjectId::parse_prefix(line, repo_->algo());
        if (!oid) return error("submodule change for %s without commit name", patch.old_name);
      } else if (auto found =
                     patch.old_oid_prefix.empty() ? std::nullopt : get_oid(*repo_, patch.old_oid_prefix, NameHint::blob, true)) {
        oid = found;
      } else if (!patch.lines_added && !patch.lines_deleted) {
        const IndexEntry* entry = index_->find(patch.old_name);
        if (!entry) return error("mode change for %s, which is not in current HEAD", patch.old_name);
        oid = entry->oid;
      } else {
        return error("sha1 information is lacking or useless (%s).", patch.old_name);
      }
      IndexEntry entry;
      entry.path = patch.old_name;
      // A rename that changes nothing doesn't name the mode.
      entry.mode = patch.old_mode ? canon_mode(patch.old_mode) : kModeBlob;
      entry.oid = *oid;
      if (!result.add(std::move(entry))) return error("could not add %s to temporary index", patch.old_name);
    }
    LockFile lock = LockFile::hold_or_die(o_.fake_ancestor);
    if (!result.write_to_fd(lock.fd()) || !lock.commit()) return error("could not write temporary index to %s", o_.fake_ancestor);
    return 0;
  }

  // ---- showing ----
  void show(const std::vector<FilePatch>& patches) const {
    if (o_.diffstat) show_stat(patches);
    if (o_.numstat)
      for (const FilePatch& patch : patches) {
        out(patch.is_binary ? std::string("-\t-\t") : strf("%d\t%d\t", patch.lines_added, patch.lines_deleted));
        const std::string& name = patch.any_name();
        out(o_.null_termination ? name + std::string(1, '\0') : quoted(name) + "\n");
      }
    if (o_.summary)
      for (const FilePatch& patch : patches) show_summary(patch);
  }
  void show_stat(const std::vector<FilePatch>& patches) const {
    long max_change = 0;
    std::size_t max_length = 0, files = 0;
    std::uint64_t added = 0, deleted = 0;
    for (const FilePatch& patch : patches) {
      max_change = std::max(max_change, patch.lines_added + patch.lines_deleted);
      max_length = std::max({max_length, quoted(patch.old_name).size(), quoted(patch.new_name).size()});
    }
    for (const FilePatch& patch : patches) {
      files++;
      added += static_cast<std::uint64_t>(patch.lines_added);
      deleted += static_cast<std::uint64_t>(patch.lines_deleted);
      std::string name = quoted(patch.any_name());
      long max = static_cast<long>(std::min<std::size_t>(max_length, 50));
      if (static_cast<long>(name.size()) > max) {
        const std::size_t cut = name.size() + 3 - static_cast<std::size_t>(max);
        std::size_t slash = name.find('/', cut);
        name = "..." + name.substr(slash == std::string::npos ? cut : slash);
      }
      if (patch.is_binary) {
        outf(" %-*s |  Bin\n", max, name);
        continue;
      }
      out(strf(" %-*s |", max, name));
      max = max + max_change > 70 ? 70 - max : max_change;
      long add = patch.lines_added, del = patch.lines_deleted;
      if (max_change > 0) {
        const long total = ((add + del) * max + max_change / 2) / max_change;
        add = (add * max + max_change / 2) / max_change;
        del = total - add;
      }
      outf("%5d %s%s\n", patch.lines_added + patch.lines_deleted, std::string(static_cast<std::size_t>(add), '+'),
           std::string(static_cast<std::size_t>(del), '-'));
    }
    out(format_stat_summary(files, added, deleted));
  }
  void show_mode_change(const FilePatch& patch, bool with_name) const {
    if (!patch.old_mode || !patch.new_mode || patch.old_mode == patch.new_mode) return;
    out(strf(" mode change %06o => %06o", patch.old_mode, patch.new_mode) + (with_name ? " " + patch.new_name : "") + "\n");
  }
  void show_summary(const FilePatch& patch) const {
    auto file = [&](const char* what, std::uint32_t mode, const std::string& name) {
      out(mode ? strf(" %s mode %06o %s\n", what, mode, name) : strf(" %s %s\n", what, name));
    };
    if (patch.is_new > 0) return file("create", patch.new_mode, patch.new_name);
    if (patch.is_delete > 0) return file("delete", patch.old_mode, patch.old_name);
    if (patch.is_rename || patch.is_copy) {
      const char* verb = patch.is_rename ? "rename" : "copy";
      const std::string &a = patch.old_name, &b = patch.new_name;
      std::size_t prefix = 0;
      for (std::size_t i = 0; i < a.size() && i < b.size() && a[i] == b[i]; i++)
        if (a[i] == '/') prefix = i + 1;
      if (prefix)
        outf(" %s %s{%s => %s} (%d%%)\n", verb, a.substr(0, prefix), a.substr(prefix), b.substr(prefix), patch.score);
      else
        outf(" %s %s => %s (%d%%)\n", verb, a, b, patch.score);
      return show_mode_change(patch, false);
    }
    if (patch.score) outf(" rewrite %s (%d%%)\n", patch.new_name, patch.score);
    show_mode_change(patch, !patch.score);
  }

  Repository* repo_;
  const Config& config_;
  ApplyOptions o_;
  bool quote_ = true;
  std::string input_name_;
  int ws_errors_ = 0, fixed_lines_ = 0, fixable_context_ = 0;
  std::unique_ptr<Index> index_;
  LockFile lock_;
  std::unique_ptr<AttributeReader> attributes_;
  std::unique_ptr<Converter> converter_;
  std::map<std::string, FilePatch*> table_;  // nullptr: went away
  std::set<std::string> removed_links_, kept_links_;
};

}  // namespace

bool parse_whitespace_action(ApplyOptions& o, std::string_view word) {
  if (word == "warn" || word.empty()) {
    o.ws_action = WsAction::warn;
  } else if (word == "nowarn") {
    o.ws_action = WsAction::nowarn;
  } else if (word == "error") {
    o.ws_action = WsAction::die;
  } else if (word == "error-all") {
    o.ws_action = WsAction::die;
    o.squelch = 0;
  } else if (word == "strip" || word == "fix") {
    o.ws_action = WsAction::correct;
  } else {
    error("unrecognized whitespace option '%s'", word);
    return false;
  }
  o.ws_action_given = true;
  return true;
}

void read_apply_config(Repository*, const Config& config, ApplyOptions& o) {
  if (auto word = config.get_string("apply.whitespace"); word && !parse_whitespace_action(o, *word)) exit_with(1);
  o.ws_action_given = config.find("apply.whitespace") != nullptr;
  if (auto word = config.get_string("apply.ignorewhitespace")) {
    if (*word == "change")
      o.ignore_space_change = true;
    else if (!word->empty() && *word != "no" && *word != "false" && *word != "never" && *word != "none") {
      error("unrecognized whitespace ignore option '%s'", *word);
      exit_with(1);
    }
  }
}

int apply_all_patches(Repository* repo, const Config& config, const ApplyOptions& options,
                      const std::vector<std::string>& files) {
  ApplyOptions o = options;
  // Only a patch that is going to be applied is worth a warning.
  if (!o.ws_action_given && !o.apply) o.ws_action = WsAction::nowarn;
  return Applier(repo, config, o).run(files);
}

}  // namespace git
