// git upload-archive: the other end of `git archive --remote`.  A child makes the archive; its output goes out in band 1, what
// it says in band 2, so that the client sees why there is none.
#include <poll.h>

#include "archive.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "pkt-line.h"
#include "wire/sideband.h"

GIT_BUILTIN("upload-archive", cmd_upload_archive, kNoParseopt)
GIT_BUILTIN("upload-archive--writer", cmd_upload_archive_writer, kNoParseopt)

namespace git {
namespace {

constexpr std::size_t kMaxArguments = 64;

void send(char band, std::string_view bytes) {
  std::string packets;
  append_sideband(packets, band, bytes);
  if (!write_in_full(1, packets)) exit_with(128);
}

// One piece of what a child wrote; false at its end.
bool relay(int fd, char band) {
  char buffer[16384];
  ssize_t n = xread(fd, buffer, sizeof buffer);
  if (n < 0) die_errno("read error");
  if (n > 0) send(band, {buffer, static_cast<std::size_t>(n)});
  return n > 0;
}

}  // namespace

int cmd_upload_archive_writer(Invocation& inv) {
  constexpr const char* kUsage = "git upload-archive <repository>";
  if (inv.args.size() != 2 || inv.args[1] == "-h") usage("%s", kUsage);
  std::unique_ptr<Repository> repo = enter_repo(inv.args[1], false);
  if (!repo) die("'%s' does not appear to be a git repository", inv.args[1]);
  std::vector<std::string> args = {"git-upload-archive"};
  PacketReader reader(0, "upload-archive");
  while (reader.read() == PacketReader::Status::data) {
    if (args.size() > kMaxArguments) die("Too many options (>%u)", kMaxArguments - 1);
    std::string_view line = reader.line();
    if (!skip_prefix(line, "argument ")) die("'argument' token or flush expected");
    args.emplace_back(line);
  }
  return write_archive(repo.get(), args, std::nullopt, "", true);
}

int cmd_upload_archive(Invocation& inv) {
  if (inv.args.size() == 2 && inv.args[1] == "-h") usage("git upload-archive <repository>");
  ChildProcess writer;
  writer.git_command = true;
  writer.args = inv.args;
  writer.args[0] = "upload-archive--writer";
  writer.out = writer.err = ChildProcess::kPipe;
  writer.clean_on_exit = true;
  if (!writer.start()) {
    std::string why = strerror(errno);
    write_packet(1, "NACK unable to spawn subprocess\n", "upload-archive");
    die("upload-archive: %s", why);
  }
  write_packet(1, "ACK\n", "upload-archive");
  write_flush_packet(1, "upload-archive");
  bool out_open = true, err_open = true;
  while (out_open || err_open) {
    struct pollfd fds[2] = {{out_open ? writer.out_fd() : -1, POLLIN, 0}, {err_open ? writer.err_fd() : -1, POLLIN, 0}};
    if (::poll(fds, 2, -1) < 0) {
      if (errno == EINTR) continue;
      die_errno("poll failed");
    }
    // What it says first, so that it is not behind the archive it explains.
    if (fds[1].revents) err_open = relay(writer.err_fd(), kBandProgress);
    if (fds[0].revents) out_open = relay(writer.out_fd(), kBandData);
  }
  if (writer.finish()) {
    constexpr const char* kDied = "git upload-archive: archiver died with error";
    send(kBandError, kDied);
    die("%s", kDied);
  }
  write_flush_packet(1, "upload-archive");
  return 0;
}

}  // namespace git
