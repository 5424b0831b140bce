#!/bin/sh
test_description='push between our git and a stock git'

cd "$(dirname "$0")/.." || exit 1
TEST_NO_CREATE_REPO=t
. ./test-lib.sh
. "$TEST_DIRECTORY/interop/interop-lib.sh"

push () {
	$client -C source push --receive-pack="$TRASH_DIRECTORY/$server-receive-pack" "file://$TRASH_DIRECTORY/$to" "$@"
}

test_expect_success 'a history' '
	write_server_wrappers && make_history source
'

for client in ours stock
do
	for server in ours stock
	do
		to=$client-$server.git

		test_expect_success "create: $client to $server" '
			git init -q --bare $to &&
			push main side v1 &&
			stock -C $to fsck --full --strict &&
			for ref in refs/heads/main refs/heads/side refs/tags/v1
			do
				test "$(stock -C source rev-parse $ref)" = "$(stock -C $to rev-parse $ref)" || return 1
			done
		'
		test_expect_success "update, delete, refuse: $client to $server" '
			(cd source && git checkout -q -B next main && test_commit --no-tag next-$client-$server) &&
			push next:refs/heads/main :side &&
			test_must_fail stock -C $to rev-parse --verify -q side &&
			test_must_fail push main:refs/heads/main 2>err &&
			test_grep "non-fast-forward" err &&
			push +main:refs/heads/main &&
			stock -C source rev-parse main >expect && stock -C $to rev-parse main >actual && test_cmp expect actual
		'
		test_expect_success "atomic: all or nothing: $client to $server" '
			write_script $to/hooks/update <<-\HOOK &&
			case $1 in refs/heads/bad) exit 1 ;; esac
			HOOK
			test_must_fail push --atomic main:refs/heads/good main:refs/heads/bad 2>err &&
			test_must_fail stock -C $to rev-parse --verify -q good &&
			test_must_fail push main:refs/heads/good main:refs/heads/bad 2>err &&
			test_grep "hook declined" err &&
			stock -C $to rev-parse --verify -q good &&
			rm $to/hooks/update
		'
		test_expect_success "a hook sees the objects and can refuse: $client to $server" '
			write_script $to/hooks/pre-receive <<-\HOOK &&
			while read old new ref
			do
				git cat-file -e $new || { echo "cannot see $new"; exit 1; }
				echo "looked at $ref"
			done
			exit 1
			HOOK
			(cd source && test_commit --no-tag hook-$client-$server) &&
			test_must_fail push HEAD:refs/heads/hooked 2>err &&
			test_grep "remote: looked at refs/heads/hooked" err &&
			test_grep "pre-receive hook declined" err &&
			test_must_fail stock -C $to cat-file -e $(stock -C source rev-parse HEAD) &&
			rm $to/hooks/pre-receive
		'
	done
done

test_expect_success 'push.negotiate sends the minimum to either server' '
	for server in ours stock
	do
		rm -rf moved.git behind && git clone -q --bare source moved.git && git clone -q source behind &&
		(cd behind && git checkout -q -b topic v1 && test_commit --no-tag topic-$server) &&
		git -C moved.git for-each-ref --format="delete %(refname)" >refs && git -C moved.git update-ref --no-deref --stdin <refs &&
		new=$(git -C moved.git commit-tree -p $(git -C source rev-parse next) -m moved $(git -C source rev-parse next^{tree})) &&
		git -C moved.git update-ref refs/heads/main $new &&
		git -C behind config remote.origin.url "file://$TRASH_DIRECTORY/moved.git" &&
		git -C behind config remote.origin.receivepack "$TRASH_DIRECTORY/$server-receive-pack" &&
		git -C behind config remote.origin.uploadpack "$TRASH_DIRECTORY/$server-upload-pack" &&
		git -C behind -c push.negotiate=true push --progress origin topic 2>err &&
		test_grep "Total 3 " err &&
		test_grep ! "fatal" err || return 1
	done
'

test_done
