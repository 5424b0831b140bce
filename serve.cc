// One machine reads requests; what they mean is up to the commands: ls-refs, fetch, object-info, bundle-uri.
#include "serve.h"

#include <optional>

#include "base/strings.h"
#include "base/trace2.h"
#include "config.h"
#include "connect.h"
#include "ls-refs.h"
#include "net/channel.h"
#include "odb.h"
#include "pkt-line.h"
#include "promisor-capability.h"
#include "protocol/serve-v2.h"
#include "repository.h"
#include "upload-pack-state.h"
#include "upload-pack.h"
#include "wire/acks.h"
#include "wire/capabilities.h"

namespace git {
namespace {

// v2's "object-info": sizes of objects.
class ObjectInfoCommand {
 public:
  explicit ObjectInfoCommand(Repository& repo) : repo_(repo) {}
  void begin() {
    wants_size_ = false;
    oids_.clear();
  }
  void argument(ServeV2& machine, std::string_view line) {
    if (line == "size") {
      wants_size_ = true;
      return;
    }
    auto oid = parse_oid_line(line, "oid", repo_.algo());
    if (!oid) {
      machine.respond("ERR object-info: unexpected line: '" + std::string(line) + "'");
      return;
    }
    oids_.push_back(oid->oid);
  }
  void end(ServeV2& machine) {
    if (oids_.empty()) return;
    if (wants_size_) machine.respond("size");
    for (const ObjectId& oid : oids_) {
      auto info = repo_.odb().info(oid);
      std::string line = strf("%s", oid);
      if (!info)
        line += ' ';
      else if (wants_size_)
        line += strf(" %u", info->size);
      machine.respond(line);
    }
    machine.respond_flush();
  }

 private:
  Repository& repo_;
  bool wants_size_ = false;
  std::vector<ObjectId> oids_;
};

// v2's "bundle-uri": where bundles of this repository are, as bundle.* says.
class BundleUriCommand {
 public:
  explicit BundleUriCommand(Repository& repo) : repo_(repo) {
    is_advertised_ = repo.config().get_bool_or("uploadpack.advertisebundleuris", false);
  }
  bool is_advertised() const { return is_advertised_; }
  void argument(std::string_view line) { die(_("bundle-uri: unexpected argument: '%s'"), line); }
  void end(ServeV2& machine) {
    for (const ConfigEntry& entry : repo_.config().entries())
      if (starts_with(entry.key, "bundle.") && entry.value && !entry.value->empty())
        machine.respond(entry.key + "=" + *entry.value);
    machine.respond_flush();
  }

 private:
  Repository& repo_;
  bool is_advertised_ = false;
};

class Server {
 public:
  Server(Repository& repo, const ServeOptions& options)
      : repo_(repo),
        options_(options),
        machine_(!options.is_stateless),
        ls_refs_(repo),
        fetch_(repo),
        object_info_(repo),
        bundle_uri_(repo) {
    has_object_info_ = repo.config().get_bool_or("transfer.advertiseobjectinfo", false);
  }
  void run();

 private:
  enum class Command : unsigned char { none, ls_refs, fetch, object_info, bundle_uri };
  std::vector<std::string> capabilities() const;
  Command command_named(std::string_view name) const;
  void begin(const ServeEvent& event);
  void check_key(std::string_view key);
  void argument(const ServeEvent& event);
  void end();

  Repository& repo_;
  const ServeOptions& options_;
  ServeV2 machine_;
  Channel channel_{0, 1};
  LsRefsCommand ls_refs_;
  FetchCommand fetch_;
  ObjectInfoCommand object_info_;
  BundleUriCommand bundle_uri_;
  bool has_object_info_ = false;
  Command command_ = Command::none;
  HashAlgo client_algo_ = HashAlgo::sha1;  // where the client says nothing
};

std::vector<std::string> Server::capabilities() const {
  std::vector<std::string> list;
  list.push_back("agent=" + served_agent());
  std::string unborn = ls_refs_.features();
  list.push_back(unborn.empty() ? "ls-refs" : "ls-refs=" + unborn);
  list.push_back("fetch=" + fetch_.features());
  list.emplace_back("server-option");
  list.push_back("object-format=" + std::string(hash_name(repo_.algo())));
  if (std::string sid = advertised_session_id(repo_.config()); !sid.empty()) list.push_back("session-id=" + sid);
  if (has_object_info_) list.emplace_back("object-info");
  if (std::string promisors = promisor_advertisement(repo_.config()); !promisors.empty())
    list.push_back("promisor-remote=" + promisors);
  if (bundle_uri_.is_advertised()) list.emplace_back("bundle-uri");
  return list;
}

Server::Command Server::command_named(std::string_view name) const {
  if (name == "ls-refs") return Command::ls_refs;
  if (name == "fetch") return Command::fetch;
  if (name == "object-info" && has_object_info_) return Command::object_info;
  if (name == "bundle-uri" && bundle_uri_.is_advertised()) return Command::bundle_uri;
  die("invalid command '%s'", name);
}

// Looked at as it comes, so that a client that makes no sense is told so at once.
void Server::check_key(std::string_view key) {
  std::string_view value;
  if (skip_prefix(key, "command=", &value)) {
    command_named(value);
  } else if (skip_prefix(key, "object-format=", &value)) {
    client_algo_ = hash_by_name(value);
    if (client_algo_ == HashAlgo::unknown) die("unknown object format '%s' specified by client", value);
  } else if (skip_prefix(key, "session-id=", &value)) {
    trace2::data("transfer", "client-sid", value);
  } else if (skip_prefix(key, "promisor-remote=", &value)) {
    fetch_.skip_promised(accepts_promisor(repo_.config(), value));
  } else if (!skip_prefix(key, "agent=", &value) && !skip_prefix(key, "server-option=", &value)) {
    die("unknown capability '%s'", key);
  }
}

void Server::begin(const ServeEvent& event) {
  command_ = command_named(event.text);
  if (client_algo_ != repo_.algo())
    die("mismatched object format: server %s; client %s", hash_name(repo_.algo()), hash_name(client_algo_));
  client_algo_ = HashAlgo::sha1;
  if (command_ == Command::ls_refs)
    ls_refs_.begin();
  else if (command_ == Command::fetch)
    fetch_.begin();
  else if (command_ == Command::object_info)
    object_info_.begin();
}

void Server::argument(const ServeEvent& event) {
  if (command_ == Command::ls_refs) {
    if (!ls_refs_.argument(event.text)) die(_("unexpected line: '%s'"), event.text);
  } else if (command_ == Command::fetch) {
    fetch_.argument(machine_, event.text);
  } else if (command_ == Command::bundle_uri) {
    bundle_uri_.argument(event.text);
  } else {
    object_info_.argument(machine_, event.text);
  }
}

void Server::end() {
  if (command_ == Command::ls_refs)
    ls_refs_.end(machine_);
  else if (command_ == Command::fetch)
    fetch_.end(machine_, [this] { channel_.flush(machine_); });
  else if (command_ == Command::bundle_uri)
    bundle_uri_.end(machine_);
  else
    object_info_.end(machine_);
  channel_.flush(machine_);
  command_ = Command::none;
}

void Server::run() {
  machine_.set_tap(packet_tap("upload-pack", false));
  if (options_.advertise_only || !options_.is_stateless) {
    machine_.advertise(capabilities());
    channel_.flush(machine_);
  }
  if (options_.advertise_only) return;
  for (;;) {
    while (auto event = machine_.next_event()) {
      switch (event->kind) {
        case ServeEvent::Kind::key:
          check_key(event->text);
          break;
        case ServeEvent::Kind::command:
          begin(*event);
          break;
        case ServeEvent::Kind::argument:
          argument(*event);
          break;
        case ServeEvent::Kind::end:
          end();
          break;
        case ServeEvent::Kind::done:
          return;
        case ServeEvent::Kind::error:
          die("%s", event->text);
      }
    }
    channel_.step(machine_);
  }
}

}  // namespace

void serve_v2(Repository& repo, const ServeOptions& options) {
  IgnoreSigpipe quiet;
  Server(repo, options).run();
}

}  // namespace git
