# The harness of our shell tests.  It speaks the dialect of git's own suite, so that whoever writes
# tests for git can write them here, and prints TAP.
#
#	test_description='what this script is about'
#	. ./test-lib.sh
#	test_expect_success 'a title' 'shell commands that must all succeed'
#	test_done
#
# Options: -v/--verbose  -i/--immediate  -d/--debug (keep the trash)  -x (trace)  --root=DIR
#          --run=LIST (1-3,7)  --verbose-log  --tee  --valgrind[=TOOL]  --no-color
# The programs under test are those of $GIT_BUILD_DIR (default: ../build), or of
# $GIT_TEST_INSTALLED where that is set.

TEST_DIRECTORY=$(pwd)
: "${GIT_BUILD_DIR:=$(cd .. && pwd)/build}"
this_script=$(basename "$0" .sh)
test_root=$TEST_DIRECTORY
verbose= immediate= debug= trace= run_list= verbose_log= valgrind=
for opt
do
	case $opt in
	-v | --verbose) verbose=t ;;
	-i | --immediate) immediate=t ;;
	-d | --debug) debug=t ;;
	-x) trace=t verbose=t ;;
	--root=*) test_root=${opt#--root=} ;;
	--run=*) run_list=${opt#--run=} ;;
	-V | --verbose-log | --tee) verbose_log=t ;;
	--valgrind) valgrind=memcheck verbose=t ;;
	--valgrind=*) valgrind=${opt#--valgrind=} verbose=t ;;
	-q | --quiet | --no-color | --color) ;;
	*) echo >&2 "$0: unknown option $opt"; exit 1 ;;
	esac
done

if ! test -x "$GIT_BUILD_DIR/git"
then
	echo >&2 "$0: $GIT_BUILD_DIR/git is not there; run 'make' first"
	exit 1
fi
. "$GIT_BUILD_DIR/GIT-BUILD-OPTIONS"

# ---- a world that does not depend on the user's ----
stock_git=$(PATH=/usr/bin:/bin:/usr/local/bin command -v git)
for var in $(env | sed -n 's/^\(GIT_[A-Z0-9_]*\)=.*/\1/p')
do
	case $var in
	GIT_BUILD_DIR | GIT_TEST_* | GIT_TRACE*) ;;
	*) unset "$var" ;;
	esac
done
unset XDG_CONFIG_HOME XDG_CACHE_HOME VISUAL EDITOR EMAIL LANGUAGE CDPATH GREP_OPTIONS UNZIP
LANG=C LC_ALL=C TZ=UTC PAGER=cat TERM=dumb
EDITOR=:
GIT_AUTHOR_NAME='A U Thor' GIT_AUTHOR_EMAIL=author@example.com
GIT_COMMITTER_NAME='C O Mitter' GIT_COMMITTER_EMAIL=committer@example.com
GIT_MERGE_VERBOSITY=5 GIT_MERGE_AUTOEDIT=no
GIT_CONFIG_NOSYSTEM=1 GIT_ATTR_NOSYSTEM=1 GIT_ADVICE=1
GIT_DEFAULT_HASH=${GIT_TEST_DEFAULT_HASH:-sha1}
GIT_TEST_DEFAULT_INITIAL_BRANCH_NAME=main
export GIT_TEST_DEFAULT_INITIAL_BRANCH_NAME LANG LC_ALL TZ PAGER TERM EDITOR GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
export GIT_MERGE_VERBOSITY GIT_MERGE_AUTOEDIT GIT_CONFIG_NOSYSTEM GIT_ATTR_NOSYSTEM GIT_ADVICE GIT_DEFAULT_HASH

if test -n "$GIT_TEST_INSTALLED"
then
	PATH=$GIT_TEST_INSTALLED:$GIT_BUILD_DIR/t/helper:$PATH
else
	PATH=$GIT_BUILD_DIR/bin-wrappers:$PATH
	GIT_EXEC_PATH=$GIT_BUILD_DIR
	GIT_TEMPLATE_DIR=$GIT_BUILD_DIR/templates/blt
	export GIT_EXEC_PATH GIT_TEMPLATE_DIR
fi
if test -n "$valgrind"
then
	mkdir -p "$test_root/valgrind-bin"
	printf '#!/bin/sh\nexec valgrind -q --tool=%s --error-exitcode=126 "%s" "$@"\n' "$valgrind" "$GIT_BUILD_DIR/git" \
		>"$test_root/valgrind-bin/git"
	chmod +x "$test_root/valgrind-bin/git"
	PATH=$test_root/valgrind-bin:$PATH
fi
export PATH

TRASH_DIRECTORY=$test_root/trash.$this_script
rm -fr "$TRASH_DIRECTORY" || { echo >&2 "$0: cannot clear $TRASH_DIRECTORY"; exit 1; }
mkdir -p "$TRASH_DIRECTORY"
HOME=$TRASH_DIRECTORY
export HOME
# GIT_TEST_PUSH_BASE=auto: push.base, for every push.
if test -n "$GIT_TEST_PUSH_BASE"
then
	printf '[push]\n\tbase = %s\n' "$GIT_TEST_PUSH_BASE" >>"$HOME/.gitconfig"
fi
# GIT_TEST_PUSH_NEGOTIATE=1: every push negotiates, as a user may have set it for all repositories.
if test -n "$GIT_TEST_PUSH_NEGOTIATE"
then
	printf '[push]\n\tnegotiate = true\n' >>"$HOME/.gitconfig"
fi
GIT_CEILING_DIRECTORIES=$(dirname "$TRASH_DIRECTORY")
export GIT_CEILING_DIRECTORIES

exec 5>&1 6<&0
if test -n "$verbose_log"
then
	mkdir -p "$TEST_DIRECTORY/test-results"
	exec 3>"$TEST_DIRECTORY/test-results/$this_script.out" 4>&3
elif test -n "$verbose"
then
	exec 4>&2 3>&1
else
	exec 4>/dev/null 3>/dev/null
fi

test_count=0 test_failure=0 test_fixed=0 test_broken=0 test_skipped=0
satisfied_prereq=' ' lazy_prereqs=' '
EXIT_OK=
LF='
'
SQ=\'
ZERO_OID=0000000000000000000000000000000000000000
EMPTY_TREE=4b825dc642cb6eb9a060e54bf8d69288fbee4904
EMPTY_BLOB=e69de29bb2d1d6434b8b29ae775ad8c2e48c5391
if test "$GIT_DEFAULT_HASH" = sha256
then
	ZERO_OID=${ZERO_OID}000000000000000000000000
	EMPTY_TREE=6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321
	EMPTY_BLOB=473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813
fi

say () { echo "# $*" >&5; }
BAIL_OUT () { echo "Bail out! $*" >&5; EXIT_OK=t; exit 1; }
error () { echo "error: $*" >&5; EXIT_OK=t; exit 1; }
die () {
	code=$?
	if test -z "$EXIT_OK"; then echo "FATAL: unexpected exit with code $code" >&5; exit 1; fi
	exit $code
}
trap die EXIT
trap 'EXIT_OK=t; exit 130' INT TERM HUP

. "$TEST_DIRECTORY/test-lib-functions.sh"

cd -P "$TRASH_DIRECTORY" || exit 1
if test -z "$TEST_NO_CREATE_REPO"
then
	git -c init.defaultBranch=main init . >&3 2>&4 || error "cannot run git init"
fi

test_lazy_prereq PIPE 'rm -f testfifo && mkfifo testfifo'
test_lazy_prereq SYMLINKS 'ln -s x y && test -h y'
test_lazy_prereq SANITY 'test "$(id -u)" != 0'
test_lazy_prereq POSIXPERM 'true'
test_lazy_prereq SHA1 'test "$GIT_DEFAULT_HASH" = sha1'
test_lazy_prereq STOCK_GIT 'test -n "$stock_git" && ! "$stock_git" version | grep parley'
test_lazy_prereq GPG 'gpg --version'
test_lazy_prereq CURL 'test -z "$NO_CURL"'
test_lazy_prereq PERL '"$PERL_PATH" -e 0'
