// Headers, discovery, gzip and credentials: what a server or a helper may say, and what is made of it.
#include <gtest/gtest.h>

#include "credential.h"
#include "http-backend-body.h"
#include "net/gzip.h"
#include "net/http-discovery.h"
#include "net/http-headers.h"
#include "net/url.h"
#include "wire/pkt-line.h"

namespace git {
namespace {

TEST(HttpHeaders, ShowNoSecret) {
  EXPECT_EQ(redact_header("Authorization: Basic Zm9vOmJhcg=="), "Authorization: Basic <redacted>");
  EXPECT_EQ(redact_header("proxy-authorization: secret"), "proxy-authorization: <redacted>");
  EXPECT_EQ(redact_header("Cookie: a=1; b=; c"), "Cookie: a=<redacted>; b=<redacted>; c");
  EXPECT_EQ(redact_header("Accept: */*"), "Accept: */*");
  EXPECT_EQ(redact_info("h2h3 [authorization: Basic Zm9v]"), "h2h3 [authorization: Basic <redacted>]");
  EXPECT_EQ(redact_info("[HTTP/2] [1] [authorization: Bearer x]"), "[HTTP/2] [1] [authorization: Bearer <redacted>]");
  EXPECT_EQ(redact_info("Connected to [::1] port 80"), "Connected to [::1] port 80");
}

TEST(HttpHeaders, OnlyTheLastResponseCounts) {
  ResponseHeaders headers;
  for (const char* line : {"HTTP/1.1 401 No", "WWW-Authenticate: Basic realm=\"a\"", "HTTP/1.1 401 Still no",
                           "www-authenticate: Digest", "  realm=\"b\"", "\t", "Retry-After: 7", "  no part of it"})
    headers.feed(line);
  EXPECT_EQ(headers.challenges(), (std::vector<std::string>{"Digest realm=\"b\""}));
  EXPECT_EQ(headers.retry_after(), "7");
}

TEST(HttpHeaders, Languages) {
  EXPECT_EQ(accept_language("ko_KR.UTF-8"), "ko-KR, *;q=0.9");
  EXPECT_EQ(accept_language("::de@euro:en_US!!"), "de, en-US;q=0.9, *;q=0.8");
  EXPECT_EQ(accept_language(""), "");
  std::string twelve = accept_language("a:b:c:d:e:f:g:h:i:j:k:l");
  EXPECT_TRUE(twelve.ends_with("l;q=0.89, *;q=0.88")) << twelve;
}

TEST(HttpHeaders, ContentTypes) {
  ContentType type = parse_content_type(" Text/Plain ;x=y; Charset = \"utf-16\"");
  EXPECT_EQ(type.type, "text/plain");
  EXPECT_EQ(type.charset, "utf-16");
}

constexpr const char* kType = "application/x-git-upload-pack-advertisement";

TEST(HttpDiscovery, TakesTheIntroductionOff) {
  std::string body;
  append_packet(body, "# service=git-upload-pack\n");
  append_flush(body);
  append_packet(body, "version 1\n");
  auto said = smart_advertisement("git-upload-pack", kType, body);
  ASSERT_TRUE(said.ok());
  EXPECT_EQ(*said, "000eversion 1\n");
  body.clear();
  append_packet(body, "version 2\n");
  EXPECT_EQ(*smart_advertisement("git-upload-pack", kType, body), body);
  EXPECT_TRUE(smart_advertisement("git-upload-pack", "text/plain", body)->empty());
}

TEST(HttpDiscovery, RefusesWhatIsNone) {
  for (const char* body : {"", "0000", "00", "fff0# service=git-upload-pack", "001e# service=git-receive-pack\n", "000bERR no\n",
                           "001e# service=git-upload-pack\n", "001e# service=git-upload-pack\n0000"})
    EXPECT_FALSE(smart_advertisement("git-upload-pack", kType, body).ok()) << body;
  EXPECT_EQ(smart_advertisement("git-upload-pack", kType, "000bERR no\n").error().message, "remote error: no");
}

TEST(HttpDiscovery, DumbRefs) {
  std::string oid(40, 'a'), long_oid(64, 'b');
  auto refs = parse_dumb_refs(oid + "\trefs/heads/x\n");
  ASSERT_TRUE(refs.ok());
  EXPECT_EQ(refs->refs[0].name, "refs/heads/x");
  EXPECT_EQ(parse_dumb_refs(long_oid + "\trefs/heads/x\n")->algo, HashAlgo::sha256);
  EXPECT_TRUE(parse_dumb_refs("")->refs.empty());
  EXPECT_FALSE(parse_dumb_refs("<html>").ok());
  EXPECT_FALSE(parse_dumb_refs(oid + "\tx\n" + long_oid + "\ty\n").ok());
}

TEST(Gzip, InPiecesOfAnySize) {
  std::string text(100000, 'x');
  text += "end";
  std::string packed = gzip_bytes(text);
  for (std::size_t piece : {std::size_t{1}, std::size_t{7}, packed.size()}) {
    GzipReader reader;
    std::string out;
    for (std::size_t at = 0; at < packed.size(); at += piece)
      ASSERT_TRUE(reader.feed(std::string_view(packed).substr(at, piece), [&](std::string_view bytes) { out += bytes; }));
    EXPECT_TRUE(reader.is_done());
    EXPECT_EQ(out, text);
  }
  GzipReader reader;
  EXPECT_FALSE(reader.feed("this is no gzip", [](std::string_view) {}));
}

TEST(ContentLength, FitsOrIsRefused) {
  EXPECT_EQ(*parse_content_length("12"), 12u);
  EXPECT_FALSE(parse_content_length("")->has_value());
  EXPECT_FALSE(parse_content_length("9223372036854775808").ok());
  EXPECT_FALSE(parse_content_length("-1").ok());
}

Result<void> read(Credential& c, std::vector<std::string> lines) {
  std::size_t at = 0;
  return c.read_lines(
      [&](std::string& line) {
        if (at == lines.size()) return false;
        line = lines[at++];
        return true;
      },
      CredentialStep::initial);
}

TEST(Credentials, OfUrls) {
  auto c = parse_credential_url("https://me%40home:a%2Fb@example.com:8080//x/y%20z/");
  ASSERT_TRUE(c.ok());
  EXPECT_EQ(c->username, "me@home");
  EXPECT_EQ(c->password, "a/b");
  EXPECT_EQ(c->host, "example.com:8080");
  EXPECT_EQ(c->path, "x/y z");
  EXPECT_EQ(c->describe(true), "https://me%40home@example.com:8080/x/y%20z");
  EXPECT_EQ(parse_credential_url("https://example.com?a@b")->path, "?a@b");
  EXPECT_FALSE(parse_credential_url("example.com").ok());
  EXPECT_FALSE(parse_credential_url("://example.com").ok());
  EXPECT_FALSE(parse_credential_url("https://a%0ab/").ok());
  EXPECT_EQ(parse_credential_url("me@example.com/x", true)->username, "me");
}

TEST(Credentials, LinesAreReadToTheEmptyOne) {
  Credential c;
  ASSERT_TRUE(read(c, {"protocol=https", "wwwauth[]=one", "wwwauth[]=", "wwwauth[]=two", "nonsense=1", "", "host=late"}).ok());
  EXPECT_EQ(c.wwwauth_headers, std::vector<std::string>{"two"});
  EXPECT_FALSE(c.host.has_value());
  EXPECT_FALSE(read(c, {"no equals sign"}).ok());
}

TEST(Credentials, WriteNothingThatBreaksALine) {
  Credential c;
  c.host = "a\nb";
  EXPECT_FALSE(c.format(CredentialStep::helper).ok());
  c.host = "a\rb";
  EXPECT_FALSE(c.format(CredentialStep::helper).ok());
  c.host = "a";
  c.credential = "token";
  EXPECT_EQ(*c.format(CredentialStep::helper), "host=a\n");
  c.capa_authtype.set(CredentialStep::initial);
  EXPECT_EQ(*c.format(CredentialStep::helper), "capability[]=authtype\ncredential=token\nhost=a\n");
  EXPECT_EQ(*c.format(CredentialStep::response), "host=a\n");
}

TEST(Urls, PasswordsAreNotShown) {
  EXPECT_EQ(redact_url_password("https://me:secret@example.com/x"), "https://me:<redacted>@example.com/x");
  EXPECT_EQ(redact_url_password("https://me:@example.com:80/x"), "https://me:<redacted>@example.com:80/x");
  EXPECT_FALSE(redact_url_password("https://me@example.com:80/a:b@c"));
}

}  // namespace
}  // namespace git
