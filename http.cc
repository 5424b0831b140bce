// A request is repeated for two reasons: the server wants credentials (401), and it wants us to wait (429).  What the
// server said to the credentials is passed on to the helpers as soon as it is known.
#include "http.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "show/encoding.h"

namespace git {
namespace {

constexpr int kMaxAuthRounds = 3;
constexpr long kTooManyRequests = 429;

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* to) {
  std::string_view line(data, size * count);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  static_cast<ResponseHeaders*>(to)->feed(line);
  return size * count;
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* to) {
  (*static_cast<const HttpSession::Sink*>(to))(std::string_view(data, size * count));
  return size * count;
}

bool is_missing(CURLcode code, long status) {
  return status == 404 || status == 410 || code == CURLE_FILE_COULDNT_READ_FILE || code == CURLE_REMOTE_FILE_NOT_FOUND ||
         code == CURLE_REMOTE_ACCESS_DENIED;
}

}  // namespace

CurlEasy& HttpSession::prepare(const std::string& url, const std::vector<std::string>& headers) {
  configure(handle_, url, headers, false);
  return handle_;
}

HttpAnswer HttpSession::run(CurlEasy& handle) {
  handle.set(CURLOPT_HEADERFUNCTION, take_header);
  handle.set(CURLOPT_HEADERDATA, static_cast<void*>(&headers_));
  return conclude(handle, handle.perform());
}

HttpAnswer HttpSession::conclude(CurlEasy& handle, CURLcode code) {
  HttpAnswer answer;
  answer.status = handle.response_code();
  answer.message = handle.error_text(code);
  // Where the body of a refusal was wanted, or redirects were not, libcurl is content with what isn't good.
  if (code == CURLE_OK && answer.status >= 300) {
    code = CURLE_HTTP_RETURNED_ERROR;
    answer.message = strf("The requested URL returned error: %d", answer.status);
  }
  answer.curl_code = code;
  answer.type = parse_content_type(handle.info_text(CURLINFO_CONTENT_TYPE));
  answer.effective_url = handle.info_text(CURLINFO_EFFECTIVE_URL);
  if (code == CURLE_OK) {
    auth_.approve(config_);
    proxy_auth_.approve(config_);
    cert_auth_.approve(config_);
    proxy_cert_auth_.approve(config_);
    answer.result = HttpResult::ok;
    answer.message.clear();
    return answer;
  }
  if (handle.connect_code() == 407 || answer.status == 407) proxy_auth_.reject_if_known(config_);
  if (code == CURLE_SSL_CERTPROBLEM) {
    cert_auth_.reject_if_known(config_);
    answer.result = HttpResult::no_auth;
  } else if (code == CURLE_SSL_PINNEDPUBKEYNOTMATCH) {
    answer.result = HttpResult::bad_key;
  } else if (is_missing(code, answer.status)) {
    answer.result = HttpResult::missing;
  } else if (answer.status == 401) {
    auth_.wwwauth_headers = headers_.challenges();
    return refused(std::move(answer));
  } else if (answer.status == kTooManyRequests) {
    answer.result = HttpResult::rate_limited;
  }
  return answer;
}

HttpAnswer HttpSession::refused(HttpAnswer answer) {
  if ((auth_.username && auth_.password) || (auth_.authtype && auth_.credential)) {
    if (auth_.is_multistage) {
      auth_.clear_secrets();
      answer.result = HttpResult::reauth;
    } else {
      auth_.reject(config_);
      answer.result = HttpResult::no_auth;
    }
    return answer;
  }
  // From now on only what the server offers, so that a single method is used without being asked for again.
  auth_methods_ &= ~static_cast<long>(CURLAUTH_GSSNEGOTIATE);
  if (long offered = handle_.info_long(CURLINFO_HTTPAUTH_AVAIL)) {
    auth_methods_ &= offered;
    are_methods_restricted_ = true;
  }
  answer.result = HttpResult::reauth;
  return answer;
}

void HttpSession::ask_credentials() { auth_.fill(config_, true); }

bool HttpSession::wait_for_rate_limit() {
  if (rate_limit_tries_ <= 0) return false;
  rate_limit_tries_--;
  long delay = settings_.retry_after;
  bool is_asked_for = false;
  if (const auto& text = headers_.retry_after()) {
    if (auto seconds = parse_uint(*text); seconds && *seconds < 1000000000) {
      delay = static_cast<long>(*seconds);
      is_asked_for = true;
    } else if (time_t date = curl_getdate(text->c_str(), nullptr); date != -1) {
      delay = std::max<long>(0, static_cast<long>(date - ::time(nullptr)));
      is_asked_for = true;
    }
  }
  if (delay > settings_.max_retry_time) {
    if (is_asked_for)
      error(_("rate limited, asked to wait for %d seconds, which is greater than http.maxRetryTime (%d seconds)"), delay,
            settings_.max_retry_time);
    else
      error(_("configured http.retryAfter (%d seconds) exceeds http.maxRetryTime (%d seconds)"), delay, settings_.max_retry_time);
    return false;
  }
  warning(_("rate limited, waiting %d seconds before retry"), delay);
  if (delay > 0) ::sleep(static_cast<unsigned>(delay));
  return true;
}

HttpAnswer HttpSession::get_once(const std::string& url, const HttpGet& how, const Sink& sink) {
  std::vector<std::string> headers;
  if (!language_.empty()) headers.push_back(language_);
  headers.push_back(how.no_cache ? "Pragma: no-cache" : "Pragma:");
  headers.insert(headers.end(), how.headers.begin(), how.headers.end());
  configure(handle_, url, headers, how.is_initial);
  // A place in the middle of a file is counted in the bytes of the file.
  if (how.is_verbatim) handle_.set(CURLOPT_ACCEPT_ENCODING, static_cast<char*>(nullptr));
  if (how.resume_at) handle_.set_text(CURLOPT_RANGE, strf("%d-", how.resume_at));
  if (how.keeps_error) handle_.set(CURLOPT_FAILONERROR, 0L);
  handle_.set(CURLOPT_HTTPGET, 1L);
  handle_.set(CURLOPT_WRITEFUNCTION, take_body);
  handle_.set(CURLOPT_WRITEDATA, const_cast<void*>(static_cast<const void*>(&sink)));
  return run(handle_);
}

HttpAnswer HttpSession::get_patiently(const std::string& url, HttpGet& how, const Sink& sink,
                                      const std::function<void()>& restart) {
  std::string now = url;
  rate_limit_tries_ = settings_.max_retries;
  int rounds = kMaxAuthRounds;
  for (;;) {
    HttpAnswer answer = get_once(now, how, sink);
    bool is_settled = answer.result == HttpResult::ok || answer.result == HttpResult::reauth;
    if (is_settled && how.base_url && !answer.effective_url.empty() &&
        update_url_from_redirect(*how.base_url, now, answer.effective_url)) {
      // Credentials are for where we are now.
      bool had_secret = auth_.password || auth_.credential;
      Credential moved;
      moved.set_url(*how.base_url).or_die();
      if (!had_secret || moved.host != auth_.host || moved.protocol != auth_.protocol) {
        moved.wwwauth_headers = auth_.wwwauth_headers;
        auth_ = std::move(moved);
      }
      now = answer.effective_url;
    }
    if (answer.result == HttpResult::rate_limited) {
      if (!wait_for_rate_limit()) return answer;
    } else if (answer.result == HttpResult::reauth) {
      if (--rounds < 0) return answer;
      ask_credentials();
    } else {
      return answer;
    }
    restart();
  }
}

HttpAnswer HttpSession::get(const std::string& url, HttpGet& how, std::string& body) {
  body.clear();
  how.keeps_error = true;
  return get_patiently(
      url, how, [&](std::string_view bytes) { body += bytes; }, [&] { body.clear(); });
}

HttpAnswer HttpSession::get_into(const std::string& url, int fd) {
  HttpGet how;
  how.is_verbatim = true;
  off_t size = ::lseek(fd, 0, SEEK_END);
  how.resume_at = size > 0 ? static_cast<std::uint64_t>(size) : 0;
  bool is_fresh = true;
  auto sink = [&](std::string_view bytes) {
    // A server that knows no ranges sends all of it.
    if (std::exchange(is_fresh, false) && how.resume_at && handle_.response_code() == 200) {
      if (::ftruncate(fd, 0) < 0) die_errno(_("unable to truncate the download"));
      ::lseek(fd, 0, SEEK_SET);
    }
    if (!write_in_full(fd, bytes)) die_errno(_("unable to write the download"));
  };
  HttpAnswer answer = get_patiently(url, how, sink, [&] { is_fresh = true; });
  constexpr long kRangeNotSatisfiable = 416;
  // Nothing behind what is here already.
  if (answer.status == kRangeNotSatisfiable && how.resume_at) {
    answer.result = HttpResult::ok;
    answer.message.clear();
  }
  return answer;
}

HttpAnswer HttpSession::get_file(const std::string& url, const std::string& path) {
  std::string partial = path + ".temp";
  UniqueFd fd = open_fd(partial, O_RDWR | O_CREAT, 0666);
  if (!fd) {
    HttpAnswer answer;
    answer.message = strf(_("Unable to open local file %s: %s"), partial, std::string(strerror(errno)));
    return answer;
  }
  HttpAnswer answer = get_into(url, fd.get());
  fd.close();
  if (answer.result != HttpResult::ok) return answer;
  if (::rename(partial.c_str(), path.c_str()) < 0) {
    answer.result = HttpResult::error;
    answer.message = strf(_("unable to rename %s: %s"), partial, std::string(strerror(errno)));
  }
  return answer;
}

void show_http_message(const HttpAnswer& answer, const std::string& body) {
  // Pages for browsers would only fill the screen.
  if (answer.type.type != "text/plain") return;
  std::string text = body;
  if (!answer.type.charset.empty())
    if (auto converted = reencode_text(text, "UTF-8", answer.type.charset)) text = *converted;
  for (std::string_view line : split_lines(rtrim(text))) errf("remote: %s\n", rtrim(line));
}

bool update_url_from_redirect(std::string& base, const std::string& asked, const std::string& got) {
  if (asked == got) return false;
  std::string_view tail = asked;
  if (!skip_prefix(tail, base)) BUG("update_url_from_redirect: %s is not a superset of %s", asked, base);
  if (!ends_with(got, tail)) die(_("unable to update url base from redirection:\n  asked for: %s\n   redirect: %s"), asked, got);
  base = got.substr(0, got.size() - tail.size());
  return true;
}

}  // namespace git
