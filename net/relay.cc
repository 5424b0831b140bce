// Each direction has one buffer; it reads only when that is empty and writes only when it isn't.
#include "net/relay.h"

#include <poll.h>

#include <climits>
#include <string>

#include "net/channel.h"

namespace git {

namespace {

struct Direction {
  int from, to;
  UniqueFd* closes;  // when this direction has ended
  std::string pending;
  bool at_end = false;
  bool is_done() const { return at_end && pending.empty(); }
};

void read_into(Direction& way) {
  char buffer[65536];
  ssize_t got = xread(way.from, buffer, sizeof buffer);
  if (got > 0)
    way.pending.assign(buffer, static_cast<std::size_t>(got));
  else
    way.at_end = true;
}

void write_from(Direction& way) {
  ssize_t put = xwrite(way.to, way.pending.data(), std::min<std::size_t>(way.pending.size(), PIPE_BUF));
  if (put < 0) {
    way.at_end = true;
    way.pending.clear();
  } else {
    way.pending.erase(0, static_cast<std::size_t>(put));
  }
}

}  // namespace

void relay_both_ways(int in, int out, UniqueFd peer_out, UniqueFd peer_in) {
  IgnoreSigpipe guard;
  Direction ways[2] = {{in, peer_in.get(), &peer_in, {}, false}, {peer_out.get(), out, nullptr, {}, false}};
  // When the peer has said everything, what we might still send has no reader.
  while (!ways[1].is_done()) {
    struct pollfd fds[4];
    for (int i = 0; i < 2; i++) {
      Direction& way = ways[i];
      fds[2 * i] = {way.pending.empty() && !way.at_end ? way.from : -1, POLLIN, 0};
      fds[2 * i + 1] = {!way.pending.empty() ? way.to : -1, POLLOUT, 0};
    }
    if (poll(fds, 4, -1) < 0) continue;
    for (int i = 0; i < 2; i++) {
      if (fds[2 * i].revents) read_into(ways[i]);
      if (fds[2 * i + 1].revents) write_from(ways[i]);
      if (ways[i].is_done() && ways[i].closes) ways[i].closes->reset();
    }
  }
}

}  // namespace git
