#!/bin/sh
# usage: run-tests.sh OUT JOBS
#
# Unit tests, fuzz corpora, then every script t/tNNNN-*.sh and t/interop/i*.sh, JOBS at a time.
# Ends in one line "N passed, M failed, K skipped" (test cases); exit 1 where anything failed.
out=$1 jobs=$2
case $out in /*) ;; *) out=$(pwd)/$out ;; esac
top=$(pwd)
results=$out/test-results
rm -rf "$results"
mkdir -p "$results"
fail=0

if test -x "$out/t/unit-tests/unit-tests"
then
	"$out/t/unit-tests/unit-tests" --gtest_brief=1 >"$results/unit.out" 2>&1 || { fail=1; cat "$results/unit.out"; }
	sed -n 's/^\[  PASSED  \] \([0-9]*\) tests*\.*$/unit tests: \1 passed/p' "$results/unit.out"
fi
sh tools/replay-corpora.sh "$out" || fail=1

root=${TEST_ROOT:-$results/trash}
mkdir -p "$root"
GIT_BUILD_DIR=$out
export GIT_BUILD_DIR results root
cd "$top/t" || exit 1
ls t[0-9][0-9][0-9][0-9]-*.sh interop/i[0-9]*.sh 2>/dev/null |
xargs -P "$jobs" -n 1 sh -c '
	dir=$(dirname "$0") name=$(basename "$0" .sh)
	cd "$dir" || exit 1
	timeout 600 sh "./$name.sh" --root="$root" >"$results/$name.tap" 2>&1 </dev/null
	code=$?
	if test $code -ne 0; then
		echo "not ok: $0 (exit $code)"
		grep "^not ok" "$results/$name.tap" | grep -v "# TODO"
		grep -q "^not ok" "$results/$name.tap" || { echo "not ok 0 - $name ended with exit code $code" >>"$results/$name.tap"; tail -5 "$results/$name.tap"; }
	fi
	sed -n "s/^1\.\.0 # SKIP/skipped: $name:/p" "$results/$name.tap"
	exit 0
'
cd "$top" || exit 1
passed=$(cat "$results"/*.tap 2>/dev/null | grep '^ok ' | grep -vc '# skip')
skipped=$(cat "$results"/*.tap 2>/dev/null | grep -c '^ok .*# skip')
failed=$(cat "$results"/*.tap 2>/dev/null | grep '^not ok' | grep -vc '# TODO')
unit=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*$/\1/p' "$results/unit.out" 2>/dev/null)
passed=$((passed + ${unit:-0}))
test "$fail" = 0 || failed=$((failed + 1))
echo "$passed passed, $failed failed, $skipped skipped"
test "$failed" = 0 && test "$passed" -gt 0
