#!/bin/sh
test_description='push with a base: the server advertises what the push needs and nothing else'

TEST_NO_CREATE_REPO=t
. ./test-lib.sh

server=$PWD/server.git
advertised () { sed -n "s/.*push< \([0-9a-f]* [^ ]*\).*/\1/p" "$1" | sed "s/\\\\0.*//" | grep " "; }
push () { rm -f trace; GIT_TRACE_PACKET=$TRASH_DIRECTORY/trace git -C client push "$@"; }
fresh () {
	rm -rf server.git client trace && git clone -q --bare base server.git && git clone -q "file://$server" client &&
	git -C client config push.base auto && test_commit -C client --no-tag topic
}
same_in_client () { test "$(git -C client rev-parse --verify "$1")" = "$(git -C client rev-parse --verify "$2")"; }
few () { advertised trace >seen && test_line_count -lt 5 seen; }
all () { advertised trace >seen && test_line_count -gt 50 seen; }

test_expect_success 'a server with many refs' '
	git init -q base && for i in 1 2 3; do test_commit -C base c$i || return 1; done &&
	for i in $(test_seq 60); do echo "create refs/heads/many/b$i c2"; done >refs && git -C base update-ref --stdin <refs &&
	git -C base pack-refs --all
'

test_expect_success 'by default every ref is advertised' '
	fresh && git -C client config push.base false && push origin HEAD:refs/heads/topic && all
'

test_expect_success 'auto: the base and nothing else' '
	fresh && base=$(git -C client rev-parse HEAD^) && push --progress origin HEAD:refs/heads/topic 2>err &&
	advertised trace >actual && echo "$base .have" >expect && test_cmp expect actual && test_grep "Total 3 " err &&
	same_in_client HEAD origin/topic && git -C server.git fsck --connectivity-only
'

test_expect_success 'the old value of a ref that is updated' '
	fresh && push origin HEAD:refs/heads/many/b7 HEAD:main && few &&
	test_grep " refs/heads/many/b7" seen && test_grep " refs/heads/main" seen && test_grep ! many/b8 seen
'

test_expect_success 'a base that another tracking ref points at' '
	fresh && git -C client push -q origin HEAD:one && test_commit -C client two && base=$(git -C client rev-parse HEAD^) &&
	push --progress origin HEAD:refs/heads/two 2>err && few && test_grep "$base .have" seen && test_grep "Total 3 " err
'

test_expect_success '--base, several times; --no-base' '
	fresh && git -C client config --unset push.base && one=$(git -C client rev-parse c1) two=$(git -C client rev-parse c2) &&
	push --base=c1 --base=$two origin HEAD:refs/heads/topic && few && test_grep "$one .have" seen && test_grep "$two .have" seen &&
	git -C client config push.base auto && push --no-base origin HEAD:refs/heads/other && all &&
	git -C client config push.base c3 && push origin HEAD:refs/heads/third && few && test_grep "$(git -C client rev-parse c3) .have" seen &&
	test_must_fail git -C client push --base=nonsense origin HEAD:x 2>err && test_grep "nonsense" err
'

test_expect_success 'what cannot be listed is pushed as ever' '
	for args in ":" "refs/heads/*:refs/heads/new/*" "--all" "--follow-tags HEAD:x1" "--prune HEAD:x2" "--mirror" "--tags"
	do
		fresh && case $args in
		--*[a-z]\ *) set -- ${args%% *} origin ${args#* } ;;
		--*) set -- $args origin ;;
		*) set -- origin "$args" ;;
		esac && push "$@" >out 2>&1 ; all || return 1
	done
'

test_expect_success 'keys that do not fit are not sent' '
	fresh && names= && for i in $(test_seq 30); do names="$names HEAD:refs/heads/a-branch-with-a-long-name-$i"; done &&
	push origin $names && all
'

test_expect_success 'fast-forward check, lease and deletion see the old value' '
	fresh && push origin HEAD:main && git -C client reset -q --hard c1 && test_commit -C client fork &&
	test_must_fail git -C client push origin HEAD:main 2>err && test_grep "non-fast-forward" err &&
	test_must_fail git -C client push --force-with-lease=main:c1 origin HEAD:main 2>err && test_grep "stale info" err &&
	push --force-with-lease origin HEAD:main && few && same_in_client HEAD origin/main &&
	push origin :many/b3 && few && test_must_fail git -C server.git rev-parse --verify many/b3
'

test_expect_success 'somebody else was faster' '
	fresh && git clone -q server.git other && test_commit -C other theirs && git -C other push -q origin HEAD:main &&
	test_must_fail git -C client push origin HEAD:main 2>err && test_grep "fetch first" err &&
	test_must_fail git -C client push --force-with-lease origin HEAD:main 2>err && test_grep "stale info" err
'

advertise () { GIT_PROTOCOL="$1" git receive-pack --http-backend-info-refs server.git >out && test-tool pkt-line unpack <out | tr '\0' ' ' >lines; }
full () { test $(wc -l <lines) -gt 50; }

test_expect_success 'the server knows a base only where visible refs reach it' '
	fresh && c1=$(git -C base rev-parse c1) stray=$(git -C server.git commit-tree -m stray $EMPTY_TREE) &&
	tag=$(git -C server.git mktag <<-TAG
	object $c1
	type commit
	tag t
	tagger A <a@b> 1 +0000

	t
	TAG
	) &&
	advertise base=$c1 && ! full && test_grep "$c1 .have" lines &&
	advertise base=$stray && full && advertise base=$(git -C base rev-parse c1^{tree}) && full && advertise base=$tag && full &&
	git -C server.git update-ref refs/hidden/x $stray && git -C server.git config receive.hideRefs refs/hidden &&
	advertise base=$stray && full && test_grep ! hidden lines &&
	advertise base=$c1:ref=refs/hidden/x:ref=refs/heads/many/b1 && ! full && test_grep ! hidden lines && test_grep many/b1 lines &&
	git -C server.git config receive.acceptBase false && advertise base=$c1 && full
'

test_expect_success 'bad keys are no keys' '
	fresh && c1=$(git -C base rev-parse c1) &&
	for key in base= base base=zz base=${c1}0 base=$ZERO_OID base=$(echo $c1 | tr 0-9a-f 1-9a-f0) "base=$c1 " version=1:base=${c1}123456789012345678901234 \
		ref=refs/heads/main ":::" "base=:ref=:=:x=y" ref=../../etc/passwd
	do
		advertise "$key" && full || return 1
	done &&
	advertise "bogus:base=$c1:base=$c1:ref=:ref=HEAD:ref=refs/heads/..:ref=refs/heads/none:ref=refs/heads/main:ref=refs/heads/main:x=y" &&
	! full && test $(grep -c "$c1 .have" lines) = 1 && test $(grep -c refs/heads/main lines) = 1 && test_grep ! HEAD lines
'
test_expect_success 'no end of keys' '
	fresh && c1=$(git -C base rev-parse c1) &&
	perl -e "for (1..2500) { printf \"%sbase=%040x\", \$_ > 1 ? \":\" : \"\", \$_ } print \":ref=refs/heads/x\$_\" for 1..200" >many &&
	advertise "$(cat many)" && full && advertise "base=$c1:$(cat many)" && ! full
'

test_expect_success 'over ssh' '
	fresh && write_script fake-ssh <<-\SSH &&
	echo "$GIT_PROTOCOL" >>"$SSH_LOG"
	for command; do :; done
	eval "$command"
	SSH
	GIT_SSH=$PWD/fake-ssh GIT_SSH_VARIANT=ssh SSH_LOG=$PWD/ssh-log push "ssh://host$server" --base=c3 HEAD:refs/heads/topic &&
	few && test_grep "base=$(git -C client rev-parse c3):ref=refs/heads/topic" ssh-log
'

test_expect_success 'over git://' '
	fresh && write_script inetd <<-\INETD &&
	exec git daemon --inetd --export-all --enable=receive-pack --base-path="$BASE"
	INETD
	GIT_PROXY_COMMAND=$PWD/inetd BASE=$PWD push git://host/server.git --base=c3 HEAD:refs/heads/topic && few &&
	test_grep "$(git -C client rev-parse c3) .have" seen
'

test_expect_success STOCK_GIT 'a server that has never heard of it' '
	fresh && push --receive-pack="unset GIT_EXEC_PATH; PATH=/usr/bin:/bin; $stock_git receive-pack" origin HEAD:refs/heads/topic && all &&
	same_in_client HEAD origin/topic
'

test_expect_success STOCK_GIT 'a client that has never heard of it' '
	fresh && GIT_TRACE_PACKET=$PWD/trace "$stock_git" -C client push --receive-pack="git receive-pack" origin HEAD:refs/heads/topic && all
'

test_expect_success 'remote helpers are told, if they ask for it' '
	fresh && write_script git-remote-told <<-\HELPER &&
	while read line
	do
		case $line in
		capabilities) printf "option\npush\n%s\n" "$HELPER_CAPABILITY" ;;
		option*) echo "$line" >>"$HELPER_LOG"; echo ok ;;
		list*) echo "$line" >>"$HELPER_LOG"; echo ;;
		push*) ref=${line#*:}; read end; printf "ok %s\n\n" $ref ;;
		"") exit ;;
		esac
	done
	HELPER
	c3=$(git -C client rev-parse c3) &&
	HELPER_LOG=$PWD/log HELPER_CAPABILITY="push-base$LF" PATH=$PWD:$PATH push --base=c3 told::x HEAD:refs/heads/topic &&
	cat >expect <<-EXPECT &&
	option push-base $c3
	option push-ref refs/heads/topic
	list for-push
	EXPECT
	grep "push-\|list" log >actual && test_cmp expect actual &&
	HELPER_LOG=$PWD/log2 HELPER_CAPABILITY= PATH=$PWD:$PATH push --base=c3 told::x HEAD:refs/heads/topic && test_grep ! push- log2
'

test_expect_success 'a push to a URL negotiates for its base' '
	fresh && git -C client config push.negotiate true && c3=$(git -C client rev-parse c3) &&
	push "file://$server" HEAD:refs/heads/topic && few && test_grep "$c3 .have" seen
'

test_expect_success 'with a good base in hand there is no negotiation' '
	fresh && git -C client config push.negotiate true &&
	GIT_TRACE2_EVENT=$PWD/events push origin HEAD:refs/heads/topic && few && test_grep ! negotiate-only events
'

test_done
