// One mail taken apart: who wrote it, its subject, the message, and the patch (git-mailinfo(1)).  Bytes in, values out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace git {

enum class QuotedCr : unsigned char { unset, nowarn, warn, strip };
std::optional<QuotedCr> parse_quoted_cr(std::string_view word);

struct MailinfoOptions {
  bool keep_subject = false;             // -k
  bool keep_non_patch_brackets = false;  // -b
  bool add_message_id = false;           // -m
  bool use_scissors = false;
  bool use_inbody_headers = true;
  QuotedCr quoted_cr = QuotedCr::warn;
  std::optional<std::string> encoding = "UTF-8";  // of message and headers; absent: left as they are
};

struct Mailinfo {
  std::optional<std::string> author, email, date, subject;
  std::string message;  // without the subject
  std::string patch;
  std::vector<std::string> errors;
  bool has_quoted_cr = false;
  bool has_flowed_patch = false;  // spaces at line ends may be gone
  // "Author: ...\nEmail: ...\nSubject: ...\nDate: ...\n\n", as the command prints it.
  std::string info;
};
Mailinfo parse_mail(std::string_view mail, const MailinfoOptions& options);

}  // namespace git
