// Options are tried in this order: the command's own, those of combined diffs, those of all diffs.
#include "diff-plumbing.h"

#include "base/error.h"
#include "repository.h"

namespace git {

PlumbingDiff::PlumbingDiff(Repository& repo, std::string_view prefix)
    : index(Index::read(repo)),
      options(make_diff_options(&repo, repo.config(), &index, prefix, DiffConfig::basic)),
      walk(repo),
      repo_(repo),
      prefix_(prefix) {
  options.abbrev = 0;
}

void PlumbingDiff::parse(const std::vector<std::string>& args, const std::function<bool(const std::string&)>& own,
                         const char* usage_text, std::size_t revisions) {
  DiffOptionParser parser(options);
  RevWalk::Setup how;
  how.prefix = prefix_;
  how.other_option = [&](const std::vector<std::string>& all, std::size_t at) {
    if (own(all[at]) || parse_combine_option(combine, all[at])) return 1;
    return parser.parse(all, at);
  };
  walk.setup(args, how);
  if (walk.pending.size() != revisions || walk.max_count != -1 || walk.min_age != -1 || walk.max_age != -1)
    usage("%s", usage_text);
  if (!options.output_format) options.output_format = kDiffRaw;
}

void PlumbingDiff::set_up() {
  options.pathspec = parse_pathspec(repo_, walk.pathspec, prefix_, kPreferFull | kPathspecPrefixOrigin);
  diff_setup_done(options);
}

int PlumbingDiff::finish() {
  diffcore_std(options);
  diff_flush(options);
  return diff_result_code(options);
}

}  // namespace git
