// git interpret-trailers: add and read structured lines at the end of messages.
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "builtin.h"
#include "config.h"
#include "show/trailers.h"

GIT_BUILTIN("interpret-trailers", cmd_interpret_trailers, kSetupGently)

namespace git {

int cmd_interpret_trailers(Invocation& inv) {
  ProcessTrailers process;
  bool in_place = false;
  std::vector<NewTrailer> trailers;
  std::optional<TrailerWhere> where;
  std::optional<TrailerIfExists> if_exists;
  std::optional<TrailerIfMissing> if_missing;
  Options options(
      {"git interpret-trailers [--in-place] [--trim-empty]\n"
       "                       [(--trailer (<key>|<key-alias>)[(=|:)<value>])...]\n"
       "                       [--parse] [<file>...]"});
  options.boolean(0, "in-place", &in_place, "edit files in place");
  options.boolean(0, "trim-empty", &process.trim_empty, "trim empty trailers");
  auto choice = [](auto& target, auto parse, const char* what) {
    return [&target, parse, what](const std::optional<std::string>& value, bool unset) {
      if (unset) {
        target.reset();
        return true;
      }
      target = parse(*value);
      if (!target) {
        error("unknown value '%s' for key '%s'", *value, what);
        return false;
      }
      return true;
    };
  };
  options.callback(0, "where", "placement", "where to place the new trailer", choice(where, parse_trailer_where, "where"));
  options.callback(0, "if-exists", "action", "action if trailer already exists",
                   choice(if_exists, parse_trailer_if_exists, "if-exists"));
  options.callback(0, "if-missing", "action", "action if trailer is missing",
                   choice(if_missing, parse_trailer_if_missing, "if-missing"));
  options.boolean(0, "only-trailers", &process.only_trailers, "output only the trailers");
  options.boolean(0, "only-input", &process.only_input, "do not apply trailer.* configuration variables");
  options.boolean(0, "unfold", &process.unfold, "reformat multiline trailer values as single-line values");
  options.callback(
      0, "parse", "", "alias for --only-trailers --only-input --unfold",
      [&](const std::optional<std::string>&, bool) {
        process.only_trailers = process.only_input = process.unfold = true;
        return true;
      },
      kOptNoArg | kOptNoNeg);
  options.boolean(0, "no-divider", &process.no_divider, "do not treat \"---\" as the end of input");
  options.callback(0, "trailer", "trailer", "trailer(s) to add", [&](const std::optional<std::string>& value, bool unset) {
    if (unset)
      trailers.clear();
    else
      trailers.push_back({*value, where, if_exists, if_missing});
    return true;
  });
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (process.only_input && !trailers.empty()) options.usage_msg("--trailer with --only-input does not make sense");
  Config early{ConfigSources{}};
  Config& config = inv.repository ? inv.repo().config() : early;
  auto interpret = [&](std::string text) {
    if (!text.empty() && text.back() != '\n') text += '\n';
    return process_trailers(config, text, trailers, process);
  };
  if (args.empty()) {
    if (in_place) die("no input file given for in-place editing");
    Result<std::string> text = read_fd(0);
    if (!text) die_errno("could not read from stdin");
    out(interpret(std::move(*text)));
    return 0;
  }
  for (const std::string& name : args) {
    std::string file = prefix_filename(inv.prefix_or_empty(), name);
    if (in_place) {
      std::optional<struct stat> st = stat_path(file);
      if (!st) die_errno("could not stat %s", file);
      if (!S_ISREG(st->st_mode)) die("file %s is not a regular file", file);
      if (!(st->st_mode & S_IWUSR)) die("file %s is not writable by user", file);
      Result<std::string> text = read_file(file);
      if (!text) die_errno("could not read input file '%s'", file);
      Result<Tempfile> temp =
          Tempfile::from_pattern(std::string(path_dirname(file)) + "/git-interpret-trailers-XXXXXX", 0, st->st_mode & 07777);
      if (!temp) die_errno("could not create temporary file");
      if (!temp->write(interpret(std::move(*text))) || !temp->rename_to(file))
        die_errno("could not rename temporary file to %s", file);
      continue;
    }
    Result<std::string> text = read_file(file);
    if (!text) die_errno("could not read input file '%s'", file);
    out(interpret(std::move(*text)));
  }
  return 0;
}

}  // namespace git
