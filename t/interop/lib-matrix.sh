# One conversation, held by any client with any server over any transport: clone, fetch, push and their kin.  What it
# leaves behind (exit codes, refs, objects, what hooks saw) is written down step by step, and must be what stock git
# leaves behind when it talks to itself.  Sourced behind interop-lib.sh.
#
# A script sets `transport` and defines
#   start_server SERVER   makes $TRASH_DIRECTORY/SERVER-* reachable through that implementation
#   url_of SERVER NAME    the URL of the repository $TRASH_DIRECTORY/NAME.git there
#   options_for SERVER    options of `git` that a client needs to reach it, if any
# and calls run_matrix.

test_lazy_prereq GPG '
	gpg --version >/dev/null && mkdir -p "$HOME/gnupg" && chmod 700 "$HOME/gnupg" &&
	GNUPGHOME=$HOME/gnupg gpg --batch --quiet --passphrase "" --quick-gen-key committer@example.com
'
options_for () { :; }

hold_step () {
	step=$1
	shift
	"$@" >"$log.$step.out" 2>"$log.$step.err"
	echo "$step: exit $?" >>"$record"
}
# Refs and reachable objects of a repository; promised objects that aren't here are listed as missing.
hold_state () {
	echo "== $1" &&
	stock -C "$2" for-each-ref --format='%(refname) %(objectname) %(symref)' &&
	stock -C "$2" rev-list --objects --all --missing=print >"$record.objects" &&
	sed 's/ .*//' "$record.objects" | sort | cksum &&
	grep -c '^?' "$record.objects"
	if test -f "$2/shallow"; then sort "$2/shallow"; elif test -f "$2/.git/shallow"; then sort "$2/.git/shallow"; fi
} >>"$record"

make_matrix_template () {
	make_history template &&
	(
		cd template && i=0 && while test $i -lt 6; do i=$((i + 1)) && test_commit --no-tag more-$i || exit 1; done &&
		git tag -a -m two v2 && git branch old HEAD~3
	) &&
	stock clone -q template mover &&
	(cd mover && test_commit --no-tag moved && git tag v3)
}

# A server repository that takes everything the conversation asks for, and hooks that write down what they saw.
make_server () {
	stock clone -q --bare template "$1.git" &&
	stock -C "$1.git" config uploadpack.allowFilter true &&
	stock -C "$1.git" config uploadpack.allowAnySHA1InWant true &&
	stock -C "$1.git" config receive.advertisePushOptions true &&
	stock -C "$1.git" config receive.certNonceSeed sesame &&
	stock -C "$1.git" config daemon.receivepack true &&
	stock -C "$1.git" config http.receivepack true &&
	>"$1.git/git-daemon-export-ok" &&
	>"$1.git/seen" && chmod 666 "$1.git/seen" &&
	write_script "$1.git/hooks/pre-receive" <<-\HOOK &&
	{
		sort
		echo "options $GIT_PUSH_OPTION_COUNT $GIT_PUSH_OPTION_0 $GIT_PUSH_OPTION_1"
		# Over http a nonce is as old as the push took.
		case $GIT_PUSH_CERT_NONCE_STATUS in OK | SLOP) nonce=fresh ;; *) nonce=$GIT_PUSH_CERT_NONCE_STATUS ;; esac
		test -z "$GIT_PUSH_CERT" || echo "certificate $GIT_PUSH_CERT_STATUS $nonce"
	} >>seen
	HOOK
	write_script "$1.git/hooks/update" <<-\HOOK
	case $1 in refs/heads/refused*) echo "not this one"; exit 1 ;; esac
	HOOK
}

# usage: converse CLIENT SERVER VERSION: the record is $TRASH_DIRECTORY/CLIENT-SERVER-vVERSION
converse () {
	client=$1 server=$2 version=$3 name=$1-$2-v$3
	record=$TRASH_DIRECTORY/$name log=$TRASH_DIRECTORY/$name.log repo=$name.client
	test_tick=1112911993
	>"$record" && make_server "$name" && url=$(url_of "$server" "$name") || return 1
	run_client="$client -c protocol.version=$version -c user.signingkey=committer@example.com $(options_for "$server")"

	hold_step clone $run_client clone "$url" "$repo" && hold_state client "$repo" &&
	stock -C mover push -q "$TRASH_DIRECTORY/$name.git" main v3 :refs/heads/old && >"$name.git/seen" &&
	hold_step fetch $run_client -C "$repo" fetch --prune origin && hold_state client "$repo" || return 1

	(
		cd "$repo" && git checkout -q -b topic v1 && test_commit --no-tag topic-1 && git tag -a -m mine mine &&
		test_commit --no-tag topic-2
	) || return 1
	hold_step push-new $run_client -C "$repo" push --porcelain origin topic~1:refs/heads/topic &&
	hold_step push-update $run_client -C "$repo" push --porcelain --follow-tags origin topic &&
	hold_step push-tags $run_client -C "$repo" push --porcelain origin --tags &&
	hold_step push-options $run_client -C "$repo" push -o one -o two=2 origin topic:opted &&
	hold_step push-refused $run_client -C "$repo" push --porcelain origin topic:refused topic:taken &&
	hold_step push-atomic $run_client -C "$repo" push --atomic --porcelain origin topic:refused-2 topic:not-taken &&
	hold_step push-rewind $run_client -C "$repo" push --porcelain origin topic~1:topic &&
	hold_step push-lease $run_client -C "$repo" push --porcelain --force-with-lease=topic:topic origin topic~1:topic &&
	hold_step push-stale-lease $run_client -C "$repo" push --porcelain --force-with-lease=topic:v2 origin topic &&
	hold_step push-delete $run_client -C "$repo" push --porcelain origin :taken &&
	hold_step push-delete-missing $run_client -C "$repo" push --porcelain origin :never-was &&
	if test_have_prereq GPG
	then
		GNUPGHOME=$HOME/gnupg && export GNUPGHOME &&
		hold_step push-signed $run_client -C "$repo" push --signed origin topic:signed
	fi &&
	hold_state server "$name.git" && hold_state client "$repo" && cat "$name.git/seen" >>"$record" || return 1

	hold_step shallow $run_client clone --depth 2 --branch main "$url" "$repo.shallow" && hold_state shallow "$repo.shallow" &&
	hold_step deepen $run_client -C "$repo.shallow" fetch --deepen 2 && hold_state deepened "$repo.shallow" &&
	hold_step since $run_client -C "$repo.shallow" fetch --shallow-exclude=v2 && hold_state excluded "$repo.shallow" &&
	(cd "$repo.shallow" && git checkout -q -b from-shallow && test_commit --no-tag from-shallow) &&
	hold_step push-shallow $run_client -C "$repo.shallow" push --porcelain origin from-shallow &&
	hold_step unshallow $run_client -C "$repo.shallow" fetch --unshallow &&
	hold_step tags-after-unshallow $run_client -C "$repo.shallow" fetch && hold_state unshallowed "$repo.shallow" || return 1

	hold_step partial $run_client clone --no-checkout --filter=blob:none "$url" "$repo.partial" &&
	hold_state partial "$repo.partial" &&
	hold_step lazy $run_client -C "$repo.partial" checkout main && hold_state checked-out "$repo.partial" &&
	(cd "$repo.partial" && git checkout -q -b from-partial && test_commit --no-tag from-partial) &&
	hold_step push-partial $run_client -C "$repo.partial" push --porcelain origin from-partial &&
	hold_state partial "$repo.partial" &&
	hold_step ls-remote $run_client -C "$repo" ls-remote --symref origin && cat "$log.ls-remote.out" >>"$record" &&
	hold_state server "$name.git" && stock -C "$name.git" fsck --full --strict &&
	stock -C "$repo" fsck --full --strict
}

run_matrix () {
	test_expect_success "$transport: a history and the servers" '
		write_server_wrappers && make_matrix_template && start_server ours && start_server stock
	'
	for version in 0 1 2
	do
		test_expect_success "$transport, v$version: stock with stock" "
			converse stock stock $version
		"
		for pair in ours-stock stock-ours ours-ours
		do
			test_expect_success "$transport, v$version: $pair" "
				converse ${pair%-*} ${pair#*-} $version &&
				test_cmp stock-stock-v$version $pair-v$version
			"
		done
	done
}
