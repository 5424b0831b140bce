#!/bin/sh
test_description='the interop matrix over ssh'

cd "$(dirname "$0")/.." || exit 1
TEST_NO_CREATE_REPO=t
. ./test-lib.sh
. "$TEST_DIRECTORY/interop/interop-lib.sh"
. "$TEST_DIRECTORY/interop/lib-matrix.sh"

transport=ssh
# The name of the host says which implementation answers there.
start_server () {
	write_script "$TRASH_DIRECTORY/ssh" <<-SSH
	while :
	do
		case \$1 in
		-o | -p) shift 2 ;;
		-*) shift ;;
		*) break ;;
		esac
	done
	case \$1 in
	ours) GIT_EXEC_PATH=$GIT_BUILD_DIR PATH=$GIT_BUILD_DIR/bin-wrappers:/usr/bin:/bin && export GIT_EXEC_PATH ;;
	stock) unset GIT_EXEC_PATH GIT_TEMPLATE_DIR; PATH=$(dirname "$stock_git"):/usr/bin:/bin ;;
	esac
	shift
	eval "\$*"
	SSH
	GIT_SSH_COMMAND="'$TRASH_DIRECTORY/ssh'" GIT_SSH_VARIANT=ssh
	export GIT_SSH_COMMAND GIT_SSH_VARIANT
}
url_of () { echo "ssh://$1$TRASH_DIRECTORY/$2.git"; }
run_matrix

test_done
