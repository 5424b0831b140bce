// git archive: an archive of a tree, made here or asked for with --remote.
#include "archive.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "pkt-line.h"
#include "remote.h"
#include "sideband.h"
#include "transport.h"

GIT_BUILTIN("archive", cmd_archive, kSetupGently)

namespace git {
namespace {

void send_output_to(const std::string& path) {
  UniqueFd file = xopen(path, O_CREAT | O_WRONLY | O_TRUNC, 0666);
  if (::dup2(file.get(), 1) < 0) die_errno("%s", _("could not redirect output"));
}

// Everything the server sends in bands: the archive, and what it has to say.
void receive_archive(int fd, Config& config) {
  RemoteText text(&config);
  PacketReader reader(fd, "archive");
  while (reader.read() == PacketReader::Status::data) {
    auto piece = parse_sideband(reader.packet().payload);
    if (!piece) die("%s", _("git archive: protocol error"));
    if (piece->band == kBandData) {
      if (!write_in_full(1, piece->data)) die_errno("%s", _("write error"));
    } else if (piece->band == kBandProgress) {
      text.show(piece->data);
    } else {
      text.show_error(piece->data);
      exit_with(1);
    }
  }
  text.finish();
}

int remote_archive(Invocation& inv, const std::vector<std::string>& args, const std::string& url, const std::string& program,
                   const std::string& name_hint) {
  std::unique_ptr<Config> early;
  if (!inv.repository) early = read_early_config();
  Config& config = inv.repository ? inv.repo().config() : *early;
  Remotes remotes(inv.repository.get(), config);
  Remote* remote = remotes.get(url);
  if (!remote || remote->urls.empty()) die(_("git archive: Remote with no URL"));
  auto transport = Transport::open(inv.repository.get(), config, remote, remote->urls[0]);
  std::unique_ptr<Connection> connection = transport->connect("git-upload-archive", program);
  if (!connection) die("%s", _("Operation not supported by protocol"));
  // The name of the output says the format, where nothing else does: a later --format wins.
  if (!name_hint.empty())
    if (std::string format = archive_format_of_filename(config, name_hint); !format.empty())
      write_packet(connection->out(), "argument --format=" + format + "\n", "archive");
  for (std::size_t i = 1; i < args.size(); i++) write_packet(connection->out(), "argument " + args[i] + "\n", "archive");
  write_flush_packet(connection->out(), "archive");

  PacketReader reader(connection->in(), "archive");
  if (reader.read() != PacketReader::Status::data) die("%s", _("git archive: expected ACK/NAK, got a flush packet"));
  std::string_view answer = reader.line();
  if (answer != "ACK") {
    if (skip_prefix(answer, "NACK ")) die(_("git archive: NACK %s"), answer);
    die("%s", _("git archive: protocol error"));
  }
  if (reader.read() != PacketReader::Status::flush) die("%s", _("git archive: expected a flush"));
  receive_archive(connection->in(), config);
  int code = connection->finish();
  return code | transport->disconnect();
}

}  // namespace

int cmd_archive(Invocation& inv) {
  std::optional<std::string> output;
  std::string remote, program = "git-upload-archive";
  Options options({"git archive [<options>] <tree-ish> [<path>...]"});
  options.filename('o', "output", &output, N_("write the archive to this file"));
  options.string(0, "remote", &remote, N_("repo"), N_("retrieve the archive from remote repository <repo>"));
  options.string(0, "exec", &program, N_("command"), N_("path to the remote git-upload-archive command"));
  std::vector<std::string> args =
      options.parse(inv.args, inv.prefix_or_empty(), kKeepUnknown | kKeepArgv0 | kKeepDashDash | kNoInternalHelp);
  if (output) send_output_to(*output);
  if (!remote.empty()) return remote_archive(inv, args, remote, program, output.value_or(""));
  return write_archive(inv.repository.get(), args, inv.prefix_or_empty(), output.value_or(""), false);
}

}  // namespace git
