#!/bin/sh
test_description='consecutive and skipping offer what git offers, in the order and the rounds in which git offers it

The transcripts in t/wire/negotiation were recorded from git 2.39.5 (see t/wire/negotiation.pl).'

TEST_NO_CREATE_REPO=t
. ./test-lib.sh

for transcript in "$TEST_DIRECTORY"/wire/negotiation/*.txt
do
	test_expect_success "$(basename $transcript .txt)" '
		perl "$TEST_DIRECTORY/wire/negotiation.pl" replay "$GIT_BUILD_DIR/git" "$transcript" "$TRASH_DIRECTORY/work"
	'
done

test_done
