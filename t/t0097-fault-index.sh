#!/bin/sh
test_description='the index and loose objects survive whatever goes wrong while they are written'

. ./test-lib.sh
. "$TEST_DIRECTORY"/lib-fault.sh

test_expect_success 'a repository with something to add' '
	git init base &&
	(
		cd base &&
		git config gc.auto 0 && git config core.fsync all &&
		test_commit one && echo changed >one.t && mkdir sub && echo new >sub/new
	) &&
	git -C base ls-files -s >before &&
	cp -R base after && git -C after add . && git -C after ls-files -s >after.index
'

index_is_whole='
	git ls-files -s >now &&
	{ test_cmp ../after.index now || { test $code != 0 && test_cmp ../before now; }; } &&
	git fsck --no-dangling
'
fault_cases 'add' 'git add .' "$index_is_whole"
fault_cases 'update-index' 'printf "sub/new\none.t\n" | git update-index --add --stdin' "$index_is_whole"
fault_cases 'commit' 'git add sub && git commit -q -m two' '
	git fsck --no-dangling && git log --oneline >now && git ls-files -s >/dev/null &&
	{ test $code != 0 || test_line_count = 2 now; }
'
fault_cases 'hash-object' 'git hash-object -w sub/new' '
	git fsck --no-dangling && { test $code != 0 || git cat-file -e $(git hash-object sub/new); }
'

test_done
