// The bytes are put together once, checked, signed if asked, and written.
#include "walk/commit-write.h"

#include "base/strings.h"
#include "base/utf8.h"
#include "config.h"
#include "config/ident.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

bool is_utf8_name(std::string_view name) { return iequals(name, "utf-8") || iequals(name, "utf8"); }

constexpr char kNotUtf8[] =
    "Warning: commit message did not conform to UTF-8.\n"
    "You may want to amend it after fixing the message, or set the config\n"
    "variable i18n.commitEncoding to the encoding your project uses.\n";

// Bytes that are no UTF-8 are taken for Latin-1.
std::string repair_utf8(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size();) {
    auto lead = static_cast<unsigned char>(bytes[i]);
    std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (is_valid_utf8(bytes.substr(i, length)) && i + length <= bytes.size()) {
      out.append(bytes.substr(i, length));
      i += length;
      continue;
    }
    out += static_cast<char>(0xc0 | lead >> 6);
    out += static_cast<char>(0x80 | (lead & 0x3f));
    i++;
  }
  return out;
}

// The signature goes behind the last header, before the empty line.
void insert_signature(std::string& bytes, std::string_view signature, HashAlgo algo) {
  std::size_t end = bytes.find("\n\n") + 1;
  std::string header;
  append_folded_header(header, algo == HashAlgo::sha256 ? "gpgsig-sha256" : "gpgsig", rtrim(signature));
  bytes.insert(end, header);
}

}  // namespace

void append_folded_header(std::string& bytes, std::string_view key, std::string_view value) {
  bytes.append(key);
  if (!value.empty() && value.back() == '\n') value.remove_suffix(1);
  for (std::string_view line : split(value, '\n')) bytes.append(" ").append(line).append("\n");
}

Result<ObjectId> write_commit(Repository& repo, const NewCommit& commit) {
  if (commit.message.find('\0') != std::string::npos)
    return make_error(ErrorKind::invalid, "%s", _("a NUL byte in commit log message not allowed."));
  Config& config = repo.config();
  std::string encoding = config.get_string_or("i18n.commitencoding", "UTF-8");
  std::string bytes = strf("tree %s\n", commit.tree);
  for (const ObjectId& parent : commit.parents) bytes += strf("parent %s\n", parent);
  bytes += "author " + (commit.author ? *commit.author : author_ident(config)) + "\n";
  bytes += "committer " + (commit.committer ? *commit.committer : committer_ident(config)) + "\n";
  if (!is_utf8_name(encoding)) bytes += "encoding " + encoding + "\n";
  for (const auto& [key, value] : commit.extra_headers) append_folded_header(bytes, key, value);
  bytes += "\n" + commit.message;
  if (is_utf8_name(encoding) && !is_valid_utf8(bytes)) {
    bytes = repair_utf8(bytes);
    report("", _(kNotUtf8));
  }
  if (commit.sign) {
    Result<std::string> signature = commit.sign(bytes);
    if (!signature) return signature.error();
    insert_signature(bytes, *signature, repo.algo());
  }
  return repo.odb().write(ObjectType::commit, bytes);
}

std::vector<std::pair<std::string, std::string>> extra_commit_headers(std::string_view bytes,
                                                                      const std::vector<std::string>& exclude) {
  std::vector<std::pair<std::string, std::string>> headers;
  bool keep = false;
  while (auto line = next_part(bytes, '\n')) {
    if (line->empty()) break;
    if (line->front() == ' ') {
      if (keep) headers.back().second.append("\n").append(line->substr(1));
      continue;
    }
    std::size_t space = line->find(' ');
    std::string key(line->substr(0, space));
    keep = key != "tree" && key != "parent" && key != "author" && key != "committer" && key != "encoding";
    for (const std::string& name : exclude) keep = keep && key != name;
    if (keep) headers.emplace_back(key, space == std::string_view::npos ? "" : line->substr(space + 1));
  }
  return headers;
}

}  // namespace git
