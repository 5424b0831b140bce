// The v2 capability "promisor-remote" (gitprotocol-v2(5)): a server that lacks objects on purpose says which remotes have
// them, and a client that can get them there says which of these it accepts; the server then leaves them out.
//
//   promisor-remote=name=lop,url=https://lop.example,partialCloneFilter=blob:none;name=...        the server
//   promisor-remote=lop;other                                                                     the client
//
// Values are percent-encoded. What the server says is somebody else's text: nothing of it is used unless the user's
// configuration (promisor.acceptFromServer, promisor.acceptFromServerUrl) says so.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace git {

class Config;
class Repository;

struct AdvertisedPromisor {
  std::string name, url;
  std::string filter, token;  // "" where not said
};
std::vector<AdvertisedPromisor> parse_promisor_advertisement(std::string_view value);

// ---- server ----
// The value to advertise, "" where there is nothing to say (promisor.advertise).
std::string promisor_advertisement(Config& config);
// Did the client accept one that we have? Warns of names we don't know.
bool accepts_promisor(Config& config, std::string_view reply);

// ---- client ----
struct PromisorReply {
  std::string value;                  // what to answer, "" for no answer
  std::vector<std::string> accepted;  // as they are called here
  std::string filter;                 // what --filter=auto stands for, "" for everything
};
// Decides; stores what promisor.storeFields and auto-created remotes want stored.
PromisorReply answer_promisor_advertisement(Repository& repo, std::string_view advertised);

}  // namespace git
