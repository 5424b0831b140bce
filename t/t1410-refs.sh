#!/bin/sh
test_description='refs: all or nothing, in both formats'

TEST_NO_CREATE_REPO=t
. ./test-lib.sh

for format in files reftable
do
	test_expect_success "$format: a transaction that can't be done changes nothing" '
		git init -q --ref-format=$format $format &&
		(
			cd $format && test_commit one && test_commit two &&
			git update-ref refs/heads/a one &&
			cat >input <<-INPUT &&
			update refs/heads/a two
			create refs/heads/b one
			update refs/heads/c one two
			INPUT
			test_must_fail git update-ref --stdin <input 2>err &&
			test_cmp_rev refs/heads/a one && test_must_fail git rev-parse -q --verify refs/heads/b
		)
	'
	test_expect_success "$format: a file can't become a directory" '
		(
			cd $format && test_must_fail git update-ref refs/heads/a/b one 2>err &&
			test_grep "refs/heads/a. exists; cannot create .refs/heads/a/b" err
		)
	'
	test_expect_success "$format: packed, looked up, deleted, logged" '
		(
			cd $format && git pack-refs --all && test_cmp_rev refs/heads/a one &&
			git for-each-ref --format="%(refname)" refs/heads >actual &&
			printf "refs/heads/a\nrefs/heads/main\n" >expect && test_cmp expect actual &&
			git update-ref -d refs/heads/a && test_must_fail git rev-parse -q --verify refs/heads/a &&
			git reflog show HEAD >log && test_line_count = 2 log
		)
	'
done

test_expect_success 'a malformed packed-refs is told' '
	(
		cd files && cp .git/packed-refs saved && echo garbage >>.git/packed-refs &&
		test_must_fail git for-each-ref 2>err && test_grep "packed-refs" err && cp saved .git/packed-refs
	)
'

test_done
