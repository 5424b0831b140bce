#!/bin/sh
# usage: gen-command-list.sh command-list.txt
# One line "GIT_COMMAND(name, categories)" for each command of the list.
sed -n 's/^\(git[a-z0-9-]*\|scalar\)[ 	][ 	]*\(.*\)$/\1 \2/p' "$1" |
while read -r name categories
do
	printf 'GIT_COMMAND("%s", "%s")\n' "$name" "$categories"
done
