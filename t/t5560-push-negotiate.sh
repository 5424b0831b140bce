#!/bin/sh
test_description='push.negotiate: the minimum is sent, and nothing that a plain push would not say is said'

TEST_NO_CREATE_REPO=t
. ./test-lib.sh

# A server whose one branch is a commit that the client does not have.
moved_on () {
	rm -rf server.git client && git clone -q --bare base server.git && git clone -q base client &&
	new=$(git -C server.git commit-tree -p HEAD -m moved HEAD^{tree}) &&
	git -C server.git for-each-ref --format="delete %(refname)" refs/tags >refs && git -C server.git update-ref --stdin <refs &&
	git -C server.git update-ref refs/heads/main $new &&
	git -C client config remote.origin.url "file://$TRASH_DIRECTORY/server.git" &&
	git -C client config push.negotiate true &&
	test_commit -C client --no-tag topic
}

test_expect_success 'a history' '
	git init -q base && for i in 1 2 3 4 5 6; do test_commit -C base c$i || return 1; done
'

test_expect_success 'three objects instead of the history' '
	moved_on && git -C client push --progress origin HEAD:topic 2>err && test_grep "Total 3 " err &&
	moved_on && git -C client -c push.negotiate=false push --progress origin HEAD:topic 2>err && test_grep ! "Total 3 " err
'

test_expect_success 'a first push to an empty server says nothing alarming and does not negotiate' '
	moved_on && git init -q --bare empty.git &&
	GIT_TRACE2_EVENT=$PWD/trace git -C client push "file://$TRASH_DIRECTORY/empty.git" HEAD:main 2>err &&
	test_grep ! "fatal\|warning" err && test_grep ! "negotiate-only" trace
'

test_expect_success 'unrelated history and a branch in one push: what was acknowledged is kept' '
	moved_on && (
		cd client && topic=$(git rev-parse HEAD) && orphan=$(git commit-tree -m orphan $(git mktree </dev/null)) &&
		git push --progress origin $topic:refs/heads/topic $orphan:refs/heads/orphan 2>err &&
		test_grep ! "fatal\|warning" err && test_grep "Total [45] " err
	)
'

test_expect_success 'deleting needs no negotiation' '
	moved_on && git -C client push -q origin HEAD:gone && git -C client config remote.origin.negotiationRequire refs/heads/main &&
	GIT_TRACE2_EVENT=$PWD/trace-delete git -C client push origin :gone 2>err &&
	test_grep ! "fatal\|warning" err && test_grep ! "negotiate-only" trace-delete
'

test_expect_success 'neither do refs that are up to date' '
	moved_on && git -C client push -q origin HEAD:topic &&
	GIT_TRACE2_EVENT=$PWD/trace-same git -C client push origin HEAD:topic 2>err &&
	test_grep "Everything up-to-date" err && test_grep ! "negotiate-only" trace-same
'

test_expect_success 'the remote is passed on: its upload-pack program is used' '
	moved_on && write_script up <<-\UP &&
	echo used >>"$UP_LOG"
	exec git upload-pack "$@"
	UP
	git -C client config remote.origin.uploadpack "$PWD/up" &&
	UP_LOG=$PWD/up-log git -C client push --progress origin HEAD:topic 2>err &&
	test_grep "Total 3 " err && test_path_is_file up-log
'

test_expect_success 'a negotiation that fails leaves a plain push' '
	moved_on && git -C client config remote.origin.uploadpack false &&
	git -C client push --progress origin HEAD:topic 2>err && test_grep ! "fatal" err &&
	test "$(git -C client rev-parse HEAD)" = "$(git -C server.git rev-parse topic)"
'

test_done
