#!/bin/sh
# usage: t/conformance/run.sh REFERENCE [OUT] [-j JOBS] [-u USER] [SCRIPT...]
#
# Runs git's own shell tests, checked out elsewhere in REFERENCE (its t/ folder, without the scripts whose number
# ends in 3), against the programs built in OUT (default: build), and prints a table: script, cases passed, cases.
# A case that is skipped counts on neither side.  A script that ends before its plan is held against the number of
# test_expect_* lines it has.  t/conformance/score.sh turns the table into the figures of the README.
# As root, -u names the ordinary user to run as.
jobs=$(nproc 2>/dev/null || echo 2) user= out=build
reference=$1
shift
case $1 in -* | t[0-9]* | '') ;; *) out=$1; shift ;; esac
while :
do
	case $1 in
	-j) jobs=$2; shift 2 ;;
	-u) user=$2; shift 2 ;;
	*) break ;;
	esac
done
case $out in /*) ;; *) out=$(pwd)/$out ;; esac
test -d "$reference/t" || { echo >&2 "no t/ folder in '$reference'"; exit 1; }
test -x "$out/git" || { echo >&2 "no git in '$out': run make first"; exit 1; }
echo "$out" >"$reference/GIT-BUILD-DIR"
root=${TEST_ROOT:-/dev/shm/parley-conformance.$$}
mkdir -p "$root/logs"
chmod 755 "$root"
test -z "$user" || chown -R "$user" "$root" "$reference/t"
cd "$reference/t" || exit 1
test $# -gt 0 || set -- t[0-8][0-9][0-9][0-9]-*.sh
REF_ROOT=$root REF_USER=$user
export REF_ROOT REF_USER
printf '%s\n' "$@" | xargs -P "$jobs" -n 1 sh -c '
	name=${0%.sh} log=$REF_ROOT/logs/${0%.sh}.log
	command="cd \"$PWD\" && GIT_TEST_HTTPD=true GIT_TEST_GIT_DAEMON=true TEST_OUTPUT_DIRECTORY=$REF_ROOT exec /bin/sh ./$0 --root=$REF_ROOT/$name"
	mkdir -p "$REF_ROOT/$name"
	test -z "$REF_USER" || chown "$REF_USER" "$REF_ROOT/$name"
	if test -n "$REF_USER"; then
		timeout -k 5 ${REF_TIMEOUT:-400} su "$REF_USER" -s /bin/sh -c "$command" >"$log" 2>&1 </dev/null
	else
		timeout -k 5 ${REF_TIMEOUT:-400} /bin/sh -c "$command" >"$log" 2>&1 </dev/null
	fi
	chmod -R u+rwx "$REF_ROOT/$name" 2>/dev/null
	rm -rf "$REF_ROOT/$name"
	passed=$(grep "^ok " "$log" | grep -vc "# skip")
	failed=$(grep "^not ok " "$log" | grep -vc "# TODO")
	known=$(grep "^not ok " "$log" | grep -c "# TODO")
	skipped=$(grep -c "^ok .*# skip" "$log")
	total=$((passed + failed + known))
	if ! grep -q "^1\.\." "$log"; then
		wanted=$(grep -cE "^[[:space:]]*test_expect_(success|failure)" "$0")
		test "$wanted" -le $((total + skipped)) || total=$((wanted - skipped))
	fi
	echo "$name $((passed + known)) $total"
' | LC_ALL=C sort >"$root/table"
cat "$root/table"
test -n "$KEEP_LOGS" || rm -rf "$root"
