// Options become a filter, a sorting and a format; the lister does the rest.
#include "for-each-ref.h"

#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "config/color.h"
#include "gpg-verify.h"
#include "refs.h"
#include "repository.h"
#include "show/ref-filter.h"

namespace git {
namespace {

struct Settings {
  RefFilter filter;
  RefSorting sorting;
  std::string format = "%(objectname) %(objecttype)\t%(refname)";
  unsigned quoting = 0;
  int count = 0;
  int color = kColorAuto;
  bool omit_empty = false, from_stdin = false, root_refs = false;
  std::string start_after;
};

enum QuoteBit : unsigned { kShell = 1, kPerl = 2, kPython = 4, kTcl = 8 };

std::vector<std::string> usage_of(const std::string& command) {
  std::string pad(command.size() + 1, ' ');
  return {command + " [--count=<count>] [--shell|--perl|--python|--tcl]\n" + pad + "[(--sort=<key>)...] [--format=<format>]\n" +
          pad + "[--include-root-refs] [--points-at=<object>]\n" + pad + "[--merged[=<object>]] [--no-merged[=<object>]]\n" +
          pad + "[--contains[=<object>]] [--no-contains[=<object>]]\n" + pad +
          "[(--exclude=<pattern>)...] [--start-after=<marker>]\n" + pad + "[ --stdin | (<pattern>...)]"};
}

void define_options(Options& options, Repository& repo, Settings& s) {
  options.bit('s', "shell", &s.quoting, kShell, N_("quote placeholders suitably for shells"));
  options.bit('p', "perl", &s.quoting, kPerl, N_("quote placeholders suitably for perl"));
  options.bit(0, "python", &s.quoting, kPython, N_("quote placeholders suitably for python"));
  options.bit(0, "tcl", &s.quoting, kTcl, N_("quote placeholders suitably for Tcl"));
  options.boolean(0, "omit-empty", &s.omit_empty, N_("do not output a newline after empty formatted refs"));
  options.group("");
  options.integer(0, "count", &s.count, "n", N_("show only <n> matched refs"));
  options.string(0, "format", &s.format, "format", N_("format to use for the output"));
  options.string(0, "start-after", &s.start_after, "marker", N_("start iteration after the provided marker"));
  options.color(&s.color, N_("respect format colors"));
  options.strings(0, "exclude", &s.filter.exclude, "pattern", N_("exclude refs which match pattern"));
  options.strings(0, "sort", &s.sorting.specs, "key", N_("field name to sort on"));
  add_filter_options(options, repo, s.filter);
  options.boolean(0, "ignore-case", &s.filter.ignore_case, N_("sorting and filtering are case insensitive"));
  options.boolean(0, "stdin", &s.from_stdin, N_("read reference patterns from stdin"));
  options.boolean(0, "include-root-refs", &s.root_refs, N_("also include HEAD ref and pseudorefs"));
}

RefQuote quote_of(unsigned bits) {
  switch (bits) {
    case kShell:
      return RefQuote::shell;
    case kPerl:
      return RefQuote::perl;
    case kPython:
      return RefQuote::python;
    case kTcl:
      return RefQuote::tcl;
    default:
      return RefQuote::none;
  }
}

}  // namespace

int for_each_ref_command(Repository& repo, const std::vector<std::string>& args, std::string_view prefix,
                         const std::string& command) {
  Settings s;
  Options options(usage_of(command));
  define_options(options, repo, s);
  s.filter.patterns = options.parse(args, prefix);
  if (s.count < 0) {
    error("invalid --count argument: `%d'", s.count);
    options.usage_with_options();
  }
  if (s.quoting & (s.quoting - 1)) {
    error("more than one quoting style?");
    options.usage_with_options();
  }
  AtomSettings atoms;
  atoms.use_color = want_color(s.color);
  Result<RefFormat> format = RefFormat::parse(&repo, s.format, quote_of(s.quoting), atoms);
  if (!format) die("%s", format.error().message);
  if (!s.start_after.empty() && !s.sorting.specs.empty()) die("cannot use --start-after with custom sort options");
  s.sorting.ignore_case = s.filter.ignore_case;
  s.sorting.parse(repo);
  if (s.from_stdin) {
    if (!s.filter.patterns.empty()) die("unknown arguments supplied with --stdin");
    LineReader reader(STDIN_FILENO);
    for (std::string line; reader.next(line);) s.filter.patterns.push_back(line);
  }
  if (!s.start_after.empty() && !s.filter.patterns.empty()) die("cannot use --start-after with patterns");
  s.filter.start_after = s.start_after;
  s.filter.match_as_path = true;
  s.filter.include_root_refs = s.root_refs;
  RefLister lister(repo, std::move(s.filter), std::move(s.sorting), *format);
  lister.values().set_signature_reader(signature_reader(repo));
  lister.run(static_cast<std::size_t>(s.count), [&](const std::string& line) {
    if (!line.empty() || !s.omit_empty) out(line + "\n");
  });
  return 0;
}

int show_ref_exists(Repository& repo, const std::string& name) {
  RefStore& refs = repo.refs();
  std::optional<Ref> ref = refs.read(name);
  if (ref && !ref->is_broken) return 0;
  if (ref) {
    error("failed to look up reference: %s", "Invalid argument");
    return 1;
  }
  error("reference does not exist");
  return 2;
}

int pack_refs_command(Repository& repo, const std::vector<std::string>& args, std::string_view prefix,
                      const std::string& command) {
  RefStore::PackRefsOptions pack;
  Options options({command + " [--all] [--no-prune] [--auto] [--include <pattern>] [--exclude <pattern>]"});
  options.boolean(0, "all", &pack.all, N_("pack everything"));
  options.boolean(0, "prune", &pack.prune, N_("prune loose refs (default)"));
  options.boolean(0, "auto", &pack.auto_pack, N_("auto-pack refs as needed"));
  options.strings(0, "include", &pack.include, "pattern", N_("references to include"));
  options.strings(0, "exclude", &pack.exclude, "pattern", N_("references to exclude"));
  if (!options.parse(args, prefix).empty()) options.usage_with_options();
  Result<void> packed = repo.refs().pack_refs(pack);
  if (!packed && repo.layout().ref_format == "files") die("%s", packed.error().message);
  if (!packed) return error("%s", packed.error().message) < 0;
  return 0;
}

}  // namespace git
