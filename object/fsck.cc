// The rules for commits and tags.  Headers are read strictly in order, as every reader of objects does.
#include "object/fsck.h"

#include "base/strings.h"

namespace git {
namespace {

// The bytes not yet looked at, with the object they belong to.
struct Check {
  const ObjectId& oid;
  ObjectType type;
  std::string_view rest;
  HashAlgo algo;
  const FsckOptions& options;
  const FsckReport& report;

  bool bad(FsckMessage id, std::string_view text) const { return fsck_report(options, report, oid, type, id, text); }
  char peek(std::size_t at = 0) const { return at < rest.size() ? rest[at] : '\0'; }
};

// Headers end in an empty line or at the end of the object, and hold no NUL.
bool check_header_end(const Check& c) {
  for (std::size_t i = 0; i < c.rest.size(); i++) {
    if (c.rest[i] == '\0') return c.bad(FsckMessage::nul_in_header, strf("unterminated header: NUL at offset %u", i));
    if (c.rest[i] == '\n' && i + 1 < c.rest.size() && c.rest[i + 1] == '\n') return false;
  }
  if (!c.rest.empty() && c.rest.back() == '\n') return false;
  return c.bad(FsckMessage::unterminated_header, "unterminated header");
}

// Is a full object name with a newline behind it here? Takes it where it is.
bool take_oid_line(Check& c, ObjectId* oid = nullptr) {
  std::string_view at = c.rest;
  auto id = ObjectId::parse_prefix(at, c.algo);
  if (!id || !skip_prefix(at, "\n")) return false;
  c.rest = at;
  if (oid) *oid = *id;
  return true;
}

void skip_line(Check& c) {
  std::size_t end = c.rest.find('\n');
  c.rest.remove_prefix(end == std::string_view::npos ? c.rest.size() : end + 1);
}

bool date_overflows(std::string_view digits) {
  auto value = parse_uint(digits);
  return !value || *value >= UINT64_MAX || *value > static_cast<std::uint64_t>(INT64_MAX);
}

// "Name <mail> date zone\n". Takes the line in any case.
bool check_ident(Check& c) {
  std::string_view line = c.rest.substr(0, c.rest.find('\n'));
  skip_line(c);
  auto bad = [&](FsckMessage id, const char* what) { return c.bad(id, strf("invalid author/committer line - %s", what)); };
  auto at = [&](std::size_t i) { return i < line.size() ? line[i] : '\n'; };
  std::size_t p = 0;
  if (at(p) == '<') return bad(FsckMessage::missing_name_before_email, "missing space before email");
  p = std::min(line.find_first_of("<>"), line.size());
  if (at(p) == '>') return bad(FsckMessage::bad_name, "bad name");
  if (at(p) != '<') return bad(FsckMessage::missing_email, "missing email");
  if (line[p - 1] != ' ') return bad(FsckMessage::missing_space_before_email, "missing space before email");
  p = std::min(line.find_first_of("<>", p + 1), line.size());
  if (at(p) != '>') return bad(FsckMessage::bad_email, "bad email");
  if (at(++p) != ' ') return bad(FsckMessage::missing_space_before_date, "missing space before date");
  p++;
  while (at(p) == ' ' || at(p) == '\t') p++;
  if (!is_digit(at(p))) return bad(FsckMessage::bad_date, "bad date");
  if (at(p) == '0' && at(p + 1) != ' ') return bad(FsckMessage::zero_padded_date, "zero-padded date");
  std::size_t end = p;
  while (is_digit(at(end))) end++;
  if (date_overflows(line.substr(p, end - p))) return bad(FsckMessage::bad_date_overflow, "date causes integer overflow");
  if (at(end) != ' ') return bad(FsckMessage::bad_date, "bad date");
  p = end + 1;
  bool is_zone = (at(p) == '+' || at(p) == '-') && line.size() == p + 5;
  for (std::size_t i = 1; is_zone && i <= 4; i++) is_zone = is_digit(at(p + i));
  if (!is_zone) return bad(FsckMessage::bad_timezone, "bad time zone");
  return false;
}

// What a tag may be called; the rules of reference names.
bool is_valid_tag_name(std::string_view name) {
  if (name.empty() || name.back() == '.' || name.find("..") != std::string_view::npos ||
      name.find("@{") != std::string_view::npos)
    return false;
  for (std::string_view part : split(name, '/')) {
    if (part.empty() || part[0] == '.' || ends_with(part, ".lock")) return false;
    for (char ch : part)
      if (static_cast<unsigned char>(ch) <= ' ' || ch == 127 || std::string_view("~^:?*[\\").find(ch) != std::string_view::npos)
        return false;
  }
  return true;
}

// The rest of a line; nullopt where it has no end.
std::optional<std::string_view> take_rest_of_line(Check& c) {
  std::size_t end = c.rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = c.rest.substr(0, end);
  c.rest.remove_prefix(end + 1);
  return line;
}

bool check_tag_signature(Check& c) {
  while (skip_prefix(c.rest, "gpgsig ") || skip_prefix(c.rest, "gpgsig-sha256 ")) {
    if (!take_rest_of_line(c))
      return c.bad(FsckMessage::bad_gpgsig, "invalid format - unexpected end after 'gpgsig' or 'gpgsig-sha256' line");
    while (c.peek() == ' ')
      if (!take_rest_of_line(c))
        return c.bad(FsckMessage::bad_gpgsig, "invalid format - unexpected end in 'gpgsig' or 'gpgsig-sha256' continuation line");
  }
  return false;
}

}  // namespace

bool fsck_commit(const ObjectId& oid, std::string_view bytes, HashAlgo algo, const FsckOptions& options,
                 const FsckReport& report) {
  Check c{oid, ObjectType::commit, bytes, algo, options, report};
  if (check_header_end(c)) return true;
  if (!skip_prefix(c.rest, "tree ")) return c.bad(FsckMessage::missing_tree, "invalid format - expected 'tree' line");
  if (!take_oid_line(c)) {
    if (c.bad(FsckMessage::bad_tree_sha1, "invalid 'tree' line format - bad sha1")) return true;
    skip_line(c);
  }
  while (skip_prefix(c.rest, "parent ")) {
    if (take_oid_line(c)) continue;
    if (c.bad(FsckMessage::bad_parent_sha1, "invalid 'parent' line format - bad sha1")) return true;
    skip_line(c);
  }
  int authors = 0;
  for (; skip_prefix(c.rest, "author "); authors++)
    if (check_ident(c)) return true;
  if (authors < 1 && c.bad(FsckMessage::missing_author, "invalid format - expected 'author' line")) return true;
  if (authors > 1 && c.bad(FsckMessage::multiple_authors, "invalid format - multiple 'author' lines")) return true;
  if (!skip_prefix(c.rest, "committer "))
    return c.bad(FsckMessage::missing_committer, "invalid format - expected 'committer' line");
  if (check_ident(c)) return true;
  return bytes.find('\0') != std::string_view::npos && c.bad(FsckMessage::nul_in_commit, "NUL byte in the commit object body");
}

bool fsck_tag(const ObjectId& oid, std::string_view bytes, HashAlgo algo, const FsckOptions& options, const FsckReport& report,
              ObjectId* tagged, ObjectType* tagged_type) {
  Check c{oid, ObjectType::tag, bytes, algo, options, report};
  if (check_header_end(c)) return true;
  if (!skip_prefix(c.rest, "object ")) return c.bad(FsckMessage::missing_object, "invalid format - expected 'object' line");
  if (!take_oid_line(c, tagged)) {
    if (c.bad(FsckMessage::bad_object_sha1, "invalid 'object' line format - bad sha1")) return true;
    skip_line(c);
  }
  if (!skip_prefix(c.rest, "type ")) return c.bad(FsckMessage::missing_type_entry, "invalid format - expected 'type' line");
  auto type = take_rest_of_line(c);
  if (!type) return c.bad(FsckMessage::missing_type, "invalid format - unexpected end after 'type' line");
  ObjectType parsed = parse_type_name(*type);
  if (tagged_type) *tagged_type = parsed;
  if (parsed == ObjectType::bad && c.bad(FsckMessage::bad_type, "invalid 'type' value")) return true;
  if (!skip_prefix(c.rest, "tag ")) return c.bad(FsckMessage::missing_tag_entry, "invalid format - expected 'tag' line");
  auto name = take_rest_of_line(c);
  if (!name) return c.bad(FsckMessage::missing_tag, "invalid format - unexpected end after 'type' line");
  if (!is_valid_tag_name(*name) && c.bad(FsckMessage::bad_tag_name, strf("invalid 'tag' name: %s", *name))) return true;
  bool is_bad = false;
  if (!skip_prefix(c.rest, "tagger ")) {
    // Early tags have none.
    if (c.bad(FsckMessage::missing_tagger_entry, "invalid format - expected 'tagger' line")) return true;
  } else {
    is_bad = check_ident(c);
  }
  if (is_bad || check_tag_signature(c)) is_bad = true;
  // A tagger that goes on in the next line is judged by that line alone, as git does.
  if (!c.rest.empty() && c.peek() != '\n')
    return c.bad(FsckMessage::extra_header_entry, "invalid format - extra header(s) after 'tagger'");
  return is_bad;
}

}  // namespace git
