// Somebody who is told about every error that is reported: a tracer.
#pragma once

#include <string_view>

namespace git {

using ErrorObserver = void (*)(std::string_view message);
void set_error_observer(ErrorObserver observer);

}  // namespace git
