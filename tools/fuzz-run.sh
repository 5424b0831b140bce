#!/bin/sh
# usage: fuzz-run.sh OUT SECONDS JOBS [TARGET...]
# Runs each libFuzzer program of OUT/libfuzzer for SECONDS, JOBS at a time, starting from its corpus.  New inputs and
# findings stay in OUT; the corpus in the tree is only read.  Exit 1 if any target found something.
out=$1 seconds=$2 jobs=$3
shift 3
case $out in /*) ;; *) out=$(pwd)/$out ;; esac
if test $# = 0
then
	for program in "$out"/libfuzzer/fuzz-*
	do
		set -- "$@" "$(basename "$program")"
	done
fi
run_one='
	name=$1 out=$2 seconds=$3
	mkdir -p "$out/found/$name" "$out/grown/$name"
	if "$out/libfuzzer/$name" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$out/found/$name/" "$out/grown/$name" "oss-fuzz/corpus/${name#fuzz-}" \
		>"$out/found/$name.log" 2>&1
	then
		echo "ok $name: $(sed -n "s/^stat::number_of_executed_units: *//p" "$out/found/$name.log") inputs"
	else
		echo "not ok $name: see $out/found/$name.log"
		exit 1
	fi
'
printf '%s\n' "$@" | xargs -P "$jobs" -I{} sh -c "$run_one" fuzz {} "$out" "$seconds"
