#!/bin/sh
# usage: header-is-built.sh OUT UNIT       (for tools/check-headers.mk)
#
# Does OUT have an object of UNIT.cc, newer than all it was made of, and does UNIT.cc include UNIT.h first?
# Then its dependencies become those of the header.
object=$1/obj/$2.o made_of=$1/obj/$2.d
test -f "$object" && test -f "$made_of" && test -f "$2.cc" || exit 1
first=$(sed -n '/^#include/{p;q;}' "$2.cc")
test "$first" = "#include \"$2.h\"" || exit 1
sources=$(sed -e '1s/^[^:]*://' -e '/^[^ ]*:$/d' -e 's/\\$//' "$made_of" | tr ' ' '\n' | grep -E '\.(h|cc|inc)$')
test -z "$(find $sources -newer "$object" 2>&1)" || exit 1
mkdir -p "$(dirname "$1/check/$2.h.d")"
{
	echo "$1/check/$2.h.ok:" $(echo "$sources" | grep -v '\.cc$')
	for source in $(echo "$sources" | grep -v '\.cc$')
	do
		echo "$source:"
	done
} >"$1/check/$2.h.d"
