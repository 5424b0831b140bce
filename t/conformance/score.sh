#!/bin/sh
# usage: t/conformance/score.sh [TABLE]
# The mean over scripts of the share of cases passed, per group of scripts and over all of them.
awk '
$3 > 0 && $1 ~ /^t[0-9]/ {
	g = substr($1, 1, 2)
	share = $2 / $3
	sum[g] += share; n[g]++; p[g] += $2; t[g] += $3
	sum["all"] += share; n["all"]++; p["all"] += $2; t["all"] += $3
}
END {
	for (g in n) printf "%-4s %5.1f %%  (%d scripts, %d of %d cases)\n", g, 100 * sum[g] / n[g], n[g], p[g], t[g] | "sort"
}' "${1:-$(dirname "$0")/table.txt}"
