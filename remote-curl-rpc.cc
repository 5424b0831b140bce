// A request that fits into http.postBuffer is sent with its length, and can be repeated when the server asks for
// credentials.  A larger one is streamed in chunks as the local command makes it, and can't: so an empty request goes
// first, and what it takes to be let in is settled before the first byte of the large one is sent.
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "net/channel.h"
#include "net/gzip.h"
#include "remote-curl.h"
#include "wire/pkt-line.h"

namespace git {
namespace {

constexpr std::size_t kWorthGzip = 1024;

// Reads the local command's packets one by one and makes the request's bytes of them.
class RequestSource {
 public:
  RequestSource(int fd, bool is_enveloped) : fd_(fd), is_enveloped_(is_enveloped) {}

  enum class Step : std::uint8_t { data, end_of_request, end };
  Step read(std::string& bytes) {
    char length_text[4];
    ssize_t got = read_in_full(fd_, length_text, sizeof(length_text));
    if (got == 0) return Step::end;
    if (got != sizeof(length_text)) die("%s", _("the remote end hung up unexpectedly"));
    std::string_view header(length_text, sizeof(length_text));
    int length = parse_packet_length(header);
    if (length < 0) die(_("protocol error: bad line length character: %s"), header);
    if (length == 0) {
      if (!is_enveloped_) bytes += header;
      return Step::end_of_request;
    }
    if (length == 3 || static_cast<std::size_t>(length) > kMaxPacketSize) die(_("protocol error: bad line length %d"), length);
    if (!is_enveloped_) bytes += header;
    if (length < 4) return Step::data;
    std::size_t size = static_cast<std::size_t>(length) - 4, at = bytes.size();
    bytes.resize(at + size);
    if (read_in_full(fd_, bytes.data() + at, size) != static_cast<ssize_t>(size))
      die("%s", _("the remote end hung up unexpectedly"));
    return Step::data;
  }

 private:
  int fd_;
  bool is_enveloped_;
};

// Follows the framing of a response, to tell a whole one from one that was cut off.
class FramingWatch {
 public:
  void feed(std::string_view bytes) {
    while (!bytes.empty()) {
      if (body_left_ > 0) {
        std::size_t n = std::min(body_left_, bytes.size());
        body_left_ -= n;
        bytes.remove_prefix(n);
        continue;
      }
      header_ += bytes[0];
      bytes.remove_prefix(1);
      if (header_.size() < 4) continue;
      int length = parse_packet_length(header_);
      if (length < 0)
        is_bad_ = true;
      else if (length >= 4)
        body_left_ = static_cast<std::size_t>(length) - 4;
      header_.clear();
    }
  }
  bool is_whole() const {
    if (is_bad_) {
      error(_("remote server sent a bad packet length"));
      return false;
    }
    if (!header_.empty()) error(_("%d bytes of length header were received"), header_.size());
    if (body_left_ > 0) error(_("%d bytes of body are still expected"), body_left_);
    return header_.empty() && body_left_ == 0;
  }

 private:
  std::string header_;
  std::size_t body_left_ = 0;
  bool is_bad_ = false;
};

class Rpc {
 public:
  Rpc(RemoteHttp& remote, const RpcSetup& setup)
      : remote_(remote), setup_(setup), source_(setup.in, setup.is_enveloped), url_(remote.url() + setup.service) {
    headers_ = {"Content-Type: application/x-" + setup.service + "-request",
                "Accept: application/x-" + setup.service + "-result"};
    if (std::string language = remote.session().language_header(); !language.empty()) headers_.push_back(language);
    if (std::string header = RemoteHttp::protocol_header(setup.version); !header.empty()) headers_.push_back(header);
  }

  bool run() {
    IgnoreSigpipe guard;
    while (!at_end_) {
      request_.clear();
      if (!load()) break;
      if (!post()) return false;
    }
    return true;
  }

 private:
  // As much of the next request as may be buffered. False where there is none.
  bool load() {
    is_large_ = false;
    for (;;) {
      if (request_.size() + kMaxPacketSize > remote_.session().settings().post_buffer) {
        is_large_ = true;
        return true;
      }
      switch (source_.read(request_)) {
        case RequestSource::Step::data:
          break;
        case RequestSource::Step::end:
          at_end_ = true;
          return !request_.empty();
        case RequestSource::Step::end_of_request:
          return !request_.empty();
      }
    }
  }

  bool post() {
    HttpSession& session = remote_.session();
    bool needs_continue = false;
    if (is_large_) {
      if (!settle(probe_with_auth())) return false;
      needs_continue = session.may_use_gss();
    } else if (setup_.uses_gzip && request_.size() > kWorthGzip) {
      body_ = gzip_bytes(request_);
      is_gzipped_ = true;
    }
    if (!is_gzipped_) body_ = request_;
    HttpAnswer answer;
    for (;;) {
      answer = send(needs_continue);
      if (is_large_) break;
      if (answer.result == HttpResult::reauth)
        session.ask_credentials();
      else if (answer.result != HttpResult::rate_limited || !session.wait_for_rate_limit())
        break;
    }
    is_gzipped_ = false;
    if (!settle(answer)) return false;
    if (!has_written_) return false;
    if (setup_.is_enveloped) return true;
    if (!framing_.is_whole()) return false;
    return write_in_full(setup_.out, "0002");
  }

  bool settle(const HttpAnswer& answer) {
    if (answer.result == HttpResult::ok) return true;
    std::string why;
    if (answer.status && answer.status != 200) why = strf("HTTP %d", answer.status);
    if (answer.curl_code != CURLE_OK) {
      if (!why.empty()) why += ' ';
      why += strf("curl %d", answer.curl_code);
      if (!answer.message.empty()) why += ' ' + answer.message;
    }
    error(_("RPC failed; %s"), why);
    return false;
  }

  HttpAnswer probe_with_auth() {
    HttpSession& session = remote_.session();
    for (;;) {
      HttpAnswer answer = probe();
      if (answer.result == HttpResult::reauth)
        session.ask_credentials();
      else if (answer.result != HttpResult::rate_limited || !session.wait_for_rate_limit())
        return answer;
    }
  }

  // An empty request, which a server answers with nothing.
  HttpAnswer probe() {
    CurlEasy& handle = remote_.session().prepare(url_, {headers_[0], headers_[1]});
    handle.set(CURLOPT_POST, 1L);
    handle.set(CURLOPT_POSTFIELDSIZE, 4L);
    handle.set_text(CURLOPT_COPYPOSTFIELDS, "0000");
    handle.set(CURLOPT_WRITEFUNCTION, drop_body);
    return remote_.session().run(handle);
  }

  HttpAnswer send(bool needs_continue) {
    std::vector<std::string> headers = headers_;
    headers.insert(headers.begin(), is_large_ && needs_continue ? "Expect: 100-continue" : "Expect:");
    if (is_large_) headers.push_back("Transfer-Encoding: chunked");
    if (is_gzipped_) headers.push_back("Content-Encoding: gzip");
    CurlEasy& handle = remote_.session().prepare(url_, headers);
    handle.set(CURLOPT_POST, 1L);
    tell();
    has_written_ = false;
    framing_ = {};
    body_at_ = 0;
    is_body_all_ = !is_large_;
    can_rewind_ = true;
    if (is_large_) {
      handle.set(CURLOPT_READFUNCTION, give_body);
      handle.set(CURLOPT_READDATA, static_cast<void*>(this));
      handle.set(CURLOPT_SEEKFUNCTION, rewind_body);
      handle.set(CURLOPT_SEEKDATA, static_cast<void*>(this));
    } else {
      handle.set(CURLOPT_POSTFIELDS, body_.data());
      handle.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
    }
    handle.set(CURLOPT_WRITEFUNCTION, take_body);
    handle.set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    handle_ = &handle;
    return remote_.session().run(handle);
  }

  void tell() const {
    if (remote_.options.verbosity <= 1) return;
    if (is_large_)
      errf("POST %s (chunked)\n", setup_.service);
    else if (is_gzipped_)
      errf("POST %s (gzip %d to %d bytes)\n", setup_.service, request_.size(), body_.size());
    else
      errf("POST %s (%d bytes)\n", setup_.service, body_.size());
  }

  static std::size_t drop_body(char*, std::size_t size, std::size_t count, void*) { return size * count; }

  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self) {
    Rpc& rpc = *static_cast<Rpc*>(self);
    std::string_view bytes(data, size * count);
    // What a server says beside an error status is not for the command.
    if (rpc.handle_->response_code() >= 300) return bytes.size();
    if (!bytes.empty()) rpc.has_written_ = true;
    if (!rpc.setup_.is_enveloped) rpc.framing_.feed(bytes);
    return write_in_full(rpc.setup_.out, bytes) ? bytes.size() : 0;
  }

  static std::size_t give_body(char* to, std::size_t size, std::size_t count, void* self) {
    Rpc& rpc = *static_cast<Rpc*>(self);
    while (rpc.body_at_ == rpc.body_.size()) {
      if (rpc.is_body_all_) return 0;
      rpc.can_rewind_ = false;
      rpc.body_.clear();
      rpc.body_at_ = 0;
      try {
        auto step = rpc.source_.read(rpc.body_);
        rpc.is_body_all_ = step != RequestSource::Step::data;
        rpc.at_end_ = step == RequestSource::Step::end;
      } catch (const Fatal& fatal) {
        report("fatal: ", fatal.message());
        return CURL_READFUNC_ABORT;
      }
    }
    std::size_t n = std::min(size * count, rpc.body_.size() - rpc.body_at_);
    rpc.body_.copy(to, n, rpc.body_at_);
    rpc.body_at_ += n;
    return n;
  }

  static int rewind_body(void* self, curl_off_t offset, int origin) {
    Rpc& rpc = *static_cast<Rpc*>(self);
    if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_CANTSEEK;
    if (!rpc.can_rewind_ || static_cast<std::size_t>(offset) > rpc.body_.size()) {
      error(_("unable to rewind rpc post data - try increasing http.postBuffer"));
      return CURL_SEEKFUNC_FAIL;
    }
    rpc.body_at_ = static_cast<std::size_t>(offset);
    return CURL_SEEKFUNC_OK;
  }

  RemoteHttp& remote_;
  const RpcSetup& setup_;
  RequestSource source_;
  std::string url_;
  std::vector<std::string> headers_;
  CurlEasy* handle_ = nullptr;
  std::string request_;  // as the command wrote it, or the start of it
  std::string body_;     // what is being sent
  std::size_t body_at_ = 0;
  bool is_large_ = false, is_gzipped_ = false, is_body_all_ = false, can_rewind_ = true;
  bool at_end_ = false, has_written_ = false;
  FramingWatch framing_;
};

}  // namespace

bool run_rpc(RemoteHttp& remote, const RpcSetup& setup) { return Rpc(remote, setup).run(); }

}  // namespace git
