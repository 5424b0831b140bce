// git interpret-trailers: add, change and show the trailers of messages (git-interpret-trailers(1)).
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/tempfile.h"
#include "builtin.h"
#include "config.h"
#include "show/trailers.h"

GIT_BUILTIN("interpret-trailers", cmd_interpret_trailers, kSetupGently)

namespace git {
namespace {

// The mode of a file edited in place is kept.
void replace_file(const std::string& path, const std::string& text) {
  auto st = stat_path(path);
  if (!st) die_errno("could not stat %s", path);
  if (!S_ISREG(st->st_mode)) die("file %s is not a regular file", path);
  if (!(st->st_mode & S_IWUSR)) die("file %s is not writable by user", path);
  std::string directory(path_dirname(path));
  Result<Tempfile> temp =
      Tempfile::from_pattern(path_join(directory, "git-interpret-trailers-XXXXXX"), 0, static_cast<int>(st->st_mode & 07777));
  if (!temp) die_errno("could not open temporary file");
  if (!temp->write(text) || !temp->rename_to(path)) die_errno("could not rename temporary file to %s", path);
}

}  // namespace

int cmd_interpret_trailers(Invocation& inv) {
  bool in_place = false, parse = false;
  ProcessTrailers process;
  std::vector<NewTrailer> added;
  std::optional<TrailerWhere> where;
  std::optional<TrailerIfExists> if_exists;
  std::optional<TrailerIfMissing> if_missing;
  Options options(
      {"git interpret-trailers [--in-place] [--trim-empty]\n"
       "                       [(--trailer (<key>|<key-alias>)[(=|:)<value>])...]\n"
       "                       [--parse] [<file>...]"});
  options.boolean(0, "in-place", &in_place, N_("edit files in place"));
  options.boolean(0, "trim-empty", &process.trim_empty, N_("trim empty trailers"));
  options.callback(0, "where", "placement", N_("where to place the new trailer"),
                   [&](const std::optional<std::string>& value, bool unset) {
                     where = unset ? std::nullopt : parse_trailer_where(*value);
                     return unset || where.has_value();
                   });
  options.callback(0, "if-exists", "action", N_("action if trailer already exists"),
                   [&](const std::optional<std::string>& value, bool unset) {
                     if_exists = unset ? std::nullopt : parse_trailer_if_exists(*value);
                     return unset || if_exists.has_value();
                   });
  options.callback(0, "if-missing", "action", N_("action if trailer is missing"),
                   [&](const std::optional<std::string>& value, bool unset) {
                     if_missing = unset ? std::nullopt : parse_trailer_if_missing(*value);
                     return unset || if_missing.has_value();
                   });
  options.boolean(0, "only-trailers", &process.only_trailers, N_("output only the trailers"));
  options.boolean(0, "only-input", &process.only_input, N_("do not apply trailer.* configuration variables"));
  options.boolean(0, "unfold", &process.unfold, N_("reformat multiline trailer values as single-line values"));
  options.boolean(0, "parse", &parse, N_("alias for --only-trailers --only-input --unfold"), kOptNoNeg);
  options.boolean(0, "no-divider", &process.no_divider, N_("do not treat \"---\" as the end of input"));
  options.callback(0, "trailer", "trailer", N_("trailer(s) to add"), [&](const std::optional<std::string>& value, bool unset) {
    if (unset) {
      added.clear();
      return true;
    }
    if (value->empty()) return false;
    added.push_back({*value, where, if_exists, if_missing});
    return true;
  });
  std::vector<std::string> files = options.parse(inv.args, inv.prefix_or_empty());
  if (parse) process.only_trailers = process.only_input = process.unfold = true;
  if (process.only_input && !added.empty()) options.usage_msg("--trailer with --only-input does not make sense");
  Config empty;
  Config& config = inv.repository ? inv.repo().config() : empty;
  for (std::string file : files) {
    if (inv.prefix) file = prefix_filename(*inv.prefix, file);
    Result<std::string> text = read_file(file);
    if (!text) die_errno("could not read input file '%s'", file);
    std::string changed = process_trailers(config, *text, added, process);
    if (in_place)
      replace_file(file, changed);
    else
      out(changed);
  }
  if (!files.empty()) return 0;
  if (in_place) die("no input file given for in-place editing");
  Result<std::string> text = read_fd(STDIN_FILENO);
  if (!text) die_errno("could not read from stdin");
  out(process_trailers(config, *text, added, process));
  return 0;
}

}  // namespace git
