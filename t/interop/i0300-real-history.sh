#!/bin/sh
test_description='a real history crosses between our git and a stock git, over v0, v1 and v2

INTEROP_HISTORY names a bare repository with a long history (git'\''s own has 80,000 commits); each clone of it costs minutes.'

cd "$(dirname "$0")/.." || exit 1
TEST_NO_CREATE_REPO=t
. ./test-lib.sh
. "$TEST_DIRECTORY/interop/interop-lib.sh"
test_lazy_prereq INTEROP_HISTORY 'test -n "$INTEROP_HISTORY"'
skip_all_unless INTEROP_HISTORY 'INTEROP_HISTORY names no repository'

test_expect_success 'what the history holds' '
	write_server_wrappers &&
	stock -C "$INTEROP_HISTORY" rev-list --objects --all >expect &&
	stock -C "$INTEROP_HISTORY" for-each-ref >expect.refs
'

for version in 0 1 2
do
	for pair in ours-stock stock-ours
	do
		client=${pair%-*} server=${pair#*-}
		test_expect_success "clone: $client from $server, v$version" '
			$client -c protocol.version=$version clone -q --bare -u "$TRASH_DIRECTORY/$server-upload-pack" \
				"file://$INTEROP_HISTORY" clone.git &&
			stock -C clone.git for-each-ref >actual.refs &&
			test_cmp expect.refs actual.refs &&
			stock -C clone.git rev-list --objects --all >actual &&
			cmp expect actual &&
			ours -C clone.git rev-list --objects --all >actual &&
			cmp expect actual &&
			stock -C clone.git fsck --full --strict &&
			rm -rf clone.git
		'
	done
done

test_done
