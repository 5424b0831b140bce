#!/bin/sh
test_description='refs and configuration survive whatever goes wrong while they are written'

. ./test-lib.sh
. "$TEST_DIRECTORY"/lib-fault.sh

test_expect_success 'a repository' '
	git init base &&
	(
		cd base &&
		git config gc.auto 0 &&
		test_commit one && test_commit two &&
		git branch topic one && git branch other two && git config user.nick before
	) &&
	git -C base rev-parse one >one && git -C base rev-parse two >two &&
	git -C base for-each-ref >refs
'

# Success is never claimed for what did not happen.
fault_cases 'update-ref' 'git update-ref -m moved refs/heads/topic two one' '
	git rev-parse refs/heads/topic >now &&
	{ test_cmp ../two now || { test $code != 0 && test_cmp ../one now; }; }
'
fault_cases 'a transaction of two refs' \
	'printf "update refs/heads/topic two\ndelete refs/heads/other\ncreate refs/heads/new one\n" | git update-ref --stdin' '
	git for-each-ref >/dev/null &&
	if test $code = 0
	then
		git rev-parse --verify refs/heads/new && test_must_fail git rev-parse --verify refs/heads/other
	fi &&
	git rev-parse --verify refs/heads/topic &&
	git fsck --connectivity-only
'
fault_cases 'pack-refs' 'git pack-refs --all' '
	git for-each-ref >now && test_cmp ../refs now
'
fault_cases 'symbolic-ref' 'git symbolic-ref HEAD refs/heads/topic' '
	git symbolic-ref HEAD >now && grep -E "^refs/heads/(main|master|topic)\$" now &&
	{ test $code != 0 || grep topic now; }
'
fault_cases 'config' 'git config user.nick after' '
	git config user.nick >now && { grep after now || { test $code != 0 && grep before now; }; } &&
	git config gc.auto
'

test_done
