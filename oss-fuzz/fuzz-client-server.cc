// Our v2 client against a v2 server in memory, the pieces cut as the input says: a negotiation always ends.
#include <cstdint>
#include <string>
#include <string_view>

#include <set>

#include "base/strings.h"
#include "negotiator/negotiator.h"
#include "protocol/fetch-v2-client.h"
#include "protocol/serve-v2.h"
#include "wire/acks.h"

namespace {

git::ObjectId name_of(std::uint32_t n) {
  std::string raw(20, '\0');
  for (int i = 0; i < 4; i++) raw[static_cast<std::size_t>(i)] = static_cast<char>(n >> (8 * i));
  raw[19] = 1;
  return git::ObjectId::from_raw(raw, git::HashAlgo::sha1);
}

// Commit n has the parents that the input names, all older.
class MadeHistory : public git::CommitSource {
 public:
  explicit MadeHistory(std::string_view bytes) : bytes_(bytes) {}
  bool parse(git::CommitNumber) override { return true; }
  bool is_parsed(git::CommitNumber) override { return true; }
  std::uint64_t date(git::CommitNumber n) override { return n * 60u; }
  std::uint64_t generation(git::CommitNumber) override { return ~0ull; }
  void parents(git::CommitNumber n, std::vector<git::CommitNumber>& out) override {
    out.clear();
    if (n == 0) return;
    std::uint32_t step = n < bytes_.size() ? static_cast<unsigned char>(bytes_[n]) % 5u + 1u : 1u;
    out.push_back(n >= step ? n - step : 0);
    if (step == 3 && n > 1) out.push_back(n - 1);
  }
  git::ObjectId name(git::CommitNumber n) override { return name_of(n); }
  std::optional<git::CommitNumber> find(const git::ObjectId& oid) override {
    std::uint32_t n = 0;
    for (int i = 3; i >= 0; i--) n = n << 8 | oid.data()[i];
    if (!(name_of(n) == oid) || n > 500) return std::nullopt;
    return n;
  }

 private:
  std::string_view bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 8) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  MadeHistory history(bytes);
  auto negotiator = git::make_negotiator(data[0] % 2 ? "skipping" : "consecutive", history);
  git::FetchRequest request;
  request.server.add("version 2");
  request.server.add("fetch=shallow wait-for-done");
  request.wait_for_done = data[1] % 2;
  if (!request.wait_for_done) request.wants.push_back(name_of(9999));
  negotiator->add_tip(data[2] % 200u + 100u);
  std::uint32_t server_has = data[3];
  git::FetchV2Client client(std::move(request), negotiator.get(), &history);
  git::ServeV2 server(true);
  client.start();
  std::set<git::ObjectId> acks;
  bool done = false, wait = false, wants = false;
  std::size_t turn = 4, idle = 0;
  for (int steps = 0; steps < 200000 && client.is_waiting(); steps++) {
    std::size_t piece = data[turn++ % size] % 64u + 1u;
    std::string_view out = client.pending_output().substr(0, piece);
    server.feed(out);
    client.consume_output(out.size());
    while (auto event = server.next_event()) {
      if (event->kind == git::ServeEvent::Kind::argument) {
        if (event->text == "done")
          done = true;
        else if (event->text == "wait-for-done")
          wait = true;
        else if (git::starts_with(event->text, "want "))
          wants = true;
        else if (auto have = git::parse_oid_line(event->text, "have", git::HashAlgo::sha1))
          if (auto n = history.find(have->oid); n && *n <= server_has) acks.insert(have->oid);
      }
      if (event->kind != git::ServeEvent::Kind::end) continue;
      if (!done || (wait && !wants)) {
        server.respond("acknowledgments\n");
        if (acks.empty()) server.respond("NAK\n");
        for (const git::ObjectId& oid : acks) server.respond(git::format_ack({git::AckKind::ack, oid}));
        server.respond_flush();
      } else {
        server.respond("packfile\n");
        server.respond(std::string("\1PACK"));
        server.respond_flush();
      }
      acks.clear();
      done = false;
    }
    std::string_view answer = server.pending_output().substr(0, data[turn++ % size] % 64u + 1u);
    client.feed(answer);
    server.consume_output(answer.size());
    while (client.next_event()) {
    }
    idle = out.empty() && answer.empty() ? idle + 1 : 0;
    if (idle > 3) __builtin_trap();  // both wait for the other
  }
  if (client.is_waiting()) __builtin_trap();
  return 0;
}
