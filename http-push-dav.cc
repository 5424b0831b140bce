// Answers are XML in the namespace "DAV:"; expat hands us elements one by one, and the path of their names says what a
// text is.  Documents that declare entities are refused: no server has a use for them.
#include "http-push-dav.h"

#include <expat.h>

#include <functional>

#include "base/error.h"
#include "base/strings.h"
#include "net/url.h"

namespace git {
namespace {

constexpr long kLockSeconds = 600;
constexpr long kRefreshBefore = 300;
constexpr std::size_t kMaxAnswer = 64u << 20;

class XmlReader {
 public:
  // `at_end(path, text)` for every element as it closes; the path is "multistatus/response/href".
  using Visitor = std::function<void(std::string_view path, const std::string& text)>;
  static bool read(const std::string& document, Visitor at_end) {
    XmlReader reader(std::move(at_end));
    XML_Parser parser = XML_ParserCreateNS(nullptr, ':');
    if (!parser) die("XML_ParserCreate: out of memory");
    reader.parser_ = parser;
    XML_SetUserData(parser, &reader);
    XML_SetElementHandler(parser, start, end);
    XML_SetCharacterDataHandler(parser, text);
    XML_SetEntityDeclHandler(parser, refuse_entity);
    bool is_good = XML_Parse(parser, document.data(), static_cast<int>(document.size()), 1) == XML_STATUS_OK;
    XML_ParserFree(parser);
    return is_good;
  }

 private:
  explicit XmlReader(Visitor at_end) : at_end_(std::move(at_end)) {}
  static void start(void* self, const char* name, const char**) {
    auto* r = static_cast<XmlReader*>(self);
    std::string_view local = name;
    // "DAV::href": the namespace ends in a colon itself.
    local.remove_prefix(local.rfind(':') == std::string_view::npos ? 0 : local.rfind(':') + 1);
    if (!r->path_.empty()) r->path_ += '/';
    r->path_ += local;
    r->text_.clear();
  }
  static void end(void* self, const char*) {
    auto* r = static_cast<XmlReader*>(self);
    r->at_end_(r->path_, r->text_);
    r->text_.clear();
    std::size_t slash = r->path_.rfind('/');
    r->path_.resize(slash == std::string::npos ? 0 : slash);
  }
  static void text(void* self, const char* bytes, int length) {
    static_cast<XmlReader*>(self)->text_.append(bytes, static_cast<std::size_t>(length));
  }
  static void refuse_entity(void* self, const char*, int, const char*, int, const char*, const char*, const char*, const char*) {
    XML_StopParser(static_cast<XmlReader*>(self)->parser_, XML_FALSE);
  }

  Visitor at_end_;
  XML_Parser parser_ = nullptr;
  std::string path_, text_;
};

// "/repo.git/refs/" of "http://host/repo.git/refs/" or of itself.
std::string path_of_href(std::string_view href) {
  std::size_t scheme = href.find("://");
  if (scheme != std::string_view::npos) {
    std::size_t slash = href.find('/', scheme + 3);
    href = slash == std::string_view::npos ? "/" : href.substr(slash);
  }
  return url_decode(href);
}

struct Answer {
  std::string* body;
  bool is_too_large = false;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* to) {
  auto* answer = static_cast<Answer*>(to);
  if (answer->body->size() + size * count > kMaxAnswer) return 0;
  answer->body->append(data, size * count);
  return size * count;
}

struct Upload {
  std::string_view body;
  std::size_t at = 0;
};

std::size_t give_body(char* to, std::size_t size, std::size_t count, void* from) {
  auto* upload = static_cast<Upload*>(from);
  std::size_t n = upload->body.substr(upload->at).copy(to, size * count);
  upload->at += n;
  return n;
}

int rewind_body(void* from, curl_off_t offset, int origin) {
  auto* upload = static_cast<Upload*>(from);
  if (origin != SEEK_SET || offset < 0 || static_cast<std::size_t>(offset) > upload->body.size()) return CURL_SEEKFUNC_FAIL;
  upload->at = static_cast<std::size_t>(offset);
  return CURL_SEEKFUNC_OK;
}

}  // namespace

bool DavClient::request(const char* method, const std::string& url, const std::vector<std::string>& headers,
                        std::string_view body, std::string* answer) {
  for (;;) {
    std::vector<std::string> all = headers;
    all.push_back("Expect:");
    if (!session_.language_header().empty()) all.push_back(session_.language_header());
    CurlEasy& handle = session_.prepare(url, all);
    std::string received;
    Answer to{answer ? answer : &received};
    to.body->clear();
    Upload from{body};
    if (!body.empty()) {
      handle.set(CURLOPT_UPLOAD, 1L);
      handle.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(body.size()));
      handle.set(CURLOPT_READFUNCTION, give_body);
      handle.set(CURLOPT_READDATA, static_cast<void*>(&from));
      handle.set(CURLOPT_SEEKFUNCTION, rewind_body);
      handle.set(CURLOPT_SEEKDATA, static_cast<void*>(&from));
    }
    handle.set(CURLOPT_CUSTOMREQUEST, method);
    handle.set(CURLOPT_WRITEFUNCTION, take_body);
    handle.set(CURLOPT_WRITEDATA, static_cast<void*>(&to));
    HttpAnswer result = session_.run(handle);
    status_ = result.status;
    error_ = result.message;
    if (result.result == HttpResult::reauth) {
      session_.ask_credentials();
      continue;
    }
    if (result.result == HttpResult::rate_limited && session_.wait_for_rate_limit()) continue;
    return result.result == HttpResult::ok;
  }
}

bool DavClient::supports_locks(const std::string& url) {
  std::string answer;
  if (!request("PROPFIND", url, {"Depth: 0", "Content-Type: text/xml"},
               "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<D:propfind xmlns:D=\"DAV:\">\n"
               "<D:prop><D:supportedlock/></D:prop>\n</D:propfind>\n",
               &answer))
    return false;
  bool is_exclusive = false, is_write = false, found = false;
  bool is_good = XmlReader::read(answer, [&](std::string_view path, const std::string&) {
    if (ends_with(path, "lockentry/lockscope/exclusive")) is_exclusive = true;
    if (ends_with(path, "lockentry/locktype/write")) is_write = true;
    if (!ends_with(path, "supportedlock/lockentry")) return;
    found |= is_exclusive && is_write;
    is_exclusive = is_write = false;
  });
  return is_good && found;
}

std::optional<std::vector<DavEntry>> DavClient::list(const std::string& url) {
  std::string answer;
  if (!request("PROPFIND", url, {"Depth: 1", "Content-Type: text/xml"},
               "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<D:propfind xmlns:D=\"DAV:\">\n"
               "<D:prop><D:resourcetype/></D:prop>\n</D:propfind>\n",
               &answer))
    return std::nullopt;
  std::vector<DavEntry> entries;
  DavEntry entry;
  std::string own = path_of_href(url);
  bool is_good = XmlReader::read(answer, [&](std::string_view path, const std::string& text) {
    if (ends_with(path, "response/href")) entry.path = path_of_href(trim(text));
    if (ends_with(path, "resourcetype/collection")) entry.is_collection = true;
    if (path != "multistatus/response") return;
    if (entry.path != own && entry.path + "/" != own) entries.push_back(entry);
    entry = {};
  });
  if (!is_good) {
    error_ = "the list of a collection is no good XML";
    return std::nullopt;
  }
  return entries;
}

bool DavClient::make_collection(const std::string& url) {
  if (request("MKCOL", url, {}, {}, nullptr)) return true;
  constexpr long kIsThereAlready = 405;
  return status_ == kIsThereAlready;
}

DavLock DavClient::lock(const std::string& url) {
  DavLock lock;
  std::string answer, token, timeout;
  if (!request("LOCK", url, {strf("Timeout: Second-%d", kLockSeconds), "Content-Type: text/xml"},
               "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<D:lockinfo xmlns:D=\"DAV:\">\n"
               "<D:lockscope><D:exclusive/></D:lockscope>\n<D:locktype><D:write/></D:locktype>\n"
               "<D:owner><D:href>git</D:href></D:owner>\n</D:lockinfo>\n",
               &answer))
    return lock;
  bool is_good = XmlReader::read(answer, [&](std::string_view path, const std::string& text) {
    if (ends_with(path, "activelock/locktoken/href")) token = trim(text);
    if (ends_with(path, "activelock/timeout")) timeout = trim(text);
  });
  // A token goes into headers.
  if (!is_good || token.empty() || token.find_first_of("<>\r\n ") != std::string::npos) return lock;
  lock.client_ = this;
  lock.url_ = url;
  lock.token_ = token;
  lock.start_ = std::time(nullptr);
  std::string_view seconds = timeout;
  lock.timeout_ = kLockSeconds;
  if (skip_prefix(seconds, "Second-"))
    if (auto number = parse_uint(seconds); number && *number < 1u << 30) lock.timeout_ = static_cast<long>(*number);
  return lock;
}

bool DavClient::put(const std::string& url, std::string_view body, const DavLock* lock) {
  std::vector<std::string> headers;
  if (lock) headers.push_back("If: (<" + lock->token() + ">)");
  return request("PUT", url, headers, body, nullptr);
}

bool DavClient::move(const std::string& from, const std::string& to) {
  return request("MOVE", from, {"Destination: " + to, "Overwrite: T"}, {}, nullptr);
}

bool DavClient::remove(const std::string& url) { return request("DELETE", url, {}, {}, nullptr); }

DavLock::DavLock(DavLock&& other) noexcept { *this = std::move(other); }

DavLock& DavLock::operator=(DavLock&& other) noexcept {
  if (this == &other) return *this;
  if (is_held()) release();
  client_ = std::exchange(other.client_, nullptr);
  url_ = std::move(other.url_);
  token_ = std::move(other.token_);
  start_ = other.start_;
  timeout_ = other.timeout_;
  return *this;
}

DavLock::~DavLock() {
  try {
    if (is_held()) release();
  } catch (const Fatal&) {
    // The server's clock will end it.
  }
}

void DavLock::refresh() {
  if (!is_held() || std::time(nullptr) - start_ < timeout_ - kRefreshBefore) return;
  if (client_->request("LOCK", url_, {"If: (<" + token_ + ">)", strf("Timeout: Second-%d", kLockSeconds)}, {}, nullptr))
    start_ = std::time(nullptr);
}

bool DavLock::release() {
  DavClient* client = std::exchange(client_, nullptr);
  return client->request("UNLOCK", url_, {"Lock-Token: <" + token_ + ">"}, {}, nullptr);
}

}  // namespace git
