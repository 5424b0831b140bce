#!/bin/sh

test_description='submodules from the day they are added until they are gone

A superproject with one submodule and one inside of that: cloned, fetched, pushed, moved between commits, renamed, removed.
What must never happen is tried as well: a submodule that steps out of its place.'

. ./test-lib.sh

test_expect_success 'two levels of submodules' '
	git config --global protocol.file.allow always &&
	git init inner &&
	test_commit -C inner deep &&
	git init lib &&
	test_commit -C lib one &&
	git -C lib submodule add "$PWD/inner" inner &&
	git -C lib commit -m "with inner" &&
	git init super &&
	test_commit -C super base &&
	git -C super submodule add "$PWD/lib" lib &&
	git -C super commit -m "with lib" &&
	git -C super submodule update --init --recursive
'

test_expect_success 'status tells what is there, and what moved' '
	git -C super submodule status --recursive >out &&
	test_line_count = 2 out &&
	grep "^ $(git -C lib rev-parse HEAD) lib " out &&
	grep "^ $(git -C inner rev-parse HEAD) lib/inner " out &&
	test_commit -C super/lib two &&
	git -C super submodule status >out &&
	grep "^+$(git -C super/lib rev-parse HEAD) lib " out
'

test_expect_success 'clone --recurse-submodules brings all of them' '
	git clone --recurse-submodules super copy &&
	test_path_is_file copy/lib/one.t &&
	test_path_is_file copy/lib/inner/deep.t &&
	test_path_is_dir copy/.git/modules/lib/modules/inner
'

test_expect_success 'push --recurse-submodules=check refuses, on-demand pushes' '
	git clone --bare lib lib.git &&
	git clone --bare super super.git &&
	git -C super/lib remote set-url origin "$PWD/lib.git" &&
	git -C super/lib fetch &&
	git -C super/lib checkout -B work &&
	git -C super/lib config push.default current &&
	git -C super commit -am "lib moved" &&
	test_must_fail git -C super push --recurse-submodules=check "$PWD/super.git" HEAD 2>err &&
	grep "  lib" err &&
	git -C super push --recurse-submodules=on-demand "$PWD/super.git" HEAD &&
	git -C super/lib rev-parse HEAD >expect &&
	git -C lib.git rev-parse work >actual &&
	test_cmp expect actual
'

test_expect_success 'fetch asks for recorded commits that no branch has' '
	git -C copy remote set-url origin "$PWD/super.git" &&
	git -C copy/lib remote set-url origin "$PWD/lib.git" &&
	git -C copy config submodule.lib.url "$PWD/lib.git" &&
	git -C lib.git update-ref refs/hidden/work refs/heads/work &&
	git -C lib.git update-ref -d refs/heads/work &&
	git -C copy fetch --recurse-submodules &&
	git -C copy/lib cat-file -e "$(git -C super rev-parse HEAD:lib)"
'

test_expect_success 'checkout --recurse-submodules moves, removes and brings back' '
	git -C copy checkout --recurse-submodules FETCH_HEAD &&
	test_path_is_file copy/lib/two.t &&
	git -C copy checkout --recurse-submodules HEAD~2 &&
	test_path_is_missing copy/lib &&
	test_path_is_dir copy/.git/modules/lib &&
	git -C copy checkout --recurse-submodules - &&
	test_path_is_file copy/lib/two.t &&
	test_path_is_file copy/lib/inner/deep.t
'

test_expect_success 'checkout stays where it is when a submodule can not follow' '
	test_when_finished "git -C copy/lib reset --hard" &&
	echo precious >copy/lib/one.t &&
	git -C copy/lib add one.t &&
	git -C copy rev-parse HEAD >expect &&
	test_must_fail git -C copy checkout --recurse-submodules HEAD~2 &&
	git -C copy rev-parse HEAD >actual &&
	test_cmp expect actual &&
	echo precious >expect &&
	test_cmp expect copy/lib/one.t
'

test_expect_success 'a submodule that is renamed keeps working, with those inside' '
	git -C copy mv lib library &&
	git -C copy/library status &&
	git -C copy/library/inner status &&
	test "$(git -C copy config -f .gitmodules submodule.lib.path)" = library
'

test_expect_success 'deinit and init again' '
	git -C copy submodule deinit -f library &&
	test_dir_is_empty copy/library &&
	test_must_fail git -C copy config submodule.lib.url &&
	git -C copy submodule update --init library &&
	test_path_is_file copy/library/two.t
'

test_expect_success 'grep and ls-files look into submodules' '
	git -C super ls-files --recurse-submodules >out &&
	grep "^lib/inner/deep.t$" out &&
	git -C super grep --recurse-submodules -l deep >out &&
	grep "^lib/inner/deep.t$" out
'

test_expect_success 'names and paths that lead elsewhere are refused' '
	git init evil &&
	test_commit -C evil base &&
	test_must_fail git -C evil submodule add --name ../../escape "$PWD/lib" sub &&
	ln -s "$PWD" evil/link &&
	test_must_fail git -C evil submodule add "$PWD/lib" link/sub &&
	test_path_is_missing sub
'

test_expect_success 'a git directory inside of another one is refused' '
	git clone super nested &&
	git -C nested submodule add --name a "$PWD/lib" a &&
	test_must_fail git -C nested submodule add --force --name a/hooks "$PWD/inner" b 2>err &&
	grep "inside git dir" err
'

test_done
