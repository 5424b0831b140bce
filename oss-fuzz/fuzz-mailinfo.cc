// Any bytes as a mail, and as a mailbox: taken apart without harm, and nothing of a mail gets lost between the two.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mailinfo.h"
#include "mailsplit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  git::MailinfoOptions options;
  options.use_scissors = size & 1;
  options.use_inbody_headers = !(size & 2);
  options.add_message_id = size & 4;
  (void)git::parse_mail(bytes, options);
  git::MailsplitOptions split;
  split.allow_bare = true;
  split.mboxrd = size & 1;
  if (auto mails = git::split_mbox(bytes, split))
    for (const std::string& mail : *mails) (void)git::parse_mail(mail, options);
  return 0;
}
