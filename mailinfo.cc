// A mail is headers (folded, encoded words), then a body that may come in parts and encodings.  Lines of the body belong to
// the message until something looks like a patch; headers at its very beginning replace those of the mail.
#include "mailinfo.h"

#include "base/strings.h"
#include "show/encoding.h"

namespace git {
namespace {

constexpr std::string_view kHeaders[] = {"From", "Subject", "Date"};
enum HeaderIndex : std::size_t { kFrom, kSubject, kDate };
enum class Encoding : unsigned char { none, base64, quoted };

// ---- small grammar ----

bool is_header_line(std::string_view line) {
  if (starts_with(line, "From ") || starts_with(line, ">From ")) return true;
  for (char c : line) {
    if (c == ':') return true;
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 33 || byte > 126) return false;
  }
  return false;
}

// The value behind "name:".
std::optional<std::string_view> header_value(std::string_view line, std::string_view name) {
  if (!istarts_with(line, name) || line.size() <= name.size() || line[name.size()] != ':') return std::nullopt;
  return line.substr(name.size() + 1);
}

// attribute="value" or attribute=value of a Content-Type.
std::optional<std::string> attribute(std::string_view line, std::string_view name) {
  const std::string lower = lowercase(line);
  const std::size_t at = lower.find(lowercase(name));
  if (at == std::string::npos) return std::nullopt;
  std::string_view rest = line.substr(at + name.size());
  const bool quoted = !rest.empty() && rest[0] == '"';
  if (quoted) rest.remove_prefix(1);
  return std::string(rest.substr(0, rest.find_first_of(quoted ? "\"" : "; \t\r\n")));
}

std::string decode_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0, held = 0;
  for (char c : text) {
    unsigned value;
    if (c == '+')
      value = 62;
    else if (c == '/')
      value = 63;
    else if (c >= 'A' && c <= 'Z')
      value = static_cast<unsigned>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      value = static_cast<unsigned>(c - 'a') + 26;
    else if (is_digit(c))
      value = static_cast<unsigned>(c - '0') + 52;
    else
      continue;
    held = held << 6 | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(held >> bits & 0xff);
    }
  }
  return out;
}

// `in_header`: '_' is a space.
std::string decode_quoted(std::string_view text, bool in_header) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i++) {
    const char c = text[i];
    if (c == '=' && i + 1 < text.size()) {
      if (text[i + 1] == '\n') break;  // the line goes on
      if (i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
        out += static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
        i += 2;
        continue;
      }
    }
    out += in_header && c == '_' ? ' ' : c;
  }
  return out;
}

std::string collapse_space(std::string_view text) {
  std::string out;
  bool was_space = false;
  for (char c : text) {
    if (!is_space(c))
      out += c;
    else if (!was_space)
      out += ' ';
    was_space = is_space(c);
  }
  return out;
}

// Quoted strings and comments of RFC 2822 without their quoting.
std::string unquote(std::string_view text) {
  std::string out;
  bool in_quotes = false;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); i++) {
    const char c = text[i];
    if (c == '\\' && (in_quotes || depth) && i + 1 < text.size()) {
      out += text[++i];
      continue;
    }
    if (!in_quotes && c == '(') depth++;
    if (!in_quotes && c == ')' && depth) depth--;
    if (c == '"' && !depth) {
      in_quotes = !in_quotes;
      continue;
    }
    out += c;
  }
  return out;
}

// "-- >8 --": perforation with a pair of scissors in it, and little else.
bool is_scissors_line(std::string_view line) {
  std::size_t scissors = 0, gap = 0, first = std::string_view::npos, last = 0, perforation = 0;
  bool in_perforation = false;
  for (std::size_t i = 0; i < line.size(); i++) {
    const char c = line[i];
    if (is_space(c)) {
      if (in_perforation) {
        perforation++;
        gap++;
      }
      continue;
    }
    last = i;
    if (first == std::string_view::npos) first = i;
    if (c == '-') {
      in_perforation = true;
      perforation++;
      continue;
    }
    const std::string_view pair = line.substr(i, 2);
    if (pair == ">8" || pair == "8<" || pair == ">%" || pair == "%<") {
      in_perforation = true;
      perforation += 2;
      scissors += 2;
      i++;
      last = i;
      continue;
    }
    in_perforation = false;
  }
  const std::size_t visible = first == std::string_view::npos ? 0 : last - first + 1;
  return scissors && 8 <= visible && visible < perforation * 3 && gap * 2 < perforation;
}

bool begins_patch(std::string_view line) {
  if (starts_with(line, "diff -") || starts_with(line, "Index: ")) return true;
  if (line.size() < 4 || !starts_with(line, "---")) return false;
  if (line[3] == ' ' && line.size() > 4 && !is_space(line[4])) return true;
  for (char c : line.substr(3)) {
    if (c == '\n') return true;
    if (!is_space(c)) return false;
  }
  return false;
}

bool is_format_patch_separator(std::string_view line) {
  constexpr std::string_view kDate = " Mon Sep 17 00:00:00 2001";
  if (!skip_prefix(line, "From ")) return false;
  std::size_t digits = 0;
  while (digits < line.size() && hex_value(line[digits]) >= 0) digits++;
  return (digits == 40 || digits == 64) && starts_with(line.substr(digits), kDate);
}

// ---- the machine ----

class MailParser {
 public:
  MailParser(std::string_view mail, const MailinfoOptions& options) : rest_(mail), options_(options) {}
  Mailinfo run();

 private:
  using HeaderData = std::optional<std::string>[3];
  bool next_line(std::string& line);
  bool next_header(std::string& line);
  bool check_header(const std::string& line, HeaderData& data, bool overwrite, bool is_mime);
  void content_type(std::string_view value);
  std::string decode_words(std::string_view text);
  bool to_encoding(std::string& text, const std::string& charset);
  void body();
  bool is_boundary(std::string_view line) const {
    return !boundaries_.empty() && line.size() >= boundaries_.back().size() && starts_with(line, boundaries_.back());
  }
  bool find_boundary(std::string& line);
  bool begin_part(std::string& line);
  void decoded_line(std::string line);
  void flowed_line(std::string line);
  void take_line(const std::string& line);
  bool message_line(std::string line);
  bool inbody_header(const std::string& line);
  void flush_inbody();
  void clean_subject(std::string& subject) const;
  void read_from(std::string from);
  void finish();

  std::string_view rest_;
  const MailinfoOptions& options_;
  Mailinfo mail_;
  HeaderData primary_, inbody_;
  std::string charset_, previous_, accumulated_;
  std::optional<std::string> message_id_;
  Encoding encoding_ = Encoding::none;
  bool flowed_ = false, delsp_ = false, in_patch_ = false, header_stage_ = true, has_patch_ = false;
  std::vector<std::string> boundaries_;
};

bool MailParser::next_line(std::string& line) {
  if (rest_.empty()) return false;
  const std::size_t newline = rest_.find('\n');
  const std::size_t length = newline == std::string_view::npos ? rest_.size() : newline + 1;
  line = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return true;
}

// A header with the lines it is folded over. The empty line behind the headers is taken, too; false there, and where a
// line is no header (which stays).
bool MailParser::next_header(std::string& line) {
  const std::string_view before = rest_;
  if (!next_line(line)) return false;
  line = rtrim(line);
  if (line.empty()) return false;
  if (!is_header_line(line)) {
    rest_ = before;
    return false;
  }
  while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t')) {
    std::string more;
    next_line(more);
    line = std::string(rtrim(line)) + " " + std::string(rtrim(std::string_view(more).substr(1)));
  }
  return true;
}

bool MailParser::to_encoding(std::string& text, const std::string& charset) {
  if (!options_.encoding || charset.empty()) return true;
  if (iequals(charset, *options_.encoding) || (is_utf8_name(charset) && is_utf8_name(*options_.encoding))) return true;
  auto converted = reencode_text(text, *options_.encoding, charset);
  if (!converted) {
    mail_.errors.push_back("cannot convert from " + charset + " to " + *options_.encoding);
    return false;
  }
  text = std::move(*converted);
  return true;
}

// RFC 2047: "=?charset?q?text?=", with nothing between two such words.
std::string MailParser::decode_words(std::string_view text) {
  std::string out;
  bool was_word = false;
  while (!text.empty()) {
    const std::size_t start = text.find("=?");
    if (start == std::string_view::npos) break;
    const std::size_t charset_end = text.find('?', start + 2);
    if (charset_end == std::string_view::npos || charset_end + 2 >= text.size() || text[charset_end + 2] != '?') break;
    const std::size_t end = text.find("?=", charset_end + 3);
    if (end == std::string_view::npos) break;
    const std::string_view between = text.substr(0, start);
    if (!was_word || !trim(between).empty()) out += between;
    const char kind = to_lower(text[charset_end + 1]);
    const std::string_view coded = text.substr(charset_end + 3, end - charset_end - 3);
    std::string word;
    if (kind == 'b')
      word = decode_base64(coded);
    else if (kind == 'q')
      word = decode_quoted(coded, true);
    else
      break;
    if (!to_encoding(word, std::string(text.substr(start + 2, charset_end - start - 2)))) return out + std::string(text);
    out += word;
    text.remove_prefix(end + 2);
    was_word = true;
  }
  return out + std::string(text);
}

void MailParser::content_type(std::string_view value) {
  if (auto format = attribute(value, "format="); format && iequals(*format, "flowed")) {
    flowed_ = true;
    auto delsp = attribute(value, "delsp=");
    delsp_ = delsp && iequals(*delsp, "yes");
  } else {
    flowed_ = delsp_ = false;
  }
  if (auto boundary = attribute(value, "boundary=")) boundaries_.push_back("--" + *boundary);
  if (auto charset = attribute(value, "charset=")) charset_ = *charset;
}

bool MailParser::check_header(const std::string& line, HeaderData& data, bool overwrite, bool is_mime) {
  for (std::size_t i = 0; i < 3; i++) {
    if (data[i] && !overwrite) continue;
    auto value = header_value(line, kHeaders[i]);
    if (!value) continue;
    data[i] = decode_words(ltrim(*value));
    return true;
  }
  if (!is_mime) return false;
  if (auto value = header_value(line, "Content-Type")) {
    content_type(decode_words(ltrim(*value)));
    return true;
  }
  if (auto value = header_value(line, "Content-Transfer-Encoding")) {
    const std::string word = lowercase(trim(*value));
    encoding_ = word.find("base64") != std::string::npos             ? Encoding::base64
                : word.find("quoted-printable") != std::string::npos ? Encoding::quoted
                                                                     : Encoding::none;
    return true;
  }
  if (auto value = header_value(line, "Message-ID")) {
    if (options_.add_message_id) message_id_ = std::string(trim(*value));
    return true;
  }
  return false;
}

// ---- the body ----

bool MailParser::find_boundary(std::string& line) {
  while (next_line(line))
    if (is_boundary(line)) return true;
  return false;
}

// At a boundary: to the first line of the next part. False at the end of the mail.
bool MailParser::begin_part(std::string& line) {
  while (starts_with(std::string_view(line).substr(boundaries_.back().size()), "--")) {
    boundaries_.pop_back();
    take_line("\n");
    if (boundaries_.empty() || !find_boundary(line)) return false;
  }
  encoding_ = Encoding::none;
  charset_.clear();
  std::string header;
  while (next_header(header)) check_header(header, primary_, false, true);
  return next_line(line);
}

void MailParser::body() {
  std::string line;
  if (!boundaries_.empty()) {
    if (!find_boundary(line) || !begin_part(line)) return;
  } else if (!next_line(line)) {
    return;
  }
  do {
    if (is_boundary(line)) {
      if (!previous_.empty()) {
        take_line(previous_);
        previous_.clear();
      }
      if (!begin_part(line)) break;
      if (is_boundary(line)) continue;
    }
    if (encoding_ == Encoding::none)
      flowed_line(line);
    else
      decoded_line(encoding_ == Encoding::base64 ? decode_base64(line) : decode_quoted(line, false));
  } while (next_line(line));
  if (!previous_.empty()) take_line(previous_);
  flush_inbody();
}

// What was decoded may hold several lines, and end within one.
void MailParser::decoded_line(std::string text) {
  text.insert(0, previous_);
  previous_.clear();
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t newline = rest.find('\n');
    if (newline == std::string_view::npos) {
      previous_ = rest;
      return;
    }
    std::string line(rest.substr(0, newline + 1));
    rest.remove_prefix(newline + 1);
    if (ends_with(line, "\r\n")) {
      mail_.has_quoted_cr = true;
      if (options_.quoted_cr == QuotedCr::strip) line.erase(line.size() - 2, 1);
    }
    const std::string keep = previous_;
    flowed_line(std::move(line));
  }
}

// RFC 3676: a line that ends in a space goes on in the next one.
void MailParser::flowed_line(std::string line) {
  if (!flowed_) {
    if (encoding_ == Encoding::none && !previous_.empty()) {
      line.insert(0, previous_);
      previous_.clear();
    }
    return take_line(line);
  }
  if (line == "-- \n") {
    if (!previous_.empty()) take_line(previous_ + "\n");
    previous_.clear();
    return take_line(line);
  }
  if (!line.empty() && line[0] == ' ') line.erase(0, 1);
  std::string_view text = line;
  strip_suffix(text, "\n");
  if (!text.empty() && text.back() == ' ') {
    previous_ += text.substr(0, text.size() - (delsp_ ? 1 : 0));
    return;
  }
  line.insert(0, previous_);
  previous_.clear();
  take_line(line);
}

void MailParser::take_line(const std::string& line) {
  if (!in_patch_ && !message_line(line)) return;
  in_patch_ = true;
  mail_.patch += line;
  has_patch_ = true;
}

void MailParser::flush_inbody() {
  if (accumulated_.empty()) return;
  const std::string line = std::move(accumulated_);
  accumulated_.clear();
  check_header(line, inbody_, false, false);
}

// Still among the headers at the beginning of the body?
bool MailParser::inbody_header(const std::string& line) {
  if (!accumulated_.empty() && (line[0] == ' ' || line[0] == '\t')) {
    if (options_.use_scissors && is_scissors_line(line)) {
      flush_inbody();
      return false;
    }
    while (!accumulated_.empty() && accumulated_.back() == '\n') accumulated_.pop_back();
    accumulated_ += line;
    return true;
  }
  flush_inbody();
  if (starts_with(line, ">From") && line.size() > 5 && is_space(line[5]))
    return is_format_patch_separator(std::string_view(line).substr(1));
  if (starts_with(line, "[PATCH]") && line.size() > 7 && is_space(line[7])) {
    inbody_[kSubject] = std::string(rtrim(line));
    return true;
  }
  for (std::size_t i = 0; i < 3; i++)
    if (!inbody_[i] && header_value(line, kHeaders[i])) {
      accumulated_ = line;
      return true;
    }
  return false;
}

// True where the patch begins with this line.
bool MailParser::message_line(std::string line) {
  if (header_stage_) {
    if (trim(line).empty()) {
      if (!accumulated_.empty()) {
        flush_inbody();
        header_stage_ = false;
      }
      return false;
    }
    header_stage_ = options_.use_inbody_headers && inbody_header(line);
    if (header_stage_) return false;
  }
  if (!to_encoding(line, charset_)) return false;
  if (options_.use_scissors && is_scissors_line(line)) {
    // What stands above was not meant for the log.
    mail_.message.clear();
    header_stage_ = true;
    for (auto& header : inbody_) header.reset();
    return false;
  }
  if (begins_patch(line)) {
    mail_.has_flowed_patch = flowed_;
    if (message_id_) mail_.message += "Message-ID: " + *message_id_ + "\n";
    return true;
  }
  mail_.message += line;
  return false;
}

// ---- what it comes to ----

void MailParser::clean_subject(std::string& subject) const {
  std::size_t at = 0;
  while (at < subject.size()) {
    const char c = subject[at];
    if (c == 'r' || c == 'R') {
      if (subject.size() <= at + 3 || to_lower(subject[at + 1]) != 'e' || subject[at + 2] != ':') break;
      subject.erase(at, 3);
    } else if (c == ' ' || c == '\t' || c == ':') {
      subject.erase(at, 1);
    } else if (c == '[') {
      const std::size_t close = subject.find(']', at);
      if (close == std::string::npos) break;
      const std::size_t length = close - at + 1;
      if (!options_.keep_non_patch_brackets || subject.substr(at, length).find("PATCH") != std::string::npos) {
        subject.erase(at, length);
      } else {
        at += length;
        if (at < subject.size() && is_space(subject[at])) at++;
      }
    } else {
      break;
    }
  }
  subject = trim(subject);
}

void MailParser::read_from(std::string from) {
  from = unquote(from);
  auto set_name = [this](std::string name) {
    const bool is_sane = name.size() >= 3 && name.size() <= 60 && name.find_first_of("@<>") == std::string::npos;
    mail_.author = is_sane ? std::move(name) : mail_.email.value_or("");
  };
  std::size_t at = from.find('@');
  if (at == std::string::npos) {
    const std::size_t open = from.find('<'), close = open == std::string::npos ? open : from.find('>', open);
    if (close == std::string::npos) return;
    mail_.email = from.substr(open + 1, close - open - 1);
    return set_name(std::string(trim(std::string_view(from).substr(0, open))));
  }
  while (at > 0 && !is_space(from[at - 1])) {
    if (from[at - 1] == '<') {
      from[at - 1] = ' ';
      break;
    }
    at--;
  }
  std::size_t end = from.find_first_of(" \n\t\r\v\f>", at);
  if (end == std::string::npos) end = from.size();
  mail_.email = from.substr(at, end - at);
  from.erase(at, end - at + (end < from.size() ? 1 : 0));
  std::string name(trim(collapse_space(from)));
  if (name.size() > 1 && name.front() == '(' && name.back() == ')') name = name.substr(1, name.size() - 2);
  set_name(std::move(name));
}

void MailParser::finish() {
  auto pick = [this](std::size_t i) { return has_patch_ && inbody_[i] ? inbody_[i] : primary_[i]; };
  if (auto from = pick(kFrom)) {
    read_from(collapse_space(*from));
    mail_.info += "Author: " + mail_.author.value_or("") + "\nEmail: " + mail_.email.value_or("") + "\n";
  }
  if (auto subject = pick(kSubject)) {
    if (!options_.keep_subject) {
      clean_subject(*subject);
      *subject = collapse_space(*subject);
    }
    while (!subject->empty() && subject->back() == '\n') subject->pop_back();
    mail_.subject = *subject;
    for (std::string_view line : split(*subject, '\n')) mail_.info += "Subject: " + std::string(line) + "\n";
  }
  if (auto date = pick(kDate)) {
    mail_.date = collapse_space(*date);
    mail_.info += "Date: " + *mail_.date + "\n";
  }
  mail_.info += "\n";
}

Mailinfo MailParser::run() {
  while (!rest_.empty() && is_space(rest_[0])) rest_.remove_prefix(1);
  std::string line;
  while (next_header(line)) check_header(line, primary_, true, true);
  body();
  finish();
  return std::move(mail_);
}

}  // namespace

std::optional<QuotedCr> parse_quoted_cr(std::string_view word) {
  if (word == "nowarn") return QuotedCr::nowarn;
  if (word == "warn") return QuotedCr::warn;
  if (word == "strip") return QuotedCr::strip;
  return std::nullopt;
}

Mailinfo parse_mail(std::string_view mail, const MailinfoOptions& options) { return MailParser(mail, options).run(); }

}  // namespace git
