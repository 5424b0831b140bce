// git http-backend: a CGI program for web servers.
#include "http-backend.h"

#include "builtin.h"

GIT_BUILTIN("http-backend", cmd_http_backend, kNoParseopt)

namespace git {

int cmd_http_backend(Invocation&) { return http_backend(); }

}  // namespace git
