#!/bin/sh
test_description='packs survive whatever goes wrong while they are written'

. ./test-lib.sh
. "$TEST_DIRECTORY"/lib-fault.sh

test_expect_success 'a repository, and one that is behind it' '
	git init base &&
	(
		cd base &&
		git config gc.auto 0 && git config maintenance.auto false && git config core.fsync all &&
		test_commit one && test_commit two
	) &&
	git clone -q base server && git -C base remote add origin ../server && git -C base fetch -q origin &&
	(cd server && test_commit three) &&
	git -C base rev-list --objects --all | sort >objects &&
	git -C server rev-parse HEAD >theirs
'

fault_cases 'repack -a -d' 'git repack -q -a -d' '
	git rev-list --objects --all | sort >now && test_cmp ../objects now && git fsck --no-dangling
'
fault_cases 'prune-packed after repack' 'git repack -q && git prune-packed -q' '
	git rev-list --objects --all | sort >now && test_cmp ../objects now
'
fault_cases 'fetch' 'git fetch -q origin' '
	git fsck --no-dangling &&
	for ref in $(git for-each-ref --format="%(refname)"); do git rev-list --objects "$ref" || exit 1; done &&
	{ test $code != 0 || git cat-file -e $(cat ../theirs); }
'
fault_cases 'index-pack' 'git -C ../server pack-objects --all --stdout -q </dev/null | git index-pack --stdin' '
	git fsck --no-dangling && git rev-list --objects --all >/dev/null
'

test_done
