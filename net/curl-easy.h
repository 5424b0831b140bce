// libcurl's easy handle with an owner, and what git says in GIT_TRACE_CURL about what happens on it.
#pragma once

#include <curl/curl.h>

#include <optional>
#include <string>
#include <vector>

namespace git {

// curl_global_init() and its end.
class CurlLibrary {
 public:
  // With this TLS backend, where libcurl has several.
  explicit CurlLibrary(const std::optional<std::string>& tls_backend = {});
  ~CurlLibrary();
  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;
};

class CurlEasy {
 public:
  CurlEasy();
  ~CurlEasy();
  CurlEasy(const CurlEasy&) = delete;
  CurlEasy& operator=(const CurlEasy&) = delete;

  CURL* get() const { return curl_; }
  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(curl_, option, value);
  }
  // libcurl copies the text.
  void set_text(CURLoption option, const std::string& value) { curl_easy_setopt(curl_, option, value.c_str()); }
  // Everything as after creation; connections and cookies stay.
  void reset();
  void set_headers(const std::vector<std::string>& headers);
  void set_resolve(const std::vector<std::string>& entries);
  // Shows what happens where GIT_TRACE_CURL or GIT_CURL_VERBOSE ask for it.
  void set_trace();
  CURLcode perform();
  // What went wrong in perform(): the server's or libcurl's words.
  std::string error_text(CURLcode code) const;
  long response_code() const;
  // The status that a proxy gave to CONNECT; 0 without one.
  long connect_code() const;
  long info_long(CURLINFO what) const;
  std::string info_text(CURLINFO what) const;

 private:
  CURL* curl_;
  curl_slist* headers_ = nullptr;
  curl_slist* resolve_ = nullptr;
  char error_[CURL_ERROR_SIZE] = "";
};

}  // namespace git
