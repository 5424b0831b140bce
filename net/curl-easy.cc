// The trace has git's form: one line per header, data in rows of sixty bytes with dots for what can't be shown.
#include "net/curl-easy.h"

#include <string_view>

#include "base/env.h"
#include "base/error.h"
#include "base/strings.h"
#include "base/trace.h"
#include "net/http-headers.h"

namespace git {
namespace {

constexpr const char* kTraceKey = "GIT_TRACE_CURL";

struct TraceLook {
  bool shows_data = !get_env("GIT_TRACE_CURL_NO_DATA");
  bool redacts = env_bool("GIT_TRACE_REDACT", true);
};

void trace_header(const char* what, std::string_view bytes, bool hides) {
  trace_print(kTraceKey, strf("%s, %010zu bytes (0x%08zx)", what, bytes.size(), bytes.size()));
  for (std::string_view line : split_lines(bytes)) {
    std::string_view field = trim(line);
    trace_print(kTraceKey, strf("%s: %s", what, hides ? redact_header(field) : std::string(field)));
  }
}

void trace_data(const char* what, std::string_view bytes) {
  constexpr std::size_t kWidth = 60;
  trace_print(kTraceKey, strf("%s, %010zu bytes (0x%08zx)", what, bytes.size(), bytes.size()));
  while (!bytes.empty()) {
    std::string row;
    for (char c : bytes.substr(0, kWidth)) row += c >= 0x20 && c < 0x7f ? c : '.';
    trace_print(kTraceKey, strf("%s: %s", what, row));
    bytes.remove_prefix(row.size());
  }
}

int trace_event(CURL*, curl_infotype type, char* data, size_t size, void*) {
  const TraceLook look;
  std::string_view bytes(data, size);
  switch (type) {
    case CURLINFO_TEXT:
      trace_print(kTraceKey, "== Info: " + (look.redacts ? redact_info(bytes) : std::string(bytes)));
      break;
    case CURLINFO_HEADER_OUT:
      trace_header("=> Send header", bytes, look.redacts);
      break;
    case CURLINFO_HEADER_IN:
      trace_header("<= Recv header", bytes, false);
      break;
    case CURLINFO_DATA_OUT:
      if (look.shows_data) trace_data("=> Send data", bytes);
      break;
    case CURLINFO_SSL_DATA_OUT:
      if (look.shows_data) trace_data("=> Send SSL data", bytes);
      break;
    case CURLINFO_DATA_IN:
      if (look.shows_data) trace_data("<= Recv data", bytes);
      break;
    case CURLINFO_SSL_DATA_IN:
      if (look.shows_data) trace_data("<= Recv SSL data", bytes);
      break;
    default:
      break;
  }
  return 0;
}

curl_slist* make_list(const std::vector<std::string>& lines) {
  curl_slist* list = nullptr;
  for (const std::string& line : lines) {
    curl_slist* longer = curl_slist_append(list, line.c_str());
    if (!longer) die("curl_slist_append: out of memory");
    list = longer;
  }
  return list;
}

}  // namespace

CurlLibrary::CurlLibrary(const std::optional<std::string>& tls_backend) {
  const curl_ssl_backend** backends = nullptr;
  if (tls_backend && curl_global_sslset(CURLSSLBACKEND_NONE, tls_backend->c_str(), &backends) == CURLSSLSET_UNKNOWN_BACKEND) {
    std::string known;
    for (; backends && *backends; backends++) known += strf("\n\t%s", (*backends)->name);
    die(_("Unsupported SSL backend '%s'. Supported SSL backends:%s"), *tls_backend, known);
  }
  if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK) die("curl_global_init failed");
}
CurlLibrary::~CurlLibrary() { curl_global_cleanup(); }

CurlEasy::CurlEasy() : curl_(curl_easy_init()) {
  if (!curl_) die("curl_easy_init failed");
}
CurlEasy::~CurlEasy() {
  curl_easy_cleanup(curl_);
  curl_slist_free_all(headers_);
  curl_slist_free_all(resolve_);
}

void CurlEasy::reset() {
  curl_easy_reset(curl_);
  curl_slist_free_all(headers_);
  curl_slist_free_all(resolve_);
  headers_ = resolve_ = nullptr;
  error_[0] = '\0';
  set(CURLOPT_ERRORBUFFER, error_);
}

void CurlEasy::set_headers(const std::vector<std::string>& headers) {
  curl_slist_free_all(headers_);
  headers_ = make_list(headers);
  set(CURLOPT_HTTPHEADER, headers_);
}

void CurlEasy::set_resolve(const std::vector<std::string>& entries) {
  curl_slist_free_all(resolve_);
  resolve_ = make_list(entries);
  set(CURLOPT_RESOLVE, resolve_);
}

void CurlEasy::set_trace() {
  if (get_env("GIT_CURL_VERBOSE") && !get_env(kTraceKey)) set_env(kTraceKey, "1");
  if (!trace_want(kTraceKey)) return;
  set(CURLOPT_VERBOSE, 1L);
  set(CURLOPT_DEBUGFUNCTION, trace_event);
}

CURLcode CurlEasy::perform() {
  error_[0] = '\0';
  return curl_easy_perform(curl_);
}

std::string CurlEasy::error_text(CURLcode code) const { return error_[0] ? error_ : curl_easy_strerror(code); }

long CurlEasy::info_long(CURLINFO what) const {
  long value = 0;
  curl_easy_getinfo(curl_, what, &value);
  return value;
}
long CurlEasy::response_code() const { return info_long(CURLINFO_RESPONSE_CODE); }
long CurlEasy::connect_code() const { return info_long(CURLINFO_HTTP_CONNECTCODE); }

std::string CurlEasy::info_text(CURLINFO what) const {
  char* value = nullptr;
  curl_easy_getinfo(curl_, what, &value);
  return value ? value : "";
}

}  // namespace git
