#!/bin/sh
test_description='the interop matrix over git://'

cd "$(dirname "$0")/.." || exit 1
TEST_NO_CREATE_REPO=t
. ./test-lib.sh
. "$TEST_DIRECTORY/interop/interop-lib.sh"
. "$TEST_DIRECTORY/interop/lib-matrix.sh"

transport=git
free_port () { "$PERL_PATH" -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'; }
start_server () {
	port=$(free_port) && eval "port_of_$1=$port" || return 1
	$1 daemon --listen=127.0.0.1 --port="$port" --reuseaddr --export-all --base-path="$TRASH_DIRECTORY" \
		--enable=receive-pack --pid-file="$TRASH_DIRECTORY/$1.pid" >"$TRASH_DIRECTORY/$1.daemon" 2>&1 &
	tries=0
	until test -s "$TRASH_DIRECTORY/$1.pid"
	do
		tries=$((tries + 1)) && test $tries -lt 100 || return 1
		sleep 0.1
	done
}
stop_servers () {
	for pid in "$TRASH_DIRECTORY"/*.pid
	do
		kill "$(cat "$pid")"
	done
}
url_of () { eval "echo git://127.0.0.1:\$port_of_$1/$2.git"; }
run_matrix

test_expect_success 'the servers end when they are told to' '
	stop_servers
'

test_done
