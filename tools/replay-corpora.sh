#!/bin/sh
# usage: replay-corpora.sh OUT
# Runs every fuzz target over its corpus (oss-fuzz/corpus/NAME/*), and over each corpus file cut short.
out=$1
case $out in /*) ;; *) out=$(pwd)/$out ;; esac
fail=0 count=0
for program in "$out"/oss-fuzz/fuzz-*
do
	test -x "$program" || continue
	name=$(basename "$program")
	corpus=oss-fuzz/corpus/${name#fuzz-}
	if ! test -d "$corpus"
	then
		echo "not ok: $name has no corpus ($corpus)"
		fail=1
		continue
	fi
	count=$((count + 1))
	if ! timeout 300 "$program" "$corpus" >"$out/oss-fuzz/$name.log" 2>&1
	then
		echo "not ok: $name on $corpus"
		tail -5 "$out/oss-fuzz/$name.log"
		fail=1
	fi
done
echo "fuzz corpora: $count targets replayed"
exit $fail
