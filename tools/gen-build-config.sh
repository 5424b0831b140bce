#!/bin/sh
# usage: gen-build-config.sh VERSION PREFIX EXECDIR TEMPLATES SYSCONFDIR MANDIR HTMLDIR SHELL BINDIR
# What the build was configured with, as constants for base/build-config.cc.
cat <<INC
#define PARLEY_VERSION "$1"
#define PARLEY_PREFIX "$2"
#define PARLEY_EXEC_PATH "$3"
#define PARLEY_TEMPLATE_DIR "$4"
#define PARLEY_SYSCONFDIR "$5"
#define PARLEY_MAN_PATH "$6"
#define PARLEY_HTML_PATH "$7"
#define PARLEY_SHELL_PATH "$8"
#define PARLEY_BINDIR "$9"
INC
