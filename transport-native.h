// The pack protocol over local pipes, ssh and git://, or over a connection that a helper made.
#pragma once

#include "connect.h"
#include "promisor-capability.h"
#include "transport.h"

namespace git {

class NativeTransport : public Transport {
 public:
  NativeTransport(Repository* repo, Config& config, Remote* remote, std::string url);
  ~NativeTransport() override;
  RemoteRefs refs(bool for_push, const std::vector<std::string>& prefixes) override;
  HashAlgo algo() const override { return advertised_.algo; }
  int fetch(RemoteRefs& wanted) override;
  int push(RemoteRefs& refs, unsigned flags) override;
  std::unique_ptr<Connection> connect(const std::string& service, const std::string& program) override;
  std::optional<BundleList> bundle_list() override;
  bool is_smart() const override { return true; }
  bool can_negotiate() const override { return true; }
  int protocol_version() const override { return advertised_.version; }
  int disconnect() override;
  // Goes on over a connection that is there already (transport-helper's connect).
  void adopt(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> release() { return std::move(connection_); }

 private:
  std::vector<std::string> capability_lines() const;
  void handshake(bool for_push);
  void list_v2(const std::vector<std::string>& prefixes);
  const PromisorReply& promisors();

  std::unique_ptr<Connection> connection_;
  Advertisement advertised_;
  std::optional<PromisorReply> promisors_;
  bool has_heard_ = false;  // the advertisement was read on connection_
  bool has_refs_ = false;
};

}  // namespace git
