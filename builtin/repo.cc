// git repo: facts about the repository, one key at a time (info), and how big it is (structure).
#include <unistd.h>

#include <array>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/strings.h"
#include "builtin.h"
#include "repo-structure.h"

GIT_BUILTIN("repo", cmd_repo, kSetup)

namespace git {
namespace {

std::string in_words(bool truth) { return truth ? "true" : "false"; }

struct Field {
  std::string_view key;
  std::string (*value)(Invocation& inv);
};

std::string git_dir_of(Invocation& inv) { return real_path_forgiving(inv.repo().git_dir()); }
std::string common_dir_of_repo(Invocation& inv) { return real_path_forgiving(inv.repo().common_dir()); }
std::string from_cwd(Invocation& inv, const std::string& path) {
  return relative_path(path, real_path_forgiving(inv.original_cwd));
}

// By key.
constexpr std::array kFields = std::to_array<Field>({
    {"layout.bare", [](Invocation& inv) { return in_words(inv.repo().is_bare()); }},
    {"layout.shallow", [](Invocation& inv) { return in_words(inv.repo().is_shallow()); }},
    {"object.format", [](Invocation& inv) { return std::string(hash_name(inv.repo().algo())); }},
    {"path.commondir.absolute", [](Invocation& inv) { return common_dir_of_repo(inv); }},
    {"path.commondir.relative", [](Invocation& inv) { return from_cwd(inv, common_dir_of_repo(inv)); }},
    {"path.gitdir.absolute", [](Invocation& inv) { return git_dir_of(inv); }},
    {"path.gitdir.relative", [](Invocation& inv) { return from_cwd(inv, git_dir_of(inv)); }},
    {"references.format", [](Invocation& inv) { return inv.repo().layout().ref_format; }},
});

enum class Format { table, lines, nul };

void add_format_options(Options& options, Format* format) {
  options.callback(
      0, "format", "format", N_("output format"),
      [format](const std::optional<std::string>& value, bool) {
        if (*value == "lines")
          *format = Format::lines;
        else if (*value == "nul")
          *format = Format::nul;
        else if (*value == "table")
          *format = Format::table;
        else
          die(_("invalid format '%s'"), *value);
        return true;
      },
      kOptNoNeg);
  options.callback(
      'z', "", "", N_("synonym for --format=nul"),
      [format](const std::optional<std::string>&, bool) {
        *format = Format::nul;
        return true;
      },
      kOptNoArg | kOptNoNeg);
}

void print_field(Format format, std::string_view key, const std::string& value) {
  if (format == Format::nul)
    out(std::string(key) + "\n" + value + '\0');
  else
    outf("%s=%s\n", key, quote_c_style(value));
}

int info(Invocation& inv, const std::vector<std::string>& args) {
  Format format = Format::lines;
  bool all = false, keys = false;
  Options options(
      {"git repo info [--format=(lines|nul) | -z] [--all | <key>...]", "git repo info --keys [--format=(lines|nul) | -z]"});
  add_format_options(options, &format);
  options.boolean(0, "all", &all, N_("print all keys/values"), kOptNoNeg);
  options.boolean(0, "keys", &keys, N_("show keys"), kOptNoNeg);
  auto rest = options.parse(args, inv.prefix_or_empty());
  if (keys) {
    if (all || !rest.empty()) die("%s", _("--keys cannot be used with a <key> or --all"));
    if (format == Format::table) die("%s", _("--keys can only be used with --format=lines or --format=nul"));
    for (const Field& field : kFields) out(std::string(field.key) + (format == Format::nul ? '\0' : '\n'));
    return 0;
  }
  if (format == Format::table) die("%s", _("unsupported output format"));
  if (all && !rest.empty()) die("%s", _("--all and <key> cannot be used together"));
  if (all)
    for (const Field& field : kFields) print_field(format, field.key, field.value(inv));
  int result = 0;
  for (const std::string& key : rest) {
    const Field* found = nullptr;
    for (const Field& field : kFields)
      if (field.key == key) found = &field;
    if (found)
      print_field(format, key, found->value(inv));
    else
      result = error(_("key '%s' not found"), key) ? 1 : result;
  }
  return result;
}

int structure(Invocation& inv, const std::vector<std::string>& args) {
  Format format = Format::table;
  int progress = -1;
  Options options({"git repo structure [--format=(table|lines|nul) | -z]"});
  add_format_options(options, &format);
  options.boolean(0, "progress", &progress, N_("show progress"));
  auto rest = options.parse(args, inv.prefix_or_empty());
  if (!rest.empty()) options.usage_msg(_("too many arguments"));
  const bool shows_progress = progress >= 0 ? progress > 0 : isatty(2);
  RepoStructure found = measure_repository(inv.repo(), shows_progress);
  if (format == Format::table) {
    out(format_structure_table(found));
    return 0;
  }
  for (const auto& [key, value] : structure_values(found)) print_field(format, key, value);
  return 0;
}

}  // namespace

int cmd_repo(Invocation& inv) {
  int chosen = -1;
  Options options({"git repo info [--format=(lines|nul) | -z] [--all | <key>...]",
                   "git repo info --keys [--format=(lines|nul) | -z]", "git repo structure [--format=(table|lines|nul) | -z]"});
  options.subcommand("info", &chosen, 0);
  options.subcommand("structure", &chosen, 1);
  auto rest = options.parse(inv.args, inv.prefix_or_empty());
  return chosen ? structure(inv, rest) : info(inv, rest);
}

}  // namespace git
