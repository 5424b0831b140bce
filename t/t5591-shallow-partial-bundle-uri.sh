#!/bin/sh
test_description='clones that lack something: cut history, objects left out, and bundles as a head start'

TEST_NO_CREATE_REPO=t
. ./test-lib.sh

test_expect_success 'a server with three commits' '
	git init -q server && test_commit -C server one && test_commit -C server two && test_commit -C server three &&
	git -C server config uploadpack.allowFilter true &&
	git -C server config uploadpack.allowAnySHA1InWant true
'

test_expect_success 'a shallow clone is deepened, and made complete' '
	git clone -q --depth=1 "file://$PWD/server" cut &&
	git -C cut rev-list --count HEAD >actual && echo 1 >expect && test_cmp expect actual &&
	git -C cut fetch -q --deepen=1 && git -C cut fsck &&
	git -C cut rev-list --count HEAD >actual && echo 2 >expect && test_cmp expect actual &&
	git -C cut fetch -q --unshallow && test_path_is_missing cut/.git/shallow && git -C cut fsck
'

test_expect_success 'from a shallow server: a clone takes its boundary over, a fetch only if told to' '
	git clone -q --depth=2 "file://$PWD/server" source &&
	git clone -q --no-local source taken && git -C taken fsck && test_cmp source/.git/shallow taken/.git/shallow &&
	git init -q empty && git -C empty fetch -q ../source "refs/heads/*:refs/remotes/s/*" 2>err &&
	test_must_fail git -C empty rev-parse --verify -q refs/remotes/s/main &&
	test_path_is_missing empty/.git/shallow &&
	git -C empty fetch -q --update-shallow ../source "refs/heads/*:refs/remotes/s/*" &&
	test_cmp source/.git/shallow empty/.git/shallow && git -C empty fsck
'

test_expect_success 'a partial clone brings what it checks out in one go' '
	GIT_TRACE2_EVENT="$PWD/trace" git clone -q --filter=blob:none "file://$PWD/server" partial &&
	grep "\"fetch_count\",\"value\":\"3\"" trace &&
	test_path_is_file partial/three.t &&
	git -C partial config remote.origin.partialclonefilter >actual && echo blob:none >expect && test_cmp expect actual
'

test_expect_success '--missing=print looks and does not fetch' '
	git clone -q --bare --filter=blob:none "file://$PWD/server" bare &&
	git -C bare rev-list --objects --missing=print --all >objects &&
	grep "^?" objects >actual && test_line_count = 3 actual
'

test_expect_success 'backfill brings the rest, a pathspec only a part' '
	git -C bare backfill HEAD -- one.t &&
	git -C bare rev-list --objects --missing=print --all >objects &&
	grep "^?" objects >actual && test_line_count = 2 actual &&
	git -C bare backfill &&
	git -C bare rev-list --objects --missing=print --all >objects && ! grep "^?" objects
'

test_expect_success 'a promised object that nobody has any more ends the command with its name' '
	git clone -q --bare --filter=blob:none "file://$PWD/server" orphan &&
	git -C orphan config remote.origin.url "$PWD/nowhere" &&
	blob=$(git -C server rev-parse HEAD:one.t) &&
	test_must_fail git -C orphan cat-file -p $blob 2>err &&
	test_grep "could not fetch $blob from promisor remote" err
'

test_expect_success 'a list of bundles: what they bring, the server does not send' '
	git -C server bundle create -q ../first.bundle one &&
	git -C server bundle create -q ../second.bundle main ^one &&
	cat >list <<-\END &&
	[bundle]
		version = 1
		mode = all
		heuristic = creationToken
	[bundle "first"]
		uri = first.bundle
		creationToken = 1
	[bundle "second"]
		uri = second.bundle
		creationToken = 2
	END
	GIT_TRACE_PACKET="$PWD/packets" git clone -q --no-local --no-tags --bundle-uri="$PWD/list" server headstart &&
	! grep "clone> want" packets &&
	git -C headstart rev-parse refs/bundles/heads/main >actual && git -C server rev-parse main >expect &&
	test_cmp expect actual &&
	git -C headstart config fetch.bundleCreationToken >actual && echo 2 >expect && test_cmp expect actual
'

test_expect_success 'bundles that cannot be had cost a warning and nothing else' '
	git clone -q --bundle-uri="$PWD/no-such-list" server without 2>err &&
	test_grep "failed to download bundle from URI" err && git -C without fsck
'

test_expect_success 'a server tells of its bundles only where both sides want it' '
	git -C server config uploadpack.advertiseBundleURIs true &&
	git -C server config bundle.version 1 && git -C server config bundle.mode all &&
	git -C server config bundle.all.uri "file://$PWD/first.bundle" &&
	git clone -q "file://$PWD/server" plain && test_must_fail git -C plain rev-parse -q --verify refs/bundles/tags/one &&
	git -c transfer.bundleURI=true clone -q "file://$PWD/server" told &&
	git -C told rev-parse --verify refs/bundles/tags/one
'

test_expect_success 'a promisor that is accepted has what the server leaves out' '
	git init -q --bare promisor && git -C promisor config uploadpack.allowAnySHA1InWant true &&
	git -C promisor config uploadpack.allowFilter true && git -C server push -q ../promisor main &&
	git clone -q --bare --filter=blob:none "file://$PWD/server" lean &&
	git -C lean config uploadpack.allowFilter true && git -C lean config uploadpack.allowAnySHA1InWant true &&
	git -C lean remote add far "file://$PWD/promisor" && git -C lean config remote.far.promisor true &&
	git -C lean config promisor.advertise true &&
	git clone -q --filter=blob:none -c remote.far.promisor=true -c remote.far.url="file://$PWD/promisor" \
		-c promisor.acceptFromServer=KnownUrl "file://$PWD/lean" reader &&
	test_path_is_file reader/three.t &&
	git -C lean rev-list --objects --missing=print --all >objects &&
	grep "^?" objects >actual && test_line_count = 3 actual
'

test_done
