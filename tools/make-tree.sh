#!/bin/sh
# usage: make-tree.sh OUT TOP SHELL PERL PYTHON NO_CURL NO_EXPAT NO_LIBPCRE2 SANITIZE
#
# Lays out the build folder the way git-style shell suites (and GIT_EXEC_PATH users) expect it:
# git-foo links, bin-wrappers/, templates/blt/, GIT-BUILD-OPTIONS.  Files are only rewritten
# when they change.
set -e
out=$1 top=$2 shell=$3 perl=$4 python=$5 no_curl=$6 no_expat=$7 no_pcre=$8 sanitize=$9
case $out in /*) ;; *) out=$top/$out ;; esac

put () {
	cat >"$1.new"
	if cmp -s "$1.new" "$1"; then rm "$1.new"; else mv "$1.new" "$1"; fi
}
yes_if_empty () { if test -z "$1"; then echo YesPlease; fi; }

# Every builtin as git-foo, a hard link where the file system has them.
sed -n 's/^GIT_BUILTIN("\([^"]*\)".*/\1/p' "$out/gen/builtin-table.inc" |
while read -r name
do
	if ! test "$out/git-$name" -ef "$out/git"
	then
		ln -f "$out/git" "$out/git-$name" 2>/dev/null || cp "$out/git" "$out/git-$name"
	fi
done
if test -x "$out/git-remote-http"
then
	for name in git-remote-https git-remote-ftp git-remote-ftps
	do
		test "$out/$name" -ef "$out/git-remote-http" || ln -f "$out/git-remote-http" "$out/$name"
	done
fi
for script in "$top"/contrib/scripts/git-*
do
	test -f "$script" || continue
	name=$(basename "$script")
	sed -e "1s|#!.*/sh|#!$shell|" -e "1s|#!.*perl|#!$perl|" "$script" | put "$out/$name"
	chmod +x "$out/$name"
done

# Templates.
mkdir -p "$out/templates/blt"
if test -d "$top/templates"
then
	(cd "$top/templates" && find . -type d ! -name .) | while read -r dir; do mkdir -p "$out/templates/blt/$dir"; done
	(cd "$top/templates" && find . -type f ! -name '.git*') | while read -r file
	do
		put "$out/templates/blt/$file" <"$top/templates/$file"
		if test -x "$top/templates/$file"; then chmod +x "$out/templates/blt/$file"; fi
	done
fi
mkdir -p "$out/templates/blt/branches" "$out/templates/blt/info" "$out/templates/blt/hooks"

# Programs as they will be called after installation, running the ones built here.
mkdir -p "$out/bin-wrappers"
wrap () {
	put "$out/bin-wrappers/$1" <<WRAPPER
#!$shell
# Runs the program built in this folder, as if it were installed.
GIT_EXEC_PATH='$out'
if test -n "\$NO_SET_GIT_TEMPLATE_DIR"
then
	unset GIT_TEMPLATE_DIR
else
	GIT_TEMPLATE_DIR='$out/templates/blt'
	export GIT_TEMPLATE_DIR
fi
GIT_TEXTDOMAINDIR='$out/po/build/locale'
PATH='$out/bin-wrappers':"\$PATH"
export GIT_EXEC_PATH PATH GIT_TEXTDOMAINDIR
case "\$GIT_DEBUGGER" in
'') exec "$2" "\$@" ;;
1) unset GIT_DEBUGGER; exec gdb --args "$2" "\$@" ;;
*) GIT_DEBUGGER_ARGS="\$GIT_DEBUGGER"; unset GIT_DEBUGGER; exec \${GIT_DEBUGGER_ARGS} "$2" "\$@" ;;
esac
WRAPPER
	chmod +x "$out/bin-wrappers/$1"
}
wrap git "$out/git"
for name in git-receive-pack git-shell git-upload-archive git-upload-pack git-cvsserver scalar
do
	if test -x "$out/$name"; then wrap "$name" "$out/$name"; fi
done
wrap test-tool "$out/t/helper/test-tool"
put "$out/t/helper/test-fake-ssh" <"$top/t/helper/test-fake-ssh.sh"
chmod +x "$out/t/helper/test-fake-ssh"

put "$out/GIT-BUILD-OPTIONS" <<OPTIONS
SHELL_PATH='$shell'
TEST_SHELL_PATH='$shell'
PERL_PATH='$perl'
DIFF='diff'
PYTHON_PATH='$python'
TAR='tar'
NO_CURL='$no_curl'
NO_EXPAT='$no_expat'
USE_LIBPCRE2='$(yes_if_empty "$no_pcre")'
NO_PERL=''
NO_PTHREADS=''
NO_PYTHON='YesPlease'
NO_REGEX='YesPlease'
NO_UNIX_SOCKETS=''
NO_GETTEXT='YesPlease'
NO_GITWEB='YesPlease'
NO_ICONV=''
WITH_RUST=''
X=''
FSMONITOR_DAEMON_BACKEND=''
FSMONITOR_OS_SETTINGS=''
GIT_TEST_OPTS=''
GIT_TEST_CMP='diff -u'
GIT_TEST_CMP_USE_COPIED_CONTEXT=''
GIT_TEST_UTF8_LOCALE=''
GIT_TEST_GITPERLLIB='$out/perl/build/lib'
GIT_TEST_INDEX_VERSION=''
GIT_TEST_PERL_FATAL_WARNINGS=''
GIT_TEST_TEXTDOMAINDIR='$out/po/build/locale'
GIT_TEST_POPATH='$out/po'
GIT_TEST_TEMPLATE_DIR='$out/templates/blt'
GIT_TEST_MERGE_TOOLS_DIR='$top/contrib/mergetools'
GIT_INTEROP_MAKE_OPTS=''
GIT_PERF_REPEAT_COUNT=''
GIT_PERF_REPO=''
GIT_PERF_LARGE_REPO=''
GIT_PERF_MAKE_OPTS=''
GIT_PERF_MAKE_COMMAND=''
GIT_SOURCE_DIR='$top'
GITWEBDIR='/usr/share/gitweb'
PAGER_ENV='LESS=FRX LV=-c'
DC_SHA1=''
RUNTIME_PREFIX='false'
SANITIZE_ADDRESS='$(case "$sanitize" in *address*) echo YesCompiledWithIt ;; esac)'
SANITIZE_LEAK=''
TEST_OUTPUT_DIRECTORY=''
OPTIONS
