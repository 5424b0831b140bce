#!/bin/sh
# usage: t/perf/many-refs.sh [OUT] [REFS]
#
# What one new commit costs in a repository with REFS refs (100,000), ours against the stock git of this machine in one
# run: a push with push.base=auto (bytes both ways, time), a plain push, and a fetch into a mirror.  Prints ratios; exits
# 1 where a target is missed.  PERF_REPO is a bare repository with a long history; without it this repository's history
# is used.  TMPDIR should be in memory and have room for ten times the repository.
out=${1:-build} refs=${2:-100000}
case $out in /*) ;; *) out=$(pwd)/$out ;; esac
here=$(cd "$(dirname "$0")" && pwd)
stock=$(PATH=/usr/bin:/bin:/usr/local/bin command -v git) || { echo "skipped: no stock git on this machine"; exit 0; }
if "$stock" version | grep -q parley; then echo "skipped: no stock git on this machine"; exit 0; fi
unset GIT_EXEC_PATH
GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=perf GIT_AUTHOR_EMAIL=p@x GIT_COMMITTER_NAME=perf GIT_COMMITTER_EMAIL=p@x
export GIT_CONFIG_NOSYSTEM GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
work=$(mktemp -d "${TMPDIR:-/tmp}/parley-perf.XXXXXX")
trap 'rm -rf "$work"' EXIT
HOME=$work
export HOME
mkdir "$work/bin" && ln -s "$out/git" "$work/bin/git"
for name in receive-pack upload-pack; do ln -s "$out/git" "$work/bin/git-$name"; done

# ---- a server, a clone that tracks all of it, a mirror, and one new commit ----
"$stock" clone -q --bare "${PERF_REPO:-$here/../..}" "$work/server" || exit 1
cd "$work" || exit 1
"$stock" -C server for-each-ref --format='delete %(refname)' refs/tags refs/remotes | "$stock" -C server update-ref --stdin
head=$("$stock" -C server rev-parse HEAD)
"$stock" -C server rev-list HEAD >revs
awk -v n="$refs" '{ a[NR] = $1 } END { for (i = 0; i < n; i++) printf "%s refs/heads/team%03d/topic-%07d\n", a[1 + (i * 7919) % NR], i % 997, i }' revs |
	sort -k2 >list
{ echo "# pack-refs with: peeled fully-peeled sorted "; { "$stock" -C server for-each-ref --format='%(objectname) %(refname)'; cat list; } | LC_ALL=C sort -k2; } >packed
rm -rf server/refs/heads/* && mv packed server/packed-refs
"$stock" -C server commit-graph write --reachable
"$stock" -C server config gc.auto 0
cp -r server mirror
"$stock" -C mirror config remote.origin.url "$work/target"
"$stock" -C mirror config remote.origin.fetch "+refs/*:refs/*"
cp -r server clone
sed -i 's# refs/heads/# refs/remotes/origin/#' clone/packed-refs
"$stock" -C clone config remote.origin.url "$work/target"
"$stock" -C clone config remote.origin.fetch "+refs/heads/*:refs/remotes/origin/*"
"$stock" -C clone update-ref --no-deref HEAD "$head"
blob=$(echo new | "$stock" -C clone hash-object -w --stdin)
tree=$({ "$stock" -C clone ls-tree HEAD; printf '100644 blob %s\tzz-new\n' "$blob"; } | "$stock" -C clone mktree)
topic=$("$stock" -C clone commit-tree -p HEAD -m 'one more' "$tree")
cp -r server ahead
"$stock" -C clone push -q "$work/ahead" "$topic:refs/heads/one-more"
echo "$refs refs over $(wc -l <revs) commits"

fresh_target="rm -rf target && cp -al server target"
ours="env PATH='$work/bin:$PATH' GIT_EXEC_PATH='$out' '$out/git'"
missed=0
PERF_ONCE=1
export PERF_ONCE
compare () { perl "$here/compare.pl" "$@" || missed=1; }

# ---- bytes ----
cat >counting <<\END
#!/bin/sh
echo "GIT_PROTOCOL=$GIT_PROTOCOL" >"$COUNT/keys"
tee "$COUNT/up" | git-receive-pack "$@" | tee "$COUNT/down"
END
chmod +x counting
eval "$fresh_target"
eval "COUNT='$work' $ours -C clone -c push.base=auto push -q --receive-pack='$work/counting' origin $topic:refs/heads/topic" || exit 1
bytes=$(cat keys up down | wc -c)
echo "push.base=auto: $bytes bytes both ways (target: below 2000)"
test "$bytes" -lt 2000 || missed=1

# ---- time ----
compare 'push, push.base=auto' 0.05 "$fresh_target" \
	"$ours -C clone -c push.base=auto push -q origin $topic:refs/heads/topic" \
	"'$stock' -C clone push -q origin $topic:refs/heads/topic"
compare 'push' 0.5 "$fresh_target" \
	"$ours -C clone push -q origin $topic:refs/heads/topic" \
	"'$stock' -C clone push -q origin $topic:refs/heads/topic"
compare 'fetch into a mirror' 0.1 "rm -rf target into && cp -al ahead target && cp -al mirror into" \
	"$ours -C into fetch -q origin" "'$stock' -C into fetch -q origin"
exit $missed
