#!/bin/sh
test_description='fetch --negotiate-only, restricted and required tips, and the server that waits for done'

TEST_NO_CREATE_REPO=t
. ./test-lib.sh

test_expect_success 'a server that moved on, a client with a topic' '
	git init -q server && test_commit -C server one && test_commit -C server two &&
	git clone -q server client && test_commit -C client topic && test_commit -C server three
'

test_expect_success 'the common commits are printed, one a line' '
	git -C client fetch --negotiate-only --negotiation-restrict=HEAD origin >actual &&
	git -C client rev-list two >expect && test_cmp expect actual
'

test_expect_success 'without a tip it is refused' '
	test_expect_code 128 git -C client fetch --negotiate-only origin 2>err &&
	test_grep "negotiate-only needs one or more --negotiation-restrict=" err
'

test_expect_success 'the synonyms, a glob, an abbreviated name' '
	git -C client rev-list two >expect &&
	for tip in --negotiation-tip=HEAD "--negotiation-tip=refs/heads/*" --negotiation-restrict=$(git -C client rev-parse --short HEAD)
	do
		git -C client fetch --negotiate-only "$tip" origin >actual && test_cmp expect actual || return 1
	done
'

test_expect_success 'the tip may come from the configuration' '
	test_config -C client remote.origin.negotiationRestrict main &&
	git -C client fetch --negotiate-only origin >actual && git -C client rev-list two >expect && test_cmp expect actual
'

test_expect_success 'a glob without a match warns, an object that is not here is fatal' '
	git -C client fetch --negotiate-only --negotiation-restrict=HEAD "--negotiation-restrict=refs/no/*" origin 2>err &&
	test_grep "does not match any refs" err &&
	test_must_fail git -C client fetch --negotiate-only --negotiation-restrict=$(echo $ZERO_OID | tr 0 1) origin 2>err &&
	test_grep "does not exist" err
'

test_expect_success 'wait-for-done: a round without haves is answered with NAK, never with a pack' '
	oid=$(git -C server rev-parse HEAD) &&
	{
		printf "0012command=fetch\n00010011wait-for-done" &&
		printf "0032want %s\n0000" $oid
	} >request &&
	GIT_PROTOCOL=version=2 git upload-pack --stateless-rpc server <request >answer &&
	test_grep -a "acknowledgments" answer && test_grep -a "NAK" answer && test_grep ! -a "packfile" answer
'

test_expect_success 'a commit that no visible ref reaches is not acknowledged' '
	stray=$(git -C server commit-tree -m stray HEAD^{tree}) &&
	known=$(git -C server rev-parse one) &&
	printf "0012command=fetch\n00010011wait-for-done0032have %s\n0032have %s\n0000" $stray $known >request &&
	GIT_PROTOCOL=version=2 git upload-pack --stateless-rpc server <request >answer &&
	test_grep -a "ACK $known" answer && test_grep ! -a "ACK $stray" answer &&
	git -C server update-ref refs/secret/x $stray &&
	git -C server -c transfer.hideRefs=refs/secret rev-parse -q HEAD &&
	git -C server config transfer.hideRefs refs/secret &&
	GIT_PROTOCOL=version=2 git upload-pack --stateless-rpc server <request >answer &&
	test_grep ! -a "ACK $stray" answer
'

test_done
