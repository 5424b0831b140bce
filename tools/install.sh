#!/bin/sh
# usage: install.sh install|uninstall OUT DESTDIR BINDIR EXECDIR TEMPLATEDIR MANDIR
# The installed tree is laid out as git's: programs in bin, everything else in libexec/git-core.
set -e
what=$1 out=$2 bin=$3$4 exec=$3$5 templates=$3$6 man=$3$7
public="git git-receive-pack git-shell git-upload-archive git-upload-pack scalar"

# Takes away what was installed, and folders that are empty then; what others put beside it stays.
if test "$what" = uninstall
then
	for name in $public; do rm -f "$bin/$name"; done
	rm -f "$exec/git"
	for file in "$out"/git-*; do rm -f "$exec/$(basename "$file")"; done
	for file in contrib/mergetools/*; do rm -f "$exec/mergetools/$(basename "$file")"; done
	(cd "$out/templates/blt" && find . -type f) | while read -r file; do rm -f "$templates/$file"; done
	for page in "$out"/Documentation/*.[157]; do rm -f "$man/man${page##*.}/$(basename "$page")"; done
	for dir in "$exec" "$templates"
	do
		test ! -d "$dir" || find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null || :
	done
	rmdir "$(dirname "$templates")" 2>/dev/null || :
	exit 0
fi
mkdir -p "$bin" "$exec" "$templates"
cp "$out/git" "$exec/git.new"
chmod 755 "$exec/git.new"
mv -f "$exec/git.new" "$exec/git"
for file in "$out"/git-*
do
	name=$(basename "$file")
	if test "$file" -ef "$out/git"
	then
		ln -f "$exec/git" "$exec/$name" 2>/dev/null || cp "$exec/git" "$exec/$name"
	elif test -f "$file"
	then
		cp "$file" "$exec/$name.new" && chmod 755 "$exec/$name.new" && mv -f "$exec/$name.new" "$exec/$name"
	fi
done
if test -e "$exec/git-remote-http"
then
	for name in git-remote-https git-remote-ftp git-remote-ftps
	do
		ln -f "$exec/git-remote-http" "$exec/$name" 2>/dev/null || :
	done
fi
if test -d contrib/mergetools; then mkdir -p "$exec/mergetools" && cp contrib/mergetools/* "$exec/mergetools/"; fi
for name in $public
do
	test -e "$exec/$name" || continue
	ln -f "$exec/$name" "$bin/$name" 2>/dev/null || cp "$exec/$name" "$bin/$name"
done
(cd "$out/templates/blt" && tar cf - .) | (cd "$templates" && umask 022 && tar xof -)
for page in "$out"/Documentation/*.[157]
do
	test -f "$page" || continue
	section=${page##*.}
	mkdir -p "$man/man$section" && cp "$page" "$man/man$section/"
done
