#!/bin/sh

test_description='peers that break the protocol of a push get an answer and change nothing'

. ./test-lib.sh

pkt () {
	printf "%04x%s" $((${#1} + 4)) "$1"
}

# What a receive-pack of the stock kind says first, for one ref.
advertise () {
	line="$1 refs/heads/main" caps=" report-status side-band-64k delete-refs agent=x"
	printf "%04x%s\0%s" $((${#line} + ${#caps} + 5)) "$line" "$caps" &&
	printf 0000
}

command () {
	line="$1 $2 $3" caps="report-status"
	printf "%04x%s\0%s" $((${#line} + ${#caps} + 5)) "$line" "$caps"
}

test_expect_success 'two repositories' '
	test_commit one &&
	head=$(git rev-parse HEAD) &&
	zero=$(echo $head | sed "s/./0/g") &&
	git clone --bare . server.git &&
	git -C server.git for-each-ref >before
'

unchanged () {
	git -C server.git fsck >/dev/null 2>&1 &&
	git -C server.git for-each-ref >after &&
	test_cmp before after &&
	test -z "$(ls server.git/objects | grep incoming)"
}

test_expect_success 'a length that is none' '
	printf "zzzz" >in &&
	test_must_fail git receive-pack server.git <in >out 2>err &&
	grep "bad line length character: zzzz" err &&
	unchanged
'

test_expect_success 'a length beyond what packets may have' '
	printf "ffffx" >in &&
	test_must_fail git receive-pack server.git <in >out 2>err &&
	unchanged
'

test_expect_success 'a connection that ends in the middle' '
	command $zero $head refs/heads/x | head -c 60 >in &&
	test_must_fail git receive-pack server.git <in >out 2>err &&
	unchanged &&
	{ command $zero $head refs/heads/x && printf "0000PACK"; } >in &&
	git receive-pack server.git <in >out 2>err || : &&
	unchanged
'

for name in refs/heads/../../config refs/heads/a..b "refs/heads/x.lock" refs/ HEAD "refs/heads/a b" config
do
	test_expect_success "a push to '$name'" '
		{ command $head $zero "$name" && printf 0000; } >in &&
		git receive-pack server.git <in >out 2>err || : &&
		! grep -a "ok $name" out &&
		unchanged
	'
done

test_expect_success 'a ref name with a newline' '
	{ command $zero $head "refs/heads/x
y" && printf "0000" && git pack-objects --stdout </dev/null; } >in &&
	git receive-pack server.git <in >out 2>err || : &&
	unchanged
'

test_expect_success 'an object that was never sent' '
	fake=$(echo $head | tr 0123456789abcdef 123456789abcdef0) &&
	{ command $zero $fake refs/heads/x && printf "0000" && git pack-objects --stdout </dev/null; } >in &&
	git receive-pack server.git <in >out 2>err || : &&
	grep -a "ng refs/heads/x" out &&
	unchanged
'

test_expect_success 'one ref twice' '
	{
		command $zero $head refs/heads/twice &&
		pkt "$zero $head refs/heads/twice" &&
		printf 0000 && echo $head | git pack-objects --stdout
	} >in &&
	git receive-pack server.git <in >out 2>err || : &&
	git -C server.git fsck &&
	rm -rf server.git && git clone --bare . server.git
'

test_expect_success 'more than receive.maxInputSize' '
	git -C server.git config receive.maxInputSize 100 &&
	test-tool genrandom seed 100000 >big && git add big && git commit -m big &&
	test_must_fail git push server.git HEAD:refs/heads/big 2>err &&
	grep "exceeds maximum allowed size" err &&
	unchanged
'

test_expect_success 'a pack whose objects inflate without end is cut off' '
	git -C server.git config receive.maxInputSize 20000 &&
	head -c 50000000 /dev/zero >zeros && git add zeros && git commit -m zeros &&
	test_must_fail git push server.git HEAD:refs/heads/zeros 2>err &&
	unchanged
'

test_expect_success 'a server that answers nonsense, nothing, or too little' '
	for answer in "" "0005x" "zzzz" "0000"
	do
		{ advertise $head && printf "%s" "$answer"; } >answer &&
		test_must_fail git push --receive-pack="cat $PWD/answer; cat >/dev/null; :" server.git HEAD:refs/heads/new 2>err &&
		grep "error\|fatal" err || return 1
	done
'

test_expect_success 'words of a server are masked' '
	band2=$(printf "\002oops\033]0;evil\007\r\n") &&
	{ advertise $head && printf "%04x%s\n" $((${#band2} + 5)) "$band2" && printf 0000; } >answer &&
	test_must_fail git push --receive-pack="cat $PWD/answer; cat >/dev/null; :" server.git HEAD:refs/heads/new 2>err &&
	grep "remote: oops^\[\]0;evil^G" err
'

test_expect_success 'a report about refs that nobody pushed' '
	report=$(pkt "unpack ok
" && pkt "ok refs/heads/other
" && printf 0000) &&
	{ advertise $head && printf "%04x\001%s" $((${#report} + 5)) "$report" && printf 0000; } >answer &&
	test_must_fail git push --receive-pack="cat $PWD/answer; cat >/dev/null; :" server.git HEAD:refs/heads/new 2>err &&
	grep "unknown ref: refs/heads/other" err
'

test_done
