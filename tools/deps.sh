#!/bin/sh
# usage: deps.sh build|test|doc
# Finds what the build (or the tests) need and installs what is missing, or names it.
kind=$1
have_pc () { command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$1" 2>/dev/null; }
have_cmd () { command -v "$1" >/dev/null 2>&1; }
need=
want () { need="$need $1"; }

have_cmd g++ || have_cmd clang++ || want cxx
have_cmd pkg-config || want pkg-config
have_pc zlib || want zlib
test -n "$NO_CURL" || have_pc libcurl || want curl
test -n "$NO_EXPAT" || have_pc expat || want expat
test -n "$NO_LIBPCRE2" || have_pc libpcre2-8 || want pcre2
test -n "$NO_LIBDEFLATE" || have_pc libdeflate || want deflate
have_pc gtest || test -f /usr/include/gtest/gtest.h || want gtest
have_cmd perl || want perl
if test "$kind" = test
then
	have_cmd apache2 || have_cmd httpd || want apache
	have_cmd gpg || want gpg
	have_cmd clang-format || want clang-format
fi
if test "$kind" = doc
then
	have_cmd asciidoctor || want asciidoctor
fi
test -n "$need" || exit 0

if have_cmd apt-get; then manager=apt
elif have_cmd dnf; then manager=dnf
elif have_cmd apk; then manager=apk
elif have_cmd pacman; then manager=pacman
elif have_cmd brew; then manager=brew
else
	echo >&2 "missing:$need; install them with your package manager, then run make again"
	exit 1
fi
package () {
	case $manager:$1 in
	apt:cxx) echo g++ ;; dnf:cxx) echo gcc-c++ ;; apk:cxx) echo g++ linux-headers ;; pacman:cxx) echo gcc ;; brew:cxx) echo gcc ;;
	dnf:pkg-config) echo pkgconf-pkg-config ;; apk:pkg-config | pacman:pkg-config | brew:pkg-config) echo pkgconf ;; apt:pkg-config) echo pkg-config ;;
	apt:zlib) echo zlib1g-dev ;; dnf:zlib) echo zlib-devel ;; apk:zlib) echo zlib-dev ;; *:zlib) echo zlib ;;
	apt:curl) echo libcurl4-openssl-dev ;; dnf:curl) echo libcurl-devel ;; apk:curl) echo curl-dev ;; *:curl) echo curl ;;
	apt:expat) echo libexpat1-dev ;; dnf:expat) echo expat-devel ;; apk:expat) echo expat-dev ;; *:expat) echo expat ;;
	apt:pcre2) echo libpcre2-dev ;; dnf:pcre2) echo pcre2-devel ;; apk:pcre2) echo pcre2-dev ;; *:pcre2) echo pcre2 ;;
	apt:deflate) echo libdeflate-dev ;; dnf:deflate) echo libdeflate-devel ;; apk:deflate) echo libdeflate-dev ;; *:deflate) echo libdeflate ;;
	apt:gtest) echo libgtest-dev ;; dnf:gtest) echo gtest-devel ;; apk:gtest) echo gtest-dev ;; pacman:gtest) echo gtest ;; brew:gtest) echo googletest ;;
	apt:apache) echo apache2 ;; dnf:apache) echo httpd ;; apk:apache) echo apache2 ;; *:apache) echo apache ;;
	dnf:gpg) echo gnupg2 ;; *:gpg) echo gnupg ;;
	dnf:clang-format) echo clang-tools-extra ;; apk:clang-format) echo clang-extra-tools ;; pacman:clang-format) echo clang ;;
	*) echo "$1" ;;
	esac
}
packages=$(for one in $need; do package "$one"; done | tr '\n' ' ')
sudo=
if test "$(id -u)" != 0 && test "$manager" != brew
then
	have_cmd sudo || { echo >&2 "missing packages: $packages; install them as root, then run make again"; exit 1; }
	sudo=sudo
fi
echo "installing: $packages"
case $manager in
apt)
	DEBIAN_FRONTEND=noninteractive
	export DEBIAN_FRONTEND
	$sudo apt-get update -qq && $sudo apt-get install -y -qq $packages >/dev/null ;;
dnf) $sudo dnf install -y -q $packages ;;
apk) $sudo apk add -q $packages ;;
pacman) $sudo pacman -S --noconfirm --needed -q $packages ;;
brew) brew install -q $packages ;;
esac || { echo >&2 "could not install: $packages"; exit 1; }
