// Every address of the name is tried in turn; the message of a failure lists them all.
#include "net/tcp.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/error.h"

namespace git {

namespace {

std::string address_text(const struct addrinfo* address) {
  char host[256] = "(unknown)";
  getnameinfo(address->ai_addr, address->ai_addrlen, host, sizeof host, nullptr, 0, NI_NUMERICHOST);
  return host;
}

}  // namespace

Result<UniqueFd> tcp_connect(const std::string& host, const std::string& port, const TcpOptions& options) {
  struct addrinfo hints {};
  hints.ai_family = options.ipv4 ? AF_INET : options.ipv6 ? AF_INET6 : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_protocol = IPPROTO_TCP;
  struct addrinfo* found = nullptr;
  if (options.is_verbose) errf(_("Looking up %s ... "), host);
  if (int code = getaddrinfo(host.c_str(), port.c_str(), &hints, &found))
    return make_error(ErrorKind::io, _("unable to look up %s (port %s) (%s)"), host, port, gai_strerror(code));
  if (options.is_verbose) errf(_("done.\nConnecting to %s (port %s) ... "), host, port);
  UniqueFd fd;
  std::string failures;
  int count = 0;
  for (struct addrinfo* address = found; address && !fd; address = address->ai_next, count++) {
    UniqueFd tried(socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, address->ai_protocol));
    if (tried && connect(tried.get(), address->ai_addr, address->ai_addrlen) == 0) {
      if (options.is_verbose) errf("%s ", address_text(address));
      fd = std::move(tried);
      break;
    }
    failures += strf("%s[%d: %s]: errno=%s\n", host, count, address_text(address), std::strerror(errno));
  }
  freeaddrinfo(found);
  if (!fd) return make_error(ErrorKind::io, _("unable to connect to %s:\n%s"), host, failures);
  int yes = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  if (options.is_verbose) err(_("done.\n"));
  return fd;
}

}  // namespace git
