// Repositories behind a web server, as a CGI program (git-http-backend(1), gitprotocol-http(5)): files for dumb clients,
// upload-pack and receive-pack for smart ones.
#pragma once

namespace git {

// Answers the one request that the environment and standard input describe; the exit code.
int http_backend();

}  // namespace git
