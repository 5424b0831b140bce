#!/bin/sh

test_description='trees whose entries mean .git on some system are neither taken in nor checked out'

. ./test-lib.sh

# A commit whose tree has one entry of that name and mode, holding a blob or a tree with "hooks/post-checkout".
plant () {
	blob=$(echo "touch ran" | git hash-object -w --stdin) &&
	inner=$(printf "100755 blob %s\tpost-checkout\n" $blob | git mktree) &&
	middle=$(printf "040000 tree %s\thooks\n" $inner | git mktree) &&
	if test "$2" = tree
	then
		tree=$(printf "040000 tree %s\t%s\0" $middle "$1" | git mktree -z)
	else
		tree=$(printf "%s blob %s\t%s\0" $2 $blob "$1" | git mktree -z)
	fi &&
	git commit-tree -m planted $tree
}

test_expect_success 'a repository' '
	test_commit one &&
	git init --bare taker.git
'

while read -r name
do
	real=$(printf "%b" "$name")
	test_expect_success "entry '$name' is refused by fsck on the way in" '
		commit=$(plant "$real" tree) &&
		test_must_fail git -C taker.git -c fetch.fsckObjects=true fetch .. $commit 2>err &&
		grep "hasDotgit\|hasDot\|fullPathname" err &&
		test_must_fail git -C taker.git cat-file -e $commit
	'
	test_expect_success "entry '$name' is not checked out where the system would take it for .git" '
		commit=$(plant "$real" tree) &&
		test_must_fail git -c core.protectHFS=true -c core.protectNTFS=true read-tree $commit 2>err &&
		grep "invalid path" err &&
		test_path_is_missing .git/hooks/post-checkout
	'
done <<EOF
.git
.GIT
.g\\0342\\0200\\0214it
git~1
.git.
.git::\$INDEX_ALLOCATION
EOF

test_expect_success 'dot and dot-dot as entries' '
	for name in . ..
	do
		commit=$(plant $name 100644) &&
		test_must_fail git -C taker.git -c fetch.fsckObjects=true fetch .. $commit 2>err &&
		grep "hasDot" err &&
		test_must_fail git read-tree $commit || return 1
	done
'

test_expect_success '.gitmodules as a symbolic link' '
	commit=$(plant .gitmodules 120000) &&
	test_must_fail git -C taker.git -c fetch.fsckObjects=true fetch .. $commit 2>err &&
	grep gitmodulesSymlink err
'

test_expect_success 'a merge does not bring one in either' '
	commit=$(git commit-tree -p HEAD -m merged $(plant .git tree)^{tree}) &&
	test_must_fail git merge $commit &&
	test_path_is_missing .git/hooks/post-checkout
'

test_expect_success 'the same is refused by a server that checks what is pushed' '
	git -C taker.git config receive.fsckObjects true &&
	commit=$(plant .git tree) &&
	test_must_fail git push taker.git $commit:refs/heads/bad 2>err &&
	grep "hasDotgit" err &&
	test_must_fail git -C taker.git rev-parse --verify refs/heads/bad
'

test_done
