#!/bin/sh
# usage: gen-table.sh MACRO FILE...
# Collects the lines "MACRO(name, function, ...)" of the files into a sorted list.
macro=$1
shift
test $# -gt 0 || exit 0
grep -h "^$macro(" "$@" | sed 's/ *\/\/.*//' | LC_ALL=C sort
