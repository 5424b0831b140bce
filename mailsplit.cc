// A mail begins with a line "From somebody Mon Sep 17 00:00:00 2001".
#include "mailsplit.h"

#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/fmt.h"
#include "base/strings.h"

namespace git {
namespace {

bool is_from_line(std::string_view line) {
  if (line.size() < 20 || !starts_with(line, "From ")) return false;
  const std::size_t colon = line.rfind(':', line.size() - 2);
  if (colon == std::string_view::npos || colon < 9 || colon + 3 >= line.size()) return false;
  for (std::ptrdiff_t offset : {-4, -2, -1, 1, 2})
    if (!is_digit(line[static_cast<std::size_t>(static_cast<std::ptrdiff_t>(colon) + offset)])) return false;
  std::string_view year = ltrim(line.substr(colon + 3));
  std::size_t digits = 0;
  while (digits < year.size() && is_digit(year[digits])) digits++;
  return parse_uint(year.substr(0, digits)).value_or(0) > 90;
}

bool is_quoted_from(std::string_view line) {
  std::size_t marks = 0;
  while (marks < line.size() && line[marks] == '>') marks++;
  return marks && starts_with(line.substr(marks), "From ");
}

// Names of a Maildir's mails in the order of their numbers.
bool maildir_order(const std::string& a, const std::string& b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      auto number = [](const std::string& s, std::size_t& at) {
        std::uint64_t value = 0;
        for (; at < s.size() && is_digit(s[at]); at++) value = value * 10 + static_cast<std::uint64_t>(s[at] - '0');
        return value;
      };
      const std::uint64_t x = number(a, i), y = number(b, j);
      if (x != y) return x < y;
      continue;
    }
    if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
    i++, j++;
  }
  return a.size() - i < b.size() - j;
}

bool is_maildir(const std::string& path) { return is_directory(path); }

}  // namespace

Result<std::vector<std::string>> split_mbox(std::string_view text, const MailsplitOptions& options) {
  std::vector<std::string> mails;
  while (!text.empty() && is_space(text[0])) text.remove_prefix(1);
  bool is_bare = false;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    std::string line(text.substr(0, newline == std::string_view::npos ? text.size() : newline + 1));
    text.remove_prefix(line.size());
    if (is_from_line(line) || mails.empty()) {
      is_bare = !is_from_line(line);
      if (is_bare && !options.allow_bare) return make_error(ErrorKind::invalid, "%s", "corrupt mailbox");
      mails.emplace_back();
    } else if (options.mboxrd && !is_bare && is_quoted_from(line)) {
      line.erase(0, 1);
    }
    if (!options.keep_cr && ends_with(line, "\r\n")) line.erase(line.size() - 2, 1);
    mails.back() += line;
  }
  return mails;
}

int split_mail_files(const std::vector<std::string>& paths, const std::string& dir, const MailsplitOptions& options) {
  int number = options.skip;
  auto store = [&](const std::string& mail) {
    const std::string file = path_join(dir, strf("%0*d", options.digits, ++number));
    if (!write_file(file, mail)) die_errno(_("cannot open output file '%s'"), file);
  };
  for (const std::string& path : paths) {
    if (path != "-" && is_maildir(path)) {
      std::vector<std::string> names;
      for (const char* part : {"cur", "new"})
        for (const std::string& name : list_dir(path_join(path, part)))
          if (name[0] != '.') names.push_back(std::string(part) + "/" + name);
      std::sort(names.begin(), names.end(), maildir_order);
      for (const std::string& name : names) {
        auto text = read_file(path_join(path, name));
        if (!text) return error_errno(_("cannot open mail %s"), path_join(path, name));
        std::string mail;
        for (std::string_view rest = *text; !rest.empty();) {
          const std::size_t newline = rest.find('\n');
          std::string line(rest.substr(0, newline == std::string_view::npos ? rest.size() : newline + 1));
          rest.remove_prefix(line.size());
          if (!options.keep_cr && ends_with(line, "\r\n")) line.erase(line.size() - 2, 1);
          mail += line;
        }
        store(mail);
      }
      continue;
    }
    auto text = path == "-" ? read_fd(0) : read_file(path);
    if (!text) return error_errno(_("cannot split patches from %s"), path == "-" ? std::string("stdin") : path);
    auto mails = split_mbox(*text, options);
    if (!mails) {
      errf("%s\n", mails.error().message);
      return -1;
    }
    for (const std::string& mail : *mails) store(mail);
  }
  return number - options.skip;
}

}  // namespace git
