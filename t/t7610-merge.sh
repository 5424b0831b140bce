#!/bin/sh
test_description='merges: fast-forward, renames, conflicts and what they leave behind'

. ./test-lib.sh

test_expect_success 'two sides' '
	test_seq 1 20 >file && mkdir dir && echo a >dir/a && echo b >dir/b && git add . && test_tick && git commit -q -m base && git tag base &&
	git mv file renamed && git mv dir moved && test_tick && git commit -q -m renames && git tag renames &&
	git checkout -q -b side base && sed -e "s/^10$/ten/" <file >new && mv new file && echo c >dir/c && git add . &&
	test_tick && git commit -q -m changes && git tag changes
'

test_expect_success 'a change follows the rename, a new file the renamed directory' '
	git checkout -q -B work renames && git -c merge.directoryRenames=true merge -q -m merged changes &&
	test_grep "^ten$" renamed && test_path_is_file moved/c && test_path_is_missing file &&
	git rev-parse HEAD^2 >actual && git rev-parse changes >expect && test_cmp expect actual
'

test_expect_success 'fast-forward, and the refusal to do anything else' '
	git checkout -q -B work base && git merge --ff-only renames >out && test_grep "^Fast-forward$" out &&
	test_cmp_rev HEAD renames &&
	test_expect_code 128 git merge --ff-only changes 2>err && test_grep "Not possible to fast-forward, aborting" err
'

test_expect_success 'a conflict leaves markers, stages and a message, and can be aborted' '
	git checkout -q -B one base && sed -e "s/^10$/TEN/" <file >new && mv new file && test_tick && git commit -q -a -m one &&
	test_expect_code 1 git merge changes >out && test_grep "CONFLICT (content): Merge conflict in file" out &&
	test_grep "Automatic merge failed; fix conflicts and then commit the result" out &&
	test_grep "^<<<<<<< HEAD$" file && test_grep "^>>>>>>> changes$" file &&
	git ls-files -u >unmerged && test_line_count = 3 unmerged &&
	test_grep "Merge tag .changes. into one" .git/MERGE_MSG &&
	git merge --abort && git status --porcelain -uno >status && test_must_be_empty status && test_cmp_rev HEAD one
'

test_expect_success 'what is not committed is not lost' '
	git checkout -q -B work base && echo local >>file && test_must_fail git merge changes 2>err &&
	test_grep "would be overwritten by merge" err && test_grep "^local$" file && git checkout -q -- file
'

test_expect_success 'unrelated histories only where allowed' '
	orphan=$(git commit-tree -m orphan $(git mktree </dev/null)) &&
	test_must_fail git merge $orphan 2>err && test_grep "refusing to merge unrelated histories" err &&
	git merge -q -m both --allow-unrelated-histories $orphan
'

test_done
