#!/bin/sh
test_description='the interop matrix over file://'

cd "$(dirname "$0")/.." || exit 1
TEST_NO_CREATE_REPO=t
. ./test-lib.sh
. "$TEST_DIRECTORY/interop/interop-lib.sh"
. "$TEST_DIRECTORY/interop/lib-matrix.sh"

transport=file
start_server () { :; }
url_of () { echo "file://$TRASH_DIRECTORY/$2.git"; }
options_for () {
	echo "-c remote.origin.uploadpack=$TRASH_DIRECTORY/$1-upload-pack -c remote.origin.receivepack=$TRASH_DIRECTORY/$1-receive-pack"
}
run_matrix

test_done
