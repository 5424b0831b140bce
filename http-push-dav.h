// The few methods of WebDAV (RFC 4918) that a push needs.
#pragma once

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http.h"

namespace git {

// A write lock on one resource; given back when it goes.
class DavLock {
 public:
  DavLock() = default;
  DavLock(DavLock&& other) noexcept;
  DavLock& operator=(DavLock&& other) noexcept;
  ~DavLock();
  bool is_held() const { return client_ != nullptr; }
  const std::string& token() const { return token_; }
  // Keeps it from running out, where that is near.
  void refresh();
  bool release();

 private:
  friend class DavClient;
  class DavClient* client_ = nullptr;
  std::string url_, token_;
  std::time_t start_ = 0;
  long timeout_ = 0;
};

struct DavEntry {
  std::string path;  // as the server names it, decoded, without its host
  bool is_collection = false;
};

class DavClient {
 public:
  explicit DavClient(HttpSession& session) : session_(session) {}

  // Does the server lock what is there, for writing, exclusively?
  bool supports_locks(const std::string& url);
  // The members of a collection, itself left out; nullopt where there is no such collection.
  std::optional<std::vector<DavEntry>> list(const std::string& url);
  // Makes a collection where there is none.
  bool make_collection(const std::string& url);
  DavLock lock(const std::string& url);
  bool put(const std::string& url, std::string_view body, const DavLock* lock = nullptr);
  bool move(const std::string& from, const std::string& to);
  bool remove(const std::string& url);
  const std::string& error_text() const { return error_; }

 private:
  friend class DavLock;
  // Sends one request, asking for credentials as needed. False where the server refused.
  bool request(const char* method, const std::string& url, const std::vector<std::string>& headers, std::string_view body,
               std::string* answer);
  HttpSession& session_;
  long status_ = 0;
  std::string error_;
};

}  // namespace git
