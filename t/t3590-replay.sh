#!/bin/sh

test_description='commits made again: cherry-pick, revert, rebase, am and what they leave behind'

. ./test-lib.sh

test_expect_success 'setup' '
	for i in 1 2 3 4
	do
		echo $i >file$i &&
		git add file$i &&
		test_tick &&
		git commit -q -m "commit $i" &&
		git tag c$i || return 1
	done &&
	git checkout -q -b topic c2 &&
	echo other >file3 &&
	git add file3 &&
	git commit -q -m "topic 3"
'

test_expect_success 'a range stops at a conflict, and goes on' '
	git checkout -q --detach topic &&
	test_must_fail git cherry-pick c2..c4 2>err &&
	grep "could not apply $(git rev-parse --short c3)" err &&
	test_cmp_rev CHERRY_PICK_HEAD c3 &&
	echo both >file3 &&
	git add file3 &&
	git cherry-pick --continue &&
	test ! -d .git/sequencer &&
	test "$(git log --format=%s -2 | tr "\n" ,)" = "commit 4,commit 3,"
'

test_expect_success '--abort goes back to where it began' '
	git checkout -q --detach topic &&
	test_must_fail git cherry-pick c2..c4 &&
	git cherry-pick --abort &&
	test_cmp_rev HEAD topic &&
	test ! -d .git/sequencer
'

test_expect_success 'revert names what it takes back' '
	git checkout -q --detach c4 &&
	git revert --no-edit HEAD &&
	test "$(git log -1 --format=%s)" = "Revert \"commit 4\"" &&
	git revert --no-edit HEAD &&
	test "$(git log -1 --format=%s)" = "Reapply \"commit 4\""
'

test_expect_success 'rebase -i squashes, rewords and runs commands' '
	git checkout -q -b work c4 &&
	cat >editor <<-\SCRIPT &&
	#!/bin/sh
	case "$1" in
	*git-rebase-todo)
		sed -e "2s/^pick/squash/" -e "3s/^pick/reword/" "$1" >tmp && mv tmp "$1"
		echo "exec touch ran" >>"$1" ;;
	*)
		sed -e "s/commit 4/commit four/" "$1" >tmp && mv tmp "$1" ;;
	esac
	SCRIPT
	chmod +x editor &&
	GIT_EDITOR="\"$(pwd)/editor\"" git rebase -i c1 &&
	test -f ran &&
	test "$(git log --format=%s c1..work | tr "\n" ,)" = "commit four,commit 2," &&
	git log -1 --format=%B HEAD~1 | grep "commit 3" &&
	test ! -d .git/rebase-merge
'

test_expect_success 'both backends of rebase come to the same' '
	git checkout -q -b by-merge c4 &&
	git rebase --merge --onto c1 c2 &&
	git checkout -q -b by-apply c4 &&
	git rebase --apply --onto c1 c2 &&
	test_cmp_rev by-merge^{tree} by-apply^{tree}
'

test_expect_success 'am applies what format-patch made' '
	git format-patch --stdout c2..c4 >mbox &&
	git checkout -q --detach c2 &&
	git am mbox &&
	git diff --exit-code c4 HEAD &&
	test "$(git log -1 --format=%an)" = "$(git log -1 --format=%an c4)"
'

test_expect_success 'a resolution is reused' '
	git config rerere.enabled true &&
	git checkout -q --detach topic &&
	test_must_fail git cherry-pick c3 &&
	echo resolved >file3 &&
	git add file3 &&
	git commit -q -m resolved &&
	git reset -q --hard topic &&
	test_must_fail git cherry-pick c3 2>err &&
	grep "Resolved .file3. using previous resolution" err &&
	echo resolved >expect &&
	test_cmp expect file3
'

test_done
