#!/bin/sh
# Stands in for ssh: writes down how it was called, then runs the command that the other side would run, here.
{
	printf 'ssh:'
	for arg
	do
		printf ' %s' "$arg"
	done
	echo
} >"$TRASH_DIRECTORY/ssh-output"
test $# -gt 0 || exit 0
for last
do
	:
done
exec sh -c "$last"
