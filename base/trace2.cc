#include "base/trace2.h"

namespace git::trace2 {

int child_start(const ChildInfo&) { return 0; }
void child_exit(int, int, int) {}
void start(const std::vector<std::string>&) {}
void finish(int) {}
void command_name(std::string_view) {}
void command_alias(std::string_view, const std::vector<std::string>&) {}
void repository(const std::string&) {}

}  // namespace git::trace2
