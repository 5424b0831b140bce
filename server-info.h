// The files that a dumb HTTP client reads instead of asking a program: info/refs and objects/info/packs.
#pragma once

#include <string>

namespace git {

class Repository;

// What they hold. `name_space`: only refs below it, without it ("" for all); it is "refs/namespaces/x/".
std::string server_info_refs(Repository& repo, const std::string& name_space);
std::string server_info_packs(Repository& repo);

// A file whose content would not change is left alone. False after error().
bool update_server_info(Repository& repo, bool force);

}  // namespace git
