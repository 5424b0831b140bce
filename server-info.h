// The files that a dumb HTTP client reads instead of asking a program: info/refs and objects/info/packs.
#pragma once

namespace git {

class Repository;

// A file whose content would not change is left alone. False after error().
bool update_server_info(Repository& repo, bool force);

}  // namespace git
