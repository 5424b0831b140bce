// Other programs' diffs: text conversion before ours, or an external command instead of it (gitattributes(5), git(1)
// "GIT_EXTERNAL_DIFF").
#pragma once

#include <string>

namespace git {

struct DiffFilespec;
struct DiffOptions;
struct DiffPair;
struct UserdiffDriver;

// The driver whose textconv the side goes through, nullptr where it goes as it is.
const UserdiffDriver* textconv_driver(DiffOptions& options, DiffFilespec& spec);
// Dies "unable to read files to diff" where the command fails.
std::string run_textconv(DiffOptions& options, const UserdiffDriver& driver, DiffFilespec& spec);
// False where no command is configured for the path.
bool run_external_diff(DiffOptions& options, DiffPair& pair);
bool run_external_diff_unmerged(DiffOptions& options, DiffPair& pair);

}  // namespace git
