// What a command does around a comparison. Options are parsed in diff-options.cc.
#include "diff.h"

#include "base/error.h"
#include "base/fd.h"

namespace git {

void diff_warn_rename_limit(std::string_view variable, int needed, bool degraded) {
  if (degraded)
    warning("only found copies from modified paths due to too many files.");
  else if (needed)
    warning("exhaustive rename detection was skipped due to too many files.");
  else
    return;
  if (needed > 0) warning("you may want to set your %s variable to at least %d and retry the command.", variable, needed);
}

int diff_result_code(DiffOptions& options) {
  flush_out();
  diff_warn_rename_limit("diff.renameLimit", options.needed_rename_limit, options.degraded_cc_to_c);
  int result = 0;
  if (options.exit_with_status && options.has_changes) result |= 1;
  if ((options.output_format & kDiffCheck) && options.check_failed) result |= 2;
  return result;
}

void diff_set_mnemonic_prefix(DiffOptions& options, const char* a, const char* b) {
  if (options.mnemonic_prefix && !options.prefix_chosen) {
    options.a_prefix = a;
    options.b_prefix = b;
  }
}

}  // namespace git
