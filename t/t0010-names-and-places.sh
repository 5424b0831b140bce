#!/bin/sh
test_description='the program, its names and where it finds things'

. ./test-lib.sh

test_expect_success 'git version is what tools parse' '
	git version >actual &&
	test_grep "^git version 2\.[0-9]*\.[0-9]*\.parley\.[0-9]*$" actual
'

test_expect_success 'git-foo links and an external git-foo on PATH' '
	mkdir bin && write_script bin/git-greet <<-\SCRIPT &&
	echo "hello $*"
	SCRIPT
	PATH=$PWD/bin:$PATH git greet you >actual &&
	echo "hello you" >expect && test_cmp expect actual &&
	"$GIT_BUILD_DIR/git-rev-parse" --git-dir >actual && echo .git >expect && test_cmp expect actual
'

test_expect_success 'an unknown command is refused with exit code 1' '
	test_expect_code 1 git no-such-command 2>err &&
	test_grep "is not a git command" err
'

test_expect_success 'an unknown option shows the usage with exit code 129' '
	test_expect_code 129 git hash-object --no-such-option 2>err &&
	test_grep "unknown option" err && test_grep "^usage: git hash-object" err
'

test_expect_success 'outside of a repository' '
	mkdir "$TRASH_DIRECTORY/outside" && mv .git hidden && test_when_finished "mv hidden .git" &&
	test_expect_code 128 git rev-parse HEAD 2>err &&
	test_grep "not a git repository" err
'

test_expect_success 'a full disk does not look like success' '
	test -w /dev/full || return 0
	test_must_fail git rev-parse --git-dir >/dev/full 2>err
'

test_done
