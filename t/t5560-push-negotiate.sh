#!/bin/sh
test_description='push.negotiate: the minimum is sent, and nothing that a plain push would not say is said

Each case runs against our server, and against the one of the git that the machine has (where it has one).'

TEST_NO_CREATE_REPO=t
. ./test-lib.sh

write_script stock <<-EOF
unset GIT_EXEC_PATH GIT_TRACE2_EVENT GIT_TRACE
PATH=/usr/bin:/bin:/usr/local/bin; export PATH
exec $stock_git "\$@"
EOF
servers=ours
test -n "$stock_git" && $stock_git version >/dev/null 2>&1 && servers='ours stock'

# A server whose one branch is a commit that the client does not have.
moved_on () {
	rm -rf server.git client && git clone -q --bare base server.git && git clone -q base client &&
	new=$(git -C server.git commit-tree -p HEAD -m moved HEAD^{tree}) &&
	git -C server.git for-each-ref --format="delete %(refname)" refs/tags >refs && git -C server.git update-ref --stdin <refs &&
	git -C server.git update-ref refs/heads/main $new &&
	as_client client && test_commit -C client --no-tag topic
}

as_client () {
	git -C $1 config remote.origin.url "file://$TRASH_DIRECTORY/server.git" &&
	git -C $1 config push.negotiate true && git -C $1 config push.base false &&
	if test "$server" = stock
	then
		git -C $1 config remote.origin.uploadpack "$TRASH_DIRECTORY/stock upload-pack" &&
		git -C $1 config remote.origin.receivepack "$TRASH_DIRECTORY/stock receive-pack"
	fi
}

# push <args>: with the trace in "trace" and stderr in "err"; fails where something alarming was said.
push () {
	rm -f trace && GIT_TRACE2_EVENT="$TRASH_DIRECTORY/trace" git -C client push --progress "$@" 2>err &&
	test_grep ! "fatal\|warning\|error" err
}

# wrote <n>: that many objects were sent.
wrote () {
	test_grep "write_pack_file/wrote\",\"value\":\"$1\"" trace
}

negotiated () {
	test_grep "\"--negotiate-only\"" trace
}

not_negotiated () {
	test_grep ! "\"--negotiate-only\"" trace
}

test_expect_success 'a history' '
	git init -q base && for i in 1 2 3 4 5 6; do test_commit -C base c$i || return 1; done
'

for server in $servers
do

test_expect_success "three objects instead of the history ($server)" '
	moved_on && push origin HEAD:topic && wrote 3 && negotiated &&
	moved_on && push --no-thin origin HEAD:topic && wrote 3 &&
	moved_on && git -C client config push.negotiate false && push origin HEAD:topic && ! wrote 3
'

test_expect_success "over ssh ($server)" '
	moved_on && write_script ssh <<-\EOF &&
	while test $# -gt 1; do shift; done
	exec sh -c "$1"
	EOF
	git -C client config remote.origin.url "ssh://host$TRASH_DIRECTORY/server.git" &&
	(GIT_SSH="$PWD/ssh" GIT_SSH_VARIANT=ssh && export GIT_SSH GIT_SSH_VARIANT && push origin HEAD:topic) && wrote 3
'

test_expect_success "A, H: a first push to an empty server does not negotiate ($server)" '
	moved_on && rm -rf server.git && git init -q --bare server.git && push origin HEAD:main && not_negotiated
'

test_expect_success "A: unrelated history, a blob, a tree, no haves at all ($server)" '
	moved_on && orphan=$(git -C client commit-tree -m orphan $(git -C client mktree </dev/null)) &&
	push origin $orphan:refs/heads/orphan &&
	push origin HEAD:topic.t:refs/x/blob HEAD^{tree}:refs/x/tree &&
	moved_on && git -C client config fetch.negotiationAlgorithm noop && push origin HEAD:topic
'

test_expect_success "B: what was acknowledged is kept, whatever else is pushed ($server)" '
	moved_on && topic=$(git -C client rev-parse HEAD) &&
	tree=$(echo "100644 blob $(echo new | git -C client hash-object -w --stdin)	new" | git -C client mktree) &&
	one=$(git -C client commit-tree -m one $tree) && two=$(git -C client commit-tree -p $one -m two $tree) &&
	push origin $topic:refs/heads/topic $two:refs/heads/orphan && negotiated && wrote 7
'

test_expect_success "C: a deletion needs none, whatever is required ($server)" '
	moved_on && push origin HEAD:gone && git -C client config remote.origin.negotiationRequire refs/heads/main &&
	push origin :gone && not_negotiated
'

test_expect_success "D: neither does what is up to date, refused, or only tried ($server)" '
	moved_on && push origin HEAD:topic && push origin HEAD:topic && not_negotiated &&
	moved_on && push --dry-run origin HEAD:topic && not_negotiated &&
	moved_on && test_must_fail git -C client push origin HEAD:main 2>err &&
	rm -f trace && test_must_fail env GIT_TRACE2_EVENT="$PWD/trace" git -C client push origin HEAD:main 2>err &&
	test_grep "fetch first" err && not_negotiated
'

test_expect_success "D: nor where every base is advertised ($server)" '
	moved_on && git -C server.git update-ref refs/heads/old $(git -C client rev-parse HEAD~) &&
	push origin HEAD:topic && not_negotiated && wrote 3
'

test_expect_success "E: the remote is passed on: its program, its server options ($server)" '
	moved_on && up=$(git -C client config remote.origin.uploadpack || echo git upload-pack) &&
	write_script up <<-EOF &&
	echo used >>"$TRASH_DIRECTORY/up-log"
	exec $up "\$@"
	EOF
	rm -f up-log packets && git -C client config remote.origin.uploadpack "$PWD/up" &&
	git -C client config remote.origin.serverOption some=thing &&
	GIT_TRACE_PACKET="$PWD/packets" push origin HEAD:topic && wrote 3 && test_path_is_file up-log &&
	test_grep "fetch> server-option=some=thing" packets
'

# The server refuses them all in the end: what is tested comes before.
test_expect_success "F: 30,000 tips do not go onto a command line ($server)" '
	moved_on && head=$(git -C client rev-parse HEAD) &&
	{
		echo "# pack-refs with: peeled fully-peeled sorted " &&
		awk -v head=$head "BEGIN { for (i = 10000; i < 40000; i++) print head, \"refs/many/\" i }" &&
		grep refs/remotes/ client/.git/packed-refs
	} >packed && mv packed client/.git/packed-refs &&
	mkdir -p server.git/hooks && write_script server.git/hooks/pre-receive <<-\EOF &&
	cat >/dev/null
	exit 1
	EOF
	rm -f trace && test_must_fail env GIT_TRACE2_EVENT="$PWD/trace" git -C client push -q origin "refs/many/*:refs/many/*" 2>err &&
	test_grep ! "too long" err && negotiated && wrote 3
'

test_expect_success "G: an ACK of a commit that is there in part only: once more, without ($server)" '
	moved_on && test_commit -C client --no-tag more && half=$(git -C client rev-parse HEAD~) &&
	git -C client cat-file commit $half >half && git -C server.git hash-object -t commit -w ../half &&
	git -C client push origin HEAD:topic 2>err && test_grep ! "fatal\|warning\|error" err &&
	git -C client rev-parse HEAD >expect && git -C server.git rev-parse topic >actual && test_cmp expect actual &&
	git -C server.git fsck --connectivity-only 2>err
'

test_expect_success "a required tip in the configuration is used ($server)" '
	moved_on && git -C client config remote.origin.negotiationRequire refs/remotes/origin/main &&
	git -C client config fetch.negotiationAlgorithm noop && push origin HEAD:topic && wrote 3
'

test_expect_success "a shallow clone offers its boundary and sends what is new ($server)" '
	moved_on && git clone -q --depth=3 "file://$PWD/base" shallow && rm -rf client && mv shallow client &&
	as_client client && test_commit -C client --no-tag topic && push origin HEAD:topic && wrote 3
'

for filter in blob:none tree:0
do
	test_expect_success "a partial clone ($filter) fetches nothing in order to push ($server)" '
		moved_on && git -C base config uploadpack.allowFilter true && git -C base config uploadpack.allowAnySHA1InWant true &&
		git clone -q --filter=$filter "file://$PWD/base" partial && rm -rf client && mv partial client &&
		as_client client && test_commit -C client --no-tag topic && push origin HEAD:topic && wrote 3 &&
		test_grep ! "\"--no-filter\"\|\"--filter=blob:none\"" trace
	'
done

done

test_expect_success 'a server that cannot is asked once, and nothing is said' '
	server=ours && moved_on && git -C client config remote.origin.uploadpack "GIT_PROTOCOL= git upload-pack" &&
	push origin HEAD:topic && negotiated && git -C client config remote.origin.noNegotiationUntil &&
	push origin HEAD:again && not_negotiated
'

test_expect_success 'a negotiation that fails leaves a plain push' '
	moved_on && git -C client config remote.origin.uploadpack false && push origin HEAD:topic &&
	test "$(git -C client rev-parse HEAD)" = "$(git -C server.git rev-parse topic)"
'

# A server that acknowledges what was not offered, does not answer, or answers something else.
for answer in stray silence pack-first garbage
do
	test_expect_success "a hostile server ($answer) does not stop the push, and is traced once" '
		moved_on && stray=$(git -C client rev-parse HEAD~2) &&
		write_script up <<-EOF &&
		pkt () { printf "%04x%s\n" \$((\${#1} + 5)) "\$1"; }
		pkt "version 2"; pkt "fetch=wait-for-done"; pkt "object-format=sha1"; printf 0000
		case $answer in
		stray) head -c 180 >/dev/null; pkt acknowledgments; pkt "ACK $(git -C base hash-object -t commit -w --stdin <<-X
		tree $(git -C base rev-parse HEAD^{tree})
		author A <a> 1 +0000
		committer A <a> 1 +0000

		stray
		X
		)"; printf 0000 ;;
		silence) ;;
		pack-first) pkt packfile ;;
		garbage) echo zzzz ;;
		esac
		EOF
		git -C client config remote.origin.uploadpack "$PWD/up" &&
		rm -f log && GIT_TRACE="$PWD/log" push origin HEAD:topic && negotiated &&
		test_grep "negotiation ended early" log >lines && test_line_count = 1 lines &&
		test "$(git -C client rev-parse HEAD)" = "$(git -C server.git rev-parse topic)"
	'
done

test_expect_success '-v ends with one line on the negotiation' '
	moved_on && git -C client push -v origin HEAD:topic 2>err &&
	test_grep "^negotiation: 1 rounds, [0-9]* haves, [0-9]* commits in common, [1-9][0-9]* objects not sent" err &&
	git -C client push -v origin HEAD:topic 2>err && test_grep "^negotiation: none (nothing to send)" err &&
	git -C client -c push.negotiate=false push -v origin HEAD:topic 2>err && test_grep "^negotiation: none (push.negotiate is off)" err &&
	git -C client fetch -v origin 2>err && test_grep "^negotiation: 1 rounds" err &&
	git -C client fetch -v origin 2>err && test_grep "^negotiation: none (nothing was missing)" err
'

test_done
