#!/bin/sh

test_description='programs of the user: difftool, mergetool; and commands that tell where things come from

last-modified, repo, blame behind moved lines and ignored commits.'

. ./test-lib.sh

test_expect_success 'setup' '
	test_write_lines "alpha beta gamma" "delta epsilon zeta" "eta theta iota" >file &&
	git add file &&
	git commit -m first &&
	git tag first &&
	mkdir dir &&
	test_commit second dir/other
'

test_expect_success 'last-modified names the commit of each path' '
	git last-modified -r >out &&
	grep "^$(git rev-parse second)	dir/other$" out &&
	grep "^$(git rev-parse first)	file$" out
'

test_expect_success 'blame looks behind a commit that only reformats' '
	sed -e "s/ /  /g" -e "s/^/    /" file >new &&
	mv new file &&
	git commit -am reformat &&
	git blame --ignore-rev HEAD file >out &&
	! grep "$(git rev-parse --short HEAD)" out
'

test_expect_success 'blame -M follows lines within a file' '
	test_write_lines "eta theta iota kappa lambda" "alpha beta gamma delta mu" >moves &&
	git add moves &&
	git commit -m moves &&
	git tag moves &&
	test_write_lines "alpha beta gamma delta mu" "eta theta iota kappa lambda" >moves &&
	git commit -am swap &&
	git blame -s -M moves >out &&
	! grep "$(git rev-parse --short HEAD)" out
'

test_expect_success 'repo info and structure' '
	echo "layout.bare=false" >expect &&
	git repo info layout.bare >actual &&
	test_cmp expect actual &&
	git repo structure --format=lines >out &&
	grep "^references.tags.count=3$" out
'

test_expect_success 'difftool hands over both sides' '
	test_config difftool.show.cmd "cat \"\$LOCAL\" \"\$REMOTE\"" &&
	echo changed >dir/other &&
	test_when_finished "git checkout dir/other" &&
	git cat-file blob HEAD:dir/other >expect &&
	echo changed >>expect &&
	git difftool -y -t show -- dir/other >actual &&
	test_cmp expect actual &&
	git difftool -d -x ls >out &&
	grep "^dir$" out
'

test_expect_success 'mergetool settles a conflict and stages it' '
	git checkout -b side HEAD &&
	echo side >dir/other && git commit -am side &&
	git checkout -b main2 HEAD^ &&
	echo main >dir/other && git commit -am main &&
	test_must_fail git merge side &&
	test_config mergetool.theirs.cmd "cat \"\$REMOTE\" >\"\$MERGED\"" &&
	test_config mergetool.theirs.trustExitCode true &&
	git mergetool -y -t theirs &&
	echo side >expect &&
	test_cmp expect dir/other &&
	git diff --cached --quiet side -- dir/other
'

test_done
