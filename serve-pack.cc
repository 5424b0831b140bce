// Two pipes are read at once, so that progress and data are passed on as they come.  The last bytes of data are held
// back until pack-objects has ended well: a client must never take a truncated pack for a whole one.
#include "serve-pack.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "base/fd.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "repository.h"
#include "wire/sideband.h"

namespace git {
namespace {

std::string revision_input(const ServePackRequest& request) {
  std::string text;
  for (const ObjectId& oid : request.shallow) text += strf("--shallow %s\n", oid);
  for (const ObjectId& oid : request.wants) text += strf("%s\n", oid);
  text += "--not\n";
  for (const ObjectId& oid : request.common) text += strf("%s\n", oid);
  for (const ObjectId& oid : request.edges) text += strf("%s\n", oid);
  return text + "\n";
}

void prepare_child(ChildProcess& child, const ServePackRequest& request) {
  if (!request.hook.empty()) {
    child.args = {request.hook, "git"};
    child.use_shell = true;
  } else {
    child.git_command = true;
  }
  if (request.is_shallow) {
    child.args.emplace_back("--shallow-file");
    child.args.emplace_back("");
  }
  child.args.emplace_back("pack-objects");
  child.args.emplace_back("--revs");
  if (request.thin_pack) child.args.emplace_back("--thin");
  child.args.emplace_back("--stdout");
  if (request.is_shallow) child.args.emplace_back("--shallow");
  if (!request.no_progress) child.args.emplace_back("--progress");
  if (request.ofs_delta) child.args.emplace_back("--delta-base-offset");
  if (request.include_tag) child.args.emplace_back("--include-tag");
  if (!request.filter.empty()) child.args.push_back("--filter=" + request.filter);
  if (request.skips_promised) child.args.push_back("--missing=allow-promisor");
  for (const std::string& protocol : request.uri_protocols) child.args.push_back("--uri-protocol=" + protocol);
  child.in = child.out = child.err = ChildProcess::kPipe;
  child.clean_on_exit = true;
}

class PackRelay {
 public:
  PackRelay(ChildProcess& child, const ServePackRequest& request)
      : child_(child), request_(request), is_before_pack_(!request.uri_protocols.empty()) {}
  void run();
  void finish(bool is_ok);

 private:
  void write(std::string_view bytes) {
    if (!write_in_full(1, bytes)) exit_with(128);  // the client went away
  }
  void send(char band, std::string_view data);
  void data(std::string_view bytes);
  void progress(std::string_view bytes);

  ChildProcess& child_;
  const ServePackRequest& request_;
  bool take_uris(std::string_view& bytes);

  std::string held_;  // the last byte of data, kept back
  // With packfile-uris pack-objects names them line by line, up to an empty line, in front of the pack.
  bool is_before_pack_ = false, has_uris_ = false;
  std::string uri_text_;
};

void PackRelay::send(char band, std::string_view bytes) {
  if (!request_.packet_size) {
    if (band == kBandData)
      write(bytes);
    else if (band == kBandError || band == kBandProgress)
      err(bytes);
    return;
  }
  std::string out;
  append_sideband(out, band, bytes, request_.packet_size);
  write(out);
}

// Passes the lines in front of the pack on as the section "packfile-uris"; false while the pack has not begun.
bool PackRelay::take_uris(std::string_view& bytes) {
  uri_text_ += bytes;
  std::string packets;
  std::string_view text = uri_text_;
  while (is_before_pack_) {
    std::size_t end = text.find('\n');
    if (end == std::string_view::npos && !starts_with(text, "PACK")) break;
    is_before_pack_ = end != 0 && !starts_with(text, "PACK");
    if (!is_before_pack_) {
      if (end == 0) text.remove_prefix(1);
      if (has_uris_) append_delim(packets);
      append_packet(packets, "\1packfile\n");
      break;
    }
    if (!std::exchange(has_uris_, true)) append_packet(packets, "\1packfile-uris\n");
    append_packet(packets, "\1" + std::string(text.substr(0, end + 1)));
    text.remove_prefix(end + 1);
  }
  write(packets);
  uri_text_ = std::string(text);
  bytes = uri_text_;
  return !is_before_pack_;
}

void PackRelay::data(std::string_view bytes) {
  if (is_before_pack_ && !take_uris(bytes)) return;
  if (bytes.empty()) return;
  std::string out = std::exchange(held_, {});
  out.append(bytes.substr(0, bytes.size() - 1));
  held_ = bytes.back();
  if (!out.empty()) send(kBandData, out);
}

void PackRelay::progress(std::string_view bytes) {
  if (request_.packet_size)
    send(kBandProgress, bytes);
  else
    err(bytes);
}

void PackRelay::run() {
  char buffer[kMaxPacketPayload - 1];
  bool out_open = true, err_open = true, sent_any = false;
  while (out_open || err_open) {
    pollfd fds[2] = {{err_open ? child_.err_fd() : -1, POLLIN, 0}, {out_open ? child_.out_fd() : -1, POLLIN, 0}};
    int ready = ::poll(fds, 2, request_.keepalive > 0 ? request_.keepalive * 1000 : -1);
    if (ready < 0) {
      if (errno == EINTR) continue;
      die_errno("git upload-pack: poll failed");
    }
    if (ready == 0) {
      // Nothing to say: an empty packet of data keeps the connection open.
      if (request_.packet_size && !is_before_pack_) write(std::string_view("0005\1", 5));
      continue;
    }
    if (fds[0].revents) {
      ssize_t n = xread(child_.err_fd(), buffer, sizeof buffer);
      if (n > 0)
        progress({buffer, static_cast<std::size_t>(n)});
      else
        err_open = false;
    }
    if (fds[1].revents) {
      ssize_t n = xread(child_.out_fd(), buffer, sizeof buffer);
      if (n > 0)
        data({buffer, static_cast<std::size_t>(n)});
      else
        out_open = false;
      sent_any = true;
    }
  }
  (void)sent_any;
}

void PackRelay::finish(bool is_ok) {
  if (!is_ok) {
    send(kBandError, "aborting due to possible repository corruption on the remote side.");
    error("git upload-pack: git-pack-objects died with error.");
    die("git upload-pack: aborting due to possible repository corruption on the remote side.");
  }
  if (!held_.empty()) send(kBandData, held_);
  if (request_.packet_size) write("0000");
}

}  // namespace

void serve_pack(Repository& repo, const ServePackRequest& request) {
  ChildProcess child;
  prepare_child(child, request);
  (void)repo;
  if (!child.start()) die("git upload-pack: unable to fork git-pack-objects");
  std::string input = revision_input(request);
  std::thread feeder([&] {
    write_in_full(child.in_fd(), input);
    child.close_in();
  });
  PackRelay relay(child, request);
  try {
    relay.run();
  } catch (...) {
    child.kill(15);
    feeder.join();
    throw;
  }
  feeder.join();
  relay.finish(child.finish() == 0);
}

}  // namespace git
