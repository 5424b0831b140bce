#!/bin/sh
# usage: gen-command-list.sh command-list.txt
# One line "GIT_COMMAND(name, categories, summary)" for each command of the list.
sed -n 's/^\(git[a-z0-9-]*\|scalar\)[ 	][ 	]*\([^|]*[^| ]\) *| *\(.*\)$/GIT_COMMAND("\1", "\2", "\3")/p' "$1"
