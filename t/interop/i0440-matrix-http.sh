#!/bin/sh
test_description='the interop matrix over http'

cd "$(dirname "$0")/.." || exit 1
TEST_NO_CREATE_REPO=t
. ./test-lib.sh
. "$TEST_DIRECTORY/interop/interop-lib.sh"
. "$TEST_DIRECTORY/interop/lib-matrix.sh"
. "$TEST_DIRECTORY/lib-httpd.sh"

transport=http
start_httpd
start_server () { :; }
# Repositories stay where they are; the web server finds them through a link.
url_of () {
	chmod -R a+rwX "$TRASH_DIRECTORY/$2.git" && ln -sfn "$TRASH_DIRECTORY/$2.git" "$HTTPD_ROOT/www/$2.git" || return 1
	case $1 in
	ours) echo "$HTTPD_URL/smart/$2.git" ;;
	stock) echo "$HTTPD_URL/stock/$2.git" ;;
	esac
}
run_matrix

test_done
