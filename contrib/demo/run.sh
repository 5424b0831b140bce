#!/bin/sh
# usage: contrib/demo/run.sh [OUT]      (make demo)
#
# What negotiation before a push saves, on a real history: this repository's own, or DEMO_REPO.  The server moves on, a
# client that is behind pushes a topic of one commit, first plain, then with push.negotiate, over file:// and over an
# ssh that runs the command here, with our git at both ends and, where there is one, a stock git at either end.
#
# objects: in the pack that was sent    minimum: rev-list --objects topic --not <merge base>
# bytes: what receive-pack read         rounds, haves: of the negotiation
set -e
out=${1:-build}
case $out in /*) ;; *) out=$(pwd)/$out ;; esac
top=$(cd "$(dirname "$0")/../.." && pwd)
ours=$out/bin-wrappers/git
stock=$(PATH=/usr/bin:/bin:/usr/local/bin command -v git || :)
if test -n "$stock" && "$stock" version | grep -q parley; then stock=; fi
work=$(mktemp -d "${TMPDIR:-/tmp}/parley-demo.XXXXXX")
trap 'rm -rf "$work"' EXIT
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
GIT_AUTHOR_NAME=Demo GIT_AUTHOR_EMAIL=demo@example.com GIT_COMMITTER_NAME=Demo GIT_COMMITTER_EMAIL=demo@example.com
GIT_CONFIG_NOSYSTEM=1 HOME=$work GIT_TERMINAL_PROMPT=0
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_CONFIG_NOSYSTEM HOME GIT_TERMINAL_PROMPT

# One more commit on top of $2 in repository $1: one file, so three objects.
commit_on () {
	blob=$(printf '%s\n' "$3" | "$ours" -C "$1" hash-object -w --stdin)
	tree=$({ "$ours" -C "$1" ls-tree "$2" | grep -v "	demo-$3\$"; printf '100644 blob %s\tdemo-%s\n' "$blob" "$3"; } | "$ours" -C "$1" mktree)
	"$ours" -C "$1" commit-tree -p "$2" -m "$3" "$tree"
}

# ---- a history: this one, or one made up where this is no clone ----
source=${DEMO_REPO:-$top}
if ! "$ours" -C "$source" rev-parse -q --verify HEAD >/dev/null 2>&1
then
	echo "no history here, making one of 200 commits"
	source=$work/made
	"$ours" init -q --bare "$source"
	tip=$("$ours" -C "$source" commit-tree -m root "$("$ours" -C "$source" mktree </dev/null)")
	i=0
	while test $i -lt 200; do tip=$(commit_on "$source" "$tip" "$i"); i=$((i + 1)); done
	"$ours" -C "$source" update-ref HEAD "$tip"
fi
"$ours" clone -q --bare "file://$source" "$work/server.git"
tip=$("$ours" -C "$work/server.git" rev-parse HEAD)
count=$("$ours" -C "$work/server.git" rev-list --count "$tip")
behind=$((count / 10 + 1))
base=$("$ours" -C "$work/server.git" rev-list --first-parent --skip=$behind --max-count=1 "$tip")
test -n "$base" || base=$("$ours" -C "$work/server.git" rev-list --first-parent --skip=1 --max-count=1 "$tip")

# The client knows history up to the base only; the server's one branch is ahead of it.
"$ours" init -q --bare "$work/client.git"
"$ours" -C "$work/client.git" config gc.auto 0
"$ours" -C "$work/server.git" update-ref refs/heads/old-for-demo "$base"
"$ours" -C "$work/client.git" fetch -q "file://$work/server.git" refs/heads/old-for-demo:refs/remotes/origin/main
"$ours" -C "$work/server.git" update-ref -d refs/heads/old-for-demo
for ref in $("$ours" -C "$work/server.git" for-each-ref --format='%(refname)')
do
	"$ours" -C "$work/server.git" update-ref -d "$ref"
done
"$ours" -C "$work/server.git" update-ref refs/heads/main "$(commit_on "$work/server.git" "$tip" moved-on)"
"$ours" -C "$work/server.git" symbolic-ref HEAD refs/heads/main
topic=$(commit_on "$work/client.git" "$base" topic)
"$ours" -C "$work/client.git" update-ref refs/heads/topic "$topic"
minimum=$("$ours" -C "$work/client.git" rev-list --objects topic --not "$base" | wc -l | tr -d ' ')
full=$("$ours" -C "$work/client.git" rev-list --objects topic | wc -l | tr -d ' ')
echo "history: $count commits; the client is $behind behind; the topic's true minimum is $minimum objects of $full"
echo

cat >"$work/ssh" <<'SSH'
#!/bin/sh
# Runs the command here instead of on the host.
while test $# -gt 0
do
	case $1 in -o | -p) shift 2 ;; -*) shift ;; *) break ;; esac
done
shift
exec sh -c "$*"
SSH
chmod +x "$work/ssh"
now () { date +%s.%N; }
failed=

# run LABEL CLIENT SERVER TRANSPORT NEGOTIATE
run () {
	rm -rf "$work/s.git" "$work/c.git" "$work/bytes" "$work/trace"
	cp -R "$work/server.git" "$work/s.git"
	cp -R "$work/client.git" "$work/c.git"
	dir=$(dirname "$3")
	printf '#!/bin/sh\ntee "%s" | "%s" receive-pack "$@"\n' "$work/bytes" "$3" >"$work/receive"
	printf '#!/bin/sh\nexec "%s" upload-pack "$@"\n' "$3" >"$work/upload"
	chmod +x "$work/receive" "$work/upload"
	case $4 in file) url=file://$work/s.git ;; ssh) url=ssh://demo$work/s.git ;; esac
	"$ours" -C "$work/c.git" config remote.origin.url "$url"
	"$ours" -C "$work/c.git" config remote.origin.receivepack "$work/receive"
	"$ours" -C "$work/c.git" config remote.origin.uploadpack "$work/upload"
	start=$(now)
	PATH=$dir:$PATH GIT_SSH_COMMAND=$work/ssh GIT_SSH_VARIANT=ssh GIT_TRACE_PACKET=$work/trace \
		"$2" -C "$work/c.git" -c push.negotiate="$5" push --progress origin topic >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
	end=$(now)
	objects=$(sed -n 's/.*Total \([0-9]*\) .*/\1/p' "$work/log" | tail -1)
	bytes=$(wc -c <"$work/bytes" | tr -d ' ')
	rounds=$(grep -c '< acknowledgments' "$work/trace" || :)
	haves=$(grep -cE 'packet: +fetch> have ' "$work/trace" || :)
	printf '%-26s %-5s %-10s %8s %10s %7s %6s %8.2f\n' "$1" "$4" "$(test "$5" = true && echo negotiated || echo plain)" \
		"$objects" "$bytes" "$rounds" "$haves" "$(echo "$end $start" | awk '{print $1 - $2}')"
	test "$("$ours" -C "$work/s.git" rev-parse refs/heads/topic)" = "$topic" || failed=t
	if test "$5" = true && test "$2" = "$ours" && test "$objects" != "$minimum"
	then
		echo "  that is not the minimum of $minimum"
		failed=t
	fi
}

printf '%-26s %-5s %-10s %8s %10s %7s %6s %8s\n' 'client -> server' over push objects bytes rounds haves seconds
for transport in file ssh
do
	for negotiate in false true; do run 'ours  -> ours' "$ours" "$ours" $transport $negotiate; done
	if test -n "$stock"
	then
		for negotiate in false true; do run 'ours  -> stock' "$ours" "$stock" $transport $negotiate; done
		for negotiate in false true; do run 'stock -> ours' "$stock" "$ours" $transport $negotiate; done
		for negotiate in false true; do run 'stock -> stock' "$stock" "$stock" $transport $negotiate; done
	fi
done
test -z "$failed"
