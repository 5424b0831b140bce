#!/bin/sh

test_description='addresses and names that mean harm are refused before anything is run'

. ./test-lib.sh

refused () {
	rm -rf victim ran &&
	test_must_fail git "$@" 2>err &&
	test_path_is_missing ran &&
	test_path_is_missing victim
}

test_expect_success 'a host that looks like an option' '
	test_commit one &&
	refused clone "ssh://-oProxyCommand=touch%20ran/x" victim &&
	grep "strange hostname" err &&
	refused clone -- "-oProxyCommand=touch ran:x" victim &&
	refused clone "ssh://-oProxyCommand=touch ran@host/x" victim
'

test_expect_success 'a path that looks like an option' '
	refused clone "host:--upload-pack=touch ran" victim &&
	grep "strange pathname" err
'

test_expect_success 'a port that looks like an option' '
	refused clone "ssh://host:-oProxyCommand=x/repo" victim &&
	test_path_is_missing victim
'

test_expect_success 'a newline in a git:// path or host' '
	refused clone "git://host.invalid/one$(printf "\nhost=evil")" victim &&
	grep "forbidden" err
'

test_expect_success 'transports that run programs need leave' '
	refused clone "ext::sh -c touch% ran" victim &&
	grep "not allowed" err &&
	test_must_fail env GIT_ALLOW_PROTOCOL=https git clone "file://$PWD/." victim 2>err &&
	grep "not allowed" err &&
	test_must_fail git -c protocol.file.allow=never clone . victim
'

test_expect_success 'a repository path that looks like an option stays a path' '
	test_must_fail git upload-pack -- --help </dev/null 2>err &&
	test_must_fail git fetch-pack --upload-pack="touch ran;" -- "-oops" HEAD 2>err &&
	test_path_is_missing oops
'

test_expect_success 'only services are run by git shell' '
	test_must_fail git shell -c "git-upload-pack ;touch ran" &&
	test_must_fail git shell -c "git-upload-pack ${SQ}--help${SQ}" &&
	test_must_fail git shell -c "git-receive-pack ${SQ}.${SQ};touch ran" &&
	test_must_fail git shell -c "sh -c ${SQ}touch ran${SQ}" &&
	test_path_is_missing ran
'

test_expect_success 'submodules with URLs and names that look like options or climb out' '
	git init super &&
	for entry in "submodule.x.url -u./ran" "submodule.x.path -f" "submodule.../../hooks.url ./one"
	do
		set -- $entry &&
		git config -f super/.gitmodules submodule.x.path sub &&
		git config -f super/.gitmodules submodule.x.url ../one &&
		git config -f super/.gitmodules "$1" "$2" &&
		git -C super add .gitmodules &&
		tree=$(git -C super write-tree) &&
		commit=$(git -C super commit-tree -m x $tree) &&
		git init --bare taker.git &&
		test_must_fail git -C taker.git -c fetch.fsckObjects=true fetch ../super $commit:refs/heads/x 2>err &&
		grep -i "disallowed\|gitmodules" err &&
		rm -rf taker.git super/.gitmodules || return 1
	done
'

test_done
