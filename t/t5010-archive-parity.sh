#!/bin/sh

test_description='archives: what goes in, what stays out, and who may ask'

. ./test-lib.sh

test_expect_success 'a history with something of everything' '
	mkdir -p deep/er &&
	echo one >deep/er/file &&
	echo "built from \$Format:%H\$" >version &&
	echo private >notes &&
	printf "version export-subst\nnotes export-ignore\n" >.gitattributes &&
	git add . &&
	git commit -m first
'

test_expect_success 'a tar holds the tree, expanded, without what is ignored' '
	git archive --prefix=p/ HEAD >a.tar &&
	mkdir out &&
	tar -xf a.tar -C out &&
	test_path_is_missing out/p/notes &&
	echo "built from $(git rev-parse HEAD)" >expect &&
	test_cmp expect out/p/version &&
	test "$(git get-tar-commit-id <a.tar)" = "$(git rev-parse HEAD)"
'

test_expect_success 'gzip is the same with each try and holds the same tar' '
	git archive HEAD >plain.tar &&
	git archive -o one.tgz HEAD &&
	git archive --format=tar.gz HEAD >two.tgz &&
	cmp one.tgz two.tgz &&
	gzip -dc one.tgz >unzipped.tar &&
	cmp plain.tar unzipped.tar
'

test_expect_success 'a directory without chosen files leaves no trace' '
	git archive HEAD version >only.tar &&
	tar -tf only.tar >list &&
	! grep deep list
'

test_expect_success 'a client gets refs, not any object' '
	git commit --allow-empty -m gone &&
	gone=$(git rev-parse HEAD) &&
	git reset --hard HEAD^ &&
	git archive --remote=. HEAD >remote.tar &&
	cmp plain.tar remote.tar &&
	test_must_fail git archive --remote=. $gone >/dev/null 2>err &&
	grep "no such ref" err
'

test_expect_success 'a filter that is not for clients is refused to them' '
	git config tar.up.command "tr a-z A-Z" &&
	git archive --format=up HEAD >/dev/null &&
	test_must_fail git archive --remote=. --format=up HEAD >/dev/null
'

test_done
