// Mails taken apart, mailboxes cut up, and conflicts made comparable.
#include <gtest/gtest.h>

#include "mailinfo.h"
#include "mailsplit.h"
#include "merge/conflict-hunks.h"

namespace git {
namespace {

TEST(Mailinfo, SplitsMessageAndPatch) {
  Mailinfo mail = parse_mail(
      "From: A U Thor <author@example.com>\nSubject: Re: [PATCH 1/2] subject\n over two lines\nDate: today\n\n"
      "Body.\n---\n a | 1 +\n\ndiff --git a/a b/a\n",
      {});
  EXPECT_EQ(mail.author, "A U Thor");
  EXPECT_EQ(mail.email, "author@example.com");
  EXPECT_EQ(mail.subject, "subject over two lines");
  EXPECT_EQ(mail.message, "Body.\n");
  EXPECT_EQ(mail.patch, "---\n a | 1 +\n\ndiff --git a/a b/a\n");
}

TEST(Mailinfo, HeadersInTheBodyReplaceThoseOfTheMail) {
  Mailinfo mail =
      parse_mail("From: Sender <s@x>\nSubject: [PATCH] s\n\nFrom: Real Author <r@x>\n\nText.\n---\ndiff --git a/a b/a\n", {});
  EXPECT_EQ(mail.author, "Real Author");
  EXPECT_EQ(mail.message, "Text.\n");
}

TEST(Mailinfo, DecodesWordsAndBodies) {
  Mailinfo mail = parse_mail(
      "From: =?ISO-8859-1?Q?J=F6rg?= =?UTF-8?B?IFg=?= <j@x>\nContent-Transfer-Encoding: base64\nSubject: "
      "s\n\naGFsbG8KLS0tCmRpZmYgLQo=\n",
      {});
  EXPECT_EQ(mail.author, "J\xc3\xb6rg X");
  EXPECT_EQ(mail.message, "hallo\n");
  EXPECT_EQ(mail.patch, "---\ndiff -\n");
}

TEST(Mailinfo, ScissorsDropWhatStandsAbove) {
  MailinfoOptions options;
  options.use_scissors = true;
  Mailinfo mail = parse_mail("From: a <a@x>\nSubject: s\n\nchat\n-- >8 --\nSubject: real\n\nText.\n---\ndiff -\n", options);
  EXPECT_EQ(mail.subject, "real");
  EXPECT_EQ(mail.message, "Text.\n");
}

TEST(Mailsplit, CutsAtFromLines) {
  const char* box =
      "From x Mon Sep 17 00:00:00 2001\nSubject: 1\n\n>From here\nFrom there\r\nFrom y Mon Sep 17 00:00:00 2001\nSubject: 2\n";
  MailsplitOptions options;
  options.mboxrd = true;
  auto mails = split_mbox(box, options);
  ASSERT_TRUE(mails.ok());
  ASSERT_EQ(mails->size(), 2u);
  EXPECT_EQ((*mails)[0], "From x Mon Sep 17 00:00:00 2001\nSubject: 1\n\nFrom here\nFrom there\n");
  EXPECT_FALSE(split_mbox("no mail\n", {}).ok());
}

TEST(ConflictHunks, SidesAreOrderedAndLabelsGone) {
  auto a = normalize_conflicts("x\n<<<<<<< ours\n2\n||||||| base\n0\n=======\n1\n>>>>>>> theirs\n", 7, HashAlgo::sha1);
  auto b = normalize_conflicts("y\n<<<<<<< theirs\n1\n=======\n2\n>>>>>>> ours\n", 7, HashAlgo::sha1);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->text, "x\n<<<<<<<\n1\n=======\n2\n>>>>>>>\n");
  EXPECT_EQ(a->count, 1);
  EXPECT_EQ(a->id, b->id);
}

TEST(ConflictHunks, MarkersThatDoNotFitAreAnError) {
  EXPECT_FALSE(normalize_conflicts("<<<<<<< ours\n1\n=======\n2\n", 7, HashAlgo::sha1));
  EXPECT_FALSE(normalize_conflicts("<<<<<<< ours\n>>>>>>> theirs\n", 7, HashAlgo::sha1));
}

}  // namespace
}  // namespace git
