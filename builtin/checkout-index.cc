// git checkout-index: files of the index into the worktree, or into temporary files.
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "index.h"
#include "index/attr.h"
#include "index/entry.h"
#include "index/pathspec.h"
#include "index/sparse.h"
#include "repository.h"

GIT_BUILTIN("checkout-index", cmd_checkout_index, kSetup | kNeedWorkTree)

namespace git {
namespace {

struct CheckoutIndex {
  CheckoutIndex(Invocation& i) : inv(i), repo(i.repo()), index(i.repo()), converter(repo, &index), state(index) {}
  Invocation& inv;
  Repository& repo;
  Index index;
  Converter converter;
  CheckoutState state;
  bool nul = false, use_stdin = false, all = false, to_tempfile = false, ignore_skip_worktree = false;
  int stage = 0;  // 4: all
  std::string temps[4];

  void write_tempfile_record(const std::string& path);
  int file(const std::string& path);
  int everything();
};

void CheckoutIndex::write_tempfile_record(const std::string& path) {
  if (stage == 4) {
    for (int i = 1; i < 4; ++i) {
      if (i > 1) out(" ");
      out(temps[i].empty() ? "." : temps[i]);
    }
  } else {
    out(temps[stage]);
  }
  std::string seen = nul ? (inv.prefix ? path.substr(inv.prefix->size()) : path)
                         : quote_path(path, inv.prefix_or_empty(), repo.config().get_bool_or("core.quotepath", true));
  out("\t" + seen);
  out(nul ? std::string_view("\0", 1) : std::string_view("\n"));
  for (std::string& t : temps) t.clear();
}

int CheckoutIndex::file(const std::string& path) {
  expand_index_to_path(index, path);
  bool has_same_name = false, is_skipped = false, did = false;
  int errors = 0;
  std::ptrdiff_t start = index.find_position(path, 0);
  for (auto k = static_cast<std::size_t>(start < 0 ? -start - 1 : start); k < index.size() && index[k].path == path; ++k) {
    IndexEntry& e = index[k];
    has_same_name = true;
    if (!ignore_skip_worktree && e.skip_worktree) {
      is_skipped = true;
      break;
    }
    if (e.stage != stage && (stage != 4 || !e.stage)) continue;
    did = true;
    if (to_tempfile) {
      if (checkout_entry_to_temp(e, state, temps[e.stage]) < 0) errors = -1;
    } else if (checkout_entry(e, state) < 0) {
      errors = -1;
    }
  }
  if (did) {
    if (to_tempfile) write_tempfile_record(path);
    return errors;
  }
  if (has_same_name && (is_skipped || stage == 4)) return 0;
  if (!state.quiet) {
    errf("git checkout-index: %s ", path);
    if (!has_same_name)
      err("is not in the cache");
    else if (stage)
      errf("does not exist at stage %d", stage);
    else
      err("is unmerged");
    err("\n");
  }
  return -1;
}

int CheckoutIndex::everything() {
  int errors = 0;
  ensure_full_index(index);
  std::string last;
  std::string prefix(inv.prefix_or_empty());
  for (std::size_t i = 0; i < index.size(); ++i) {
    IndexEntry& e = index[i];
    if (!ignore_skip_worktree && e.skip_worktree) continue;
    if (e.stage != stage && (stage != 4 || !e.stage)) continue;
    if (!starts_with(e.path, prefix)) continue;
    if (!last.empty() && to_tempfile && last != e.path) write_tempfile_record(last), last.clear();
    if (to_tempfile ? checkout_entry_to_temp(e, state, temps[e.stage]) < 0 : checkout_entry(e, state) < 0) errors++;
    last = e.path;
  }
  if (!last.empty() && to_tempfile) write_tempfile_record(last);
  return errors;
}

}  // namespace

int cmd_checkout_index(Invocation& inv) {
  CheckoutIndex c(inv);
  bool update = false;
  int temp = -1;
  Options options({"git checkout-index [<options>] [--] [<file>...]"});
  options.boolean('a', "all", &c.all, N_("check out all files in the index"));
  options.boolean(0, "ignore-skip-worktree-bits", &c.ignore_skip_worktree, N_("do not skip files with skip-worktree set"));
  options.boolean('f', "force", &c.state.force, N_("force overwrite of existing files"));
  options.boolean('q', "quiet", &c.state.quiet, N_("no warning for existing files and files not in index"));
  options.boolean('n', "no-create", &c.state.not_new, N_("don't checkout new files"));
  options.boolean('u', "index", &update, N_("update stat information in the index file"));
  options.boolean('z', "", &c.nul, N_("paths are separated with NUL character"));
  options.boolean(0, "stdin", &c.use_stdin, N_("read list of paths from the standard input"));
  options.boolean(0, "temp", &temp, N_("write the content to temporary files"));
  options.string(0, "prefix", &c.state.base_dir, N_("string"), N_("when creating files, prepend <string>"));
  options.callback(
      0, "stage", "(1|2|3|all)", N_("copy out the files from named stage"),
      [&](const std::optional<std::string>& value, bool unset) {
        if (unset) {
          c.stage = 0;
          return true;
        }
        if (*value == "all") {
          c.stage = 4;
        } else if (value->size() == 1 && (*value)[0] >= '1' && (*value)[0] <= '3') {
          c.stage = (*value)[0] - '0';
        } else {
          die("stage should be between 1 and 3 or all");
        }
        return true;
      },
      kOptLiteralArgHelp);
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  c.index = Index::read(inv.repo());
  c.to_tempfile = temp < 0 ? c.stage == 4 : temp != 0;
  if (!c.to_tempfile && c.stage == 4) die("options '%s' and '%s' cannot be used together", "--stage=all", "--no-temp");
  c.converter.attribute_reader().set_direction(AttrDirection::checkout);
  c.state.converter = &c.converter;
  c.state.allow_delay = !c.to_tempfile;
  LockFile lock;
  bool refresh = update && c.state.base_dir.empty() && !c.to_tempfile;
  if (refresh) {
    lock = c.index.lock_or_die();
    c.state.refresh_cache = true;
  }
  int errors = 0;
  for (const std::string& arg : args) {
    if (c.all) die("git checkout-index: don't mix '--all' and explicit filenames");
    if (c.use_stdin) die("git checkout-index: don't mix '--stdin' and explicit filenames");
    errors |= c.file(prefix_path(inv.repo(), inv.prefix_or_empty(), arg)) < 0;
  }
  if (c.use_stdin) {
    if (c.all) die("git checkout-index: don't mix '--all' and '--stdin'");
    LineReader reader(0, c.nul ? '\0' : '\n');
    for (std::string line; reader.next(line);) {
      if (!c.nul && !line.empty() && line[0] == '"') {
        std::string_view rest = line;
        std::optional<std::string> plain = unquote_c_style(rest);
        if (!plain) die("line is badly quoted");
        line = std::move(*plain);
      }
      errors |= c.file(prefix_path(inv.repo(), inv.prefix_or_empty(), line)) < 0;
    }
  }
  if (c.all) errors |= c.everything() != 0;
  errors |= finish_delayed_checkout(c.state);
  if (errors) return 1;
  if (refresh && !c.index.write_locked(lock)) die("Unable to write new index file");
  return 0;
}

}  // namespace git
