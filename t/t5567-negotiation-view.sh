#!/bin/sh
test_description='contrib/negotiation-view: one page that shows a negotiation'

TEST_NO_CREATE_REPO=t
. ./test-lib.sh

view="$TEST_DIRECTORY/../contrib/negotiation-view/negotiation-view"

test_expect_success 'a page with its rounds, its haves and their answers' '
	git init -q server && test_commit -C server one && test_commit -C server two && git clone -q server client &&
	test_commit -C client "a <b> & c" file content topic && test_commit -C server three &&
	GIT_TRACE_PACKET="$PWD/trace" git -C client fetch -q origin &&
	(cd client && perl "$view" --title="Mine & yours" ../trace >../view.html) &&
	test_grep "<h1>Mine &amp; yours</h1>" view.html && test_grep "1 round, 2 haves" view.html &&
	grep -c "class=\"ack\"><title>" view.html >count && echo 1 >expect && test_cmp expect count &&
	grep -c "class=\"miss\"><title>" view.html >count && echo 1 >expect && test_cmp expect count &&
	test_grep "a &lt;b&gt; &amp; c" view.html
'

test_expect_success 'the page stands alone' '
	test_grep ! "src=\|href=\|@import\|url(" view.html
'

test_expect_success 'a trace without a negotiation says so' '
	GIT_TRACE_PACKET="$PWD/none" git ls-remote server >/dev/null &&
	(cd client && perl "$view" ../none >../none.html) && test_grep "No negotiation in this trace" none.html &&
	test_expect_code 129 perl "$view"
'

test_done
