#!/bin/sh
test_description='clone and fetch between our git and a stock git, over v0, v1 and v2'

cd "$(dirname "$0")/.." || exit 1
TEST_NO_CREATE_REPO=t
. ./test-lib.sh
. "$TEST_DIRECTORY/interop/interop-lib.sh"

test_expect_success 'a history, made by our git' '
	write_server_wrappers && make_history server && stock -C server fsck --full --strict
'

for version in 0 1 2
do
	for client in ours stock
	do
		for server in ours stock
		do
			name=$client-$server-v$version
			test_expect_success "clone: $client from $server, v$version" '
				$client -c protocol.version=$version clone -q -u "$TRASH_DIRECTORY/$server-upload-pack" \
					"file://$TRASH_DIRECTORY/server" $name &&
				stock -C $name fsck --full --strict &&
				stock -C server rev-list --objects --all | sort >expect &&
				stock -C $name rev-list --objects --all | sort >actual &&
				test_cmp expect actual &&
				stock -C $name status --porcelain >status && test_must_be_empty status
			'
			test_expect_success "shallow clone and deepen: $client from $server, v$version" '
				$client -c protocol.version=$version clone -q --depth 2 -u "$TRASH_DIRECTORY/$server-upload-pack" \
					"file://$TRASH_DIRECTORY/server" shallow-$name &&
				test 2 = $(stock -C shallow-$name rev-list --count HEAD) &&
				$client -C shallow-$name -c protocol.version=$version fetch -q \
					--upload-pack="$TRASH_DIRECTORY/$server-upload-pack" --unshallow &&
				stock -C shallow-$name fsck --full --strict &&
				test_path_is_missing shallow-$name/.git/shallow &&
				test $(stock -C server rev-list --count main) = $(stock -C shallow-$name rev-list --count HEAD)
			'
		done
	done
done

test_expect_success 'the server moves on' '
	(cd server && test_commit four && git tag -d v1 && git branch -D side)
'

for version in 0 1 2
do
	for client in ours stock
	do
		for server in ours stock
		do
			name=$client-$server-v$version
			test_expect_success "fetch --prune: $client from $server, v$version" '
				$client -C $name -c protocol.version=$version fetch -q --prune \
					--upload-pack="$TRASH_DIRECTORY/$server-upload-pack" &&
				stock -C $name fsck --full --strict &&
				stock -C server rev-parse main >expect &&
				stock -C $name rev-parse origin/main >actual &&
				test_cmp expect actual &&
				test_must_fail stock -C $name rev-parse --verify -q origin/side
			'
		done
	done
done

test_done
