// Finding the program that speaks for a kind of URL.
#include "transport-helper.h"

#include "base/error.h"
#include "protocol.h"

namespace git {

std::unique_ptr<Transport> make_helper_transport(Repository*, Config& config, Remote*, const std::string&,
                                                 const std::string& helper) {
  check_transport_allowed(config, helper);
  die(_("unable to find remote helper for '%s'"), helper);
}

}  // namespace git
