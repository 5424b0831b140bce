// Keeps the generated constants in one object, so that a change of prefix rebuilds one file.
#include "base/build-config.h"

#include "build-config.inc"

namespace git {

const std::string_view kVersion = PARLEY_VERSION;
const std::string_view kPrefix = PARLEY_PREFIX;
const std::string_view kBuiltExecPath = PARLEY_EXEC_PATH;
const std::string_view kTemplateDir = PARLEY_TEMPLATE_DIR;
const std::string_view kSysconfDir = PARLEY_SYSCONFDIR;
const std::string_view kManPath = PARLEY_MAN_PATH;
const std::string_view kHtmlPath = PARLEY_HTML_PATH;
const std::string_view kShellPath = PARLEY_SHELL_PATH;
const std::string_view kBinDir = PARLEY_BINDIR;

}  // namespace git
