#!/bin/sh
# usage: t/perf/run.sh [OUT] [NAME...]      (make perf)
#
# Whole processes of our git against the stock git of this machine, in one run: ratios, not seconds.  PERF_REPO is a
# bare repository with a long history (git's own: 80,000 commits); without it this repository's history is used.
# Exits 1 where one of the targets, the 1.0 below, is missed.
out=${1:-build}
case $out in /*) ;; *) out=$(pwd)/$out ;; esac
test $# -eq 0 || shift
here=$(cd "$(dirname "$0")" && pwd)
stock=$(PATH=/usr/bin:/bin:/usr/local/bin command -v git) || { echo "skipped: no stock git on this machine"; exit 0; }
if "$stock" version | grep -q parley; then echo "skipped: no stock git on this machine"; exit 0; fi
ours=$out/git
GIT_EXEC_PATH=
unset GIT_EXEC_PATH
GIT_CONFIG_NOSYSTEM=1
export GIT_CONFIG_NOSYSTEM
work=$(mktemp -d "${TMPDIR:-/tmp}/parley-perf.XXXXXX")
trap 'rm -rf "$work"' EXIT
HOME=$work
export HOME
repo=${PERF_REPO:-}
if test -z "$repo"
then
	repo=$work/repo.git
	"$stock" clone -q --bare "$here/../.." "$repo"
	"$stock" -C "$repo" repack -q -a -d
fi
pack=$(ls "$repo"/objects/pack/*.pack | head -1)
mkdir "$work/bin-ours"
ln -s "$ours" "$work/bin-ours/git"
want () { test -z "$names" || case " $names " in *" $1 "*) ;; *) return 1 ;; esac; }
names=$*
missed=0
compare () { perl "$here/compare.pl" "$@" || missed=1; }
echo "history: $("$stock" -C "$repo" rev-list --count HEAD) commits, pack $(($(wc -c <"$pack") / 1048576)) MiB"
want version && compare 'git version' 1.0 '' "'$ours' version" "'$stock' version"
want rev-parse && compare 'rev-parse HEAD' 1.0 '' "'$ours' -C '$repo' rev-parse HEAD" "'$stock' -C '$repo' rev-parse HEAD"
want count && compare 'rev-list --all --count' 1.0 '' "'$ours' -C '$repo' rev-list --all --count" "'$stock' -C '$repo' rev-list --all --count"
want log && compare 'log --oneline' 1.0 '' "'$ours' -C '$repo' log --oneline" "'$stock' -C '$repo' log --oneline"
want index-pack && compare 'index-pack' 1.0 "rm -f '$work'/p.idx '$work'/p.rev" \
	"'$ours' index-pack -o '$work/p.idx' '$pack'" "'$stock' index-pack -o '$work/p.idx' '$pack'"
want clone && compare 'clone --bare file://' 1.0 "rm -rf '$work/c.git'" \
	"env PATH='$work/bin-ours:$PATH' GIT_EXEC_PATH='$out' '$ours' clone -q --bare 'file://$repo' '$work/c.git'" \
	"'$stock' clone -q --bare 'file://$repo' '$work/c.git'"
exit $missed
