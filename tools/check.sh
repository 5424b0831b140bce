#!/bin/sh
# usage: tools/check.sh [OUT]
#
# make check: format, layers, include cycles, headers that compile alone, lint.  There are no exceptions
# to any of these; a rule that is wrong is changed here, for everybody.
out=${1:-build}
fail=0
start=$(date +%s)
bad () { echo "check: $*"; fail=1; }
: "${CXX:=g++}"
jobs=$(nproc 2>/dev/null || echo 2)
sources=$(git ls-files '*.cc' '*.h')

# Format.
if command -v clang-format >/dev/null 2>&1
then
	echo "$sources" | xargs -P "$jobs" -n 40 clang-format --dry-run -Werror >/dev/null 2>"${TMPDIR:-/tmp}/check.format.$$" ||
	{ sed -n 's/: error.*//p' "${TMPDIR:-/tmp}/check.format.$$" | sort -u | head -20; bad "format: run clang-format -i on the files above"; }
	rm -f "${TMPDIR:-/tmp}/check.format.$$"
else
	echo "check: no clang-format here, formatting not looked at"
fi

# Layers and cycles.
perl tools/check-layers.pl || bad "layers"

# Every header compiles alone, and names what it uses of the standard library.
"${MAKE:-make}" -s -k -j"$jobs" -f tools/check-headers.mk O="$out" CXX="$CXX" || bad "headers"
git ls-files '*.h' | grep -v '^tools/pch.h' | xargs perl tools/check-headers.pl || bad "headers"

# Lint: what no compiler says.
git grep -nE '(std::cout|std::cerr|[^_a-z:]printf\(|puts\()' -- 'base/*.cc' 'hash/*.cc' 'object/*.cc' 'config/*.cc' 'wire/*.cc' 'pack/*.cc' \
	'odb/*.cc' 'refs/*.cc' 'walk/*.cc' 'negotiator/*.cc' 'protocol/*.cc' ':!base/error.cc' ':!base/fmt.cc' | grep -v snprintf && bad "a room prints"
git grep -nE '(^|[^.>_a-z~])(std::)?(exit|_exit|_Exit)\(' -- 'hash/*.cc' 'object/*.cc' 'config/*.cc' 'wire/*.cc' 'pack/*.cc' 'odb/*.cc' 'refs/*.cc' 'walk/*.cc' \
	'negotiator/*.cc' 'protocol/*.cc' && bad "a room exits"
git grep -nE '#\s*if(n?def)?\b.*(__linux__|__APPLE__|_WIN32)' -- '*.cc' '*.h' ':!compat' && bad "system #ifdef outside compat/"
git grep -nE '(TODO|FIXME|XXX|HACK)' -- '*.cc' '*.h' '*.sh' ':!tools/check.sh' ':!t/test-lib*' ':!tools/run-tests.sh' ':!t/conformance' | grep -vE 'XXXXXX|XXX/|# TODO|t/t[0-9]' && bad "a promise instead of code"
git grep -nE '[	 ]+$' -- '*.cc' '*.h' '*.sh' Makefile && bad "white space at the end of a line"
git ls-files '*.h' | grep -v '^tools/pch.h' | xargs perl -ne '$said ||= $. <= 12 && m{^//};
	if (eof) { print "$ARGV: no word on what it is for\n" unless $said; $said = 0; close ARGV }' | grep . && bad "headers"
git grep -L '^test_description=' -- 't/t[0-9]*.sh' 't/interop/i[0-9]*.sh' | grep . && bad "no description in the scripts above"
git grep -L '^test_done' -- 't/t[0-9]*.sh' 't/interop/i[0-9]*.sh' | grep . && bad "no test_done in the scripts above"
echo "check: $(($(date +%s) - start)) s"
exit $fail
