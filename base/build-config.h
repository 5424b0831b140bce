// What the build was configured with.
#pragma once

#include <string_view>

namespace git {

extern const std::string_view kVersion;  // "2.55.0.parley.1"
extern const std::string_view kPrefix;
extern const std::string_view kBuiltExecPath;  // libexec/git-core
extern const std::string_view kTemplateDir;
extern const std::string_view kSysconfDir;
extern const std::string_view kManPath;
extern const std::string_view kHtmlPath;
extern const std::string_view kShellPath;
extern const std::string_view kBinDir;

}  // namespace git
