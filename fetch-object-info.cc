// Connect, hear what the server can do, ask once.
#include "fetch-object-info.h"

#include "base/error.h"
#include "config.h"
#include "connect.h"
#include "pkt-line.h"
#include "protocol.h"
#include "protocol/object-info-client.h"
#include "remote.h"
#include "repository.h"
#include "transport.h"

namespace git {

std::map<ObjectId, std::uint64_t> fetch_object_info(Repository& repo, const std::string& remote,
                                                    const std::vector<ObjectId>& oids) {
  Config& config = repo.config();
  Remotes remotes(&repo, config);
  Remote* peer = remotes.get(remote);
  if (protocol_version_config(config) < 2) die("object-info requires protocol v2");
  ConnectOptions how;
  how.service = "git-upload-pack";
  how.program = peer && !peer->uploadpack.empty() ? peer->uploadpack : how.service;
  how.version = 2;
  std::string url = peer && !peer->urls.empty() ? peer->urls[0] : remote;
  std::unique_ptr<Transport> transport;
  std::unique_ptr<Connection> connection;
  if (helper_of_url(url).empty() && parse_connect_url(url)) {
    connection = git_connect(config, url, how);
  } else {
    transport = Transport::open(&repo, config, peer, url);
    connection = transport->connect(how.service, how.program);
  }
  Advertisement advertised = read_advertisement(connection->channel, "cat-file");
  if (advertised.version != 2) die("object-info requires protocol v2");
  if (!advertised.capabilities.has("object-info")) die("object-info capability is not enabled on the server");

  ObjectInfoRequest request;
  request.algo = advertised.algo;
  request.oids = oids;
  request.is_stateless = connection->is_stateless;
  if (advertised.capabilities.has("agent")) request.capabilities.push_back("agent=" + user_agent());
  if (advertised.capabilities.has("object-format"))
    request.capabilities.push_back(strf("object-format=%s", hash_name(advertised.algo)));
  ObjectInfoClient client(std::move(request));
  client.set_tap(packet_tap("cat-file"));
  IgnoreSigpipe guard;
  client.start();
  connection->channel.run(client);
  if (client.state() != ObjectInfoClient::State::done) die("%s", client.error());
  connection->close_out();
  connection->finish();
  return client.take();
}

}  // namespace git
