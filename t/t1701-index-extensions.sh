#!/bin/sh
test_description='an index in two files, and extensions that are not ours'

. ./test-lib.sh

test_expect_success 'most of the index is in a shared file' '
	for i in 1 2 3 4 5 6 7 8 9; do echo $i >file$i || return 1; done &&
	git add file? && git update-index --split-index &&
	git ls-files -s >before &&
	echo .git/sharedindex.* >expect && git rev-parse --shared-index-path >actual && test_cmp expect actual &&
	echo more >>file1 && git add file1 && git rm -q --cached file9 && echo new >other && git add other &&
	test-tool dump-split-index .git/index >dump &&
	test_grep "^replacements: 0$" dump && test_grep "^deletions: 8$" dump && test_grep "	other$" dump &&
	test_line_count = 6 dump
'

test_expect_success 'what is read is the two together' '
	cp .git/index saved && git ls-files -s >split &&
	git update-index --no-split-index && git ls-files -s >whole && test_cmp split whole &&
	test_line_count = 9 whole && cp saved .git/index
'

test_expect_success 'a stock git reads it' '
	stock=/usr/bin/git && { test -x $stock || return 0; } &&
	$stock ls-files -s >theirs && test_cmp split theirs && $stock status --porcelain -uno >status && git status --porcelain -uno >ours &&
	test_cmp status ours
'

test_expect_success 'without its shared file an index is refused' '
	mkdir away && mv .git/sharedindex.* away/ && test_when_finished "mv away/* .git/" &&
	test_must_fail git ls-files 2>err && test_grep "sharedindex" err
'

test_expect_success 'a shared file that is another one is refused' '
	shared=$(git rev-parse --shared-index-path) && cp $shared kept && test_when_finished "cp kept $shared" &&
	chmod u+w $shared && cp saved $shared && test_must_fail git ls-files 2>err && test_grep "broken index, expect" err
'

test_expect_success 'core.splitIndex' '
	git -c core.splitIndex=false add file2 && git rev-parse --shared-index-path >out && test_must_be_empty out &&
	git -c core.splitIndex=true update-index --force-write-index && git rev-parse --shared-index-path >out && test -s out
'

test_expect_success 'untracked cache and fsmonitor are refused, not ignored' '
	test_must_fail git update-index --untracked-cache &&
	test_must_fail git update-index --fsmonitor &&
	git update-index --no-untracked-cache --no-fsmonitor
'

test_done
