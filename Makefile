# Parley: build, install and test.  `make help` lists the targets.
#
#   O=DIR            where objects and programs go (default: build)
#   prefix=DIR       where `make install` puts things (default: $HOME)
#   DEVELOPER=1      warnings are errors
#   SANITIZE=LIST    e.g. address,undefined; uses its own object folder
#   LIBFUZZER=1      with clang++: objects for coverage-guided fuzzing (see fuzz-run)
#   NO_CURL NO_EXPAT NO_LIBPCRE2 NO_LIBDEFLATE   build without that library
#
# A file config.mak beside this one is read first, as in git.

-include config.mak

comma := ,
O ?= build
ifdef SANITIZE
override O := $(O)-$(subst $(comma),-,$(subst address,asan,$(subst undefined,ubsan,$(SANITIZE))))
endif
ifdef LIBFUZZER
override O := $(O)-libfuzzer
endif

prefix ?= $(HOME)
bindir ?= $(prefix)/bin
gitexecdir ?= $(prefix)/libexec/git-core
sharedir ?= $(prefix)/share
template_dir ?= $(sharedir)/git-core/templates
mandir ?= $(sharedir)/man
htmldir ?= $(sharedir)/doc/git-doc
ifeq ($(prefix),/usr)
sysconfdir ?= /etc
else
sysconfdir ?= $(prefix)/etc
endif

CXX ?= g++
ifeq ($(origin CXX),default)
CXX := g++
endif
AR ?= ar
SHELL_PATH ?= /bin/sh
PERL_PATH ?= /usr/bin/perl
PYTHON_PATH ?= /usr/bin/python3
PKG_CONFIG ?= pkg-config
CXXFLAGS ?= -O2 -g
CCACHE := $(shell command -v ccache 2>/dev/null)
ifneq ($(CCACHE),)
export CCACHE_SLOPPINESS ?= pch_defines,time_macros,include_file_mtime,include_file_ctime
export CCACHE_PCH_EXTSUM ?= 1
export CCACHE_BASEDIR ?= $(CURDIR)
export CCACHE_NOHASHDIR ?= 1
endif
MOLD := $(shell command -v mold 2>/dev/null)
LDFLAGS += $(if $(MOLD),-fuse-ld=mold)
# What hardly ever runs goes apart from what does, as GNU ld does by itself, and of equal functions one is enough.
SMALL_LINK := $(if $(SANITIZE),,-Wl$(comma)--gc-sections $(if $(MOLD),-Wl$(comma)-z$(comma)keep-text-section-prefix -Wl$(comma)--icf=safe))

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion
# g++ 12 sees overruns inside its own std::string where there are none.
ifeq ($(filter clang%,$(notdir $(CXX))),)
WARN += -Wno-restrict -Wno-array-bounds -Wno-stringop-overread -Wno-stringop-overflow -Wno-maybe-uninitialized -Wno-dangling-pointer
endif
ifdef DEVELOPER
WARN += -Werror
endif
ALL_CXXFLAGS = -std=c++20 $(CXXFLAGS) $(WARN) -fno-plt -I. -I$(O)/gen
# Sanitized code needs some optimizing to be fast enough; compiling it without (-O0) takes half as long.
SANITIZE_OPTIMIZE ?= -O1
ifdef SANITIZE
ALL_CXXFLAGS += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer $(SANITIZE_OPTIMIZE)
LDFLAGS += -fsanitize=$(SANITIZE)
endif
ifdef LIBFUZZER
ALL_CXXFLAGS += -fsanitize=fuzzer-no-link
endif

# The archive where there is one: a library less to load at every start.
archive_or_shared = $(or $(if $(SANITIZE),,$(wildcard $(shell $(CXX) -print-file-name=lib$(1).a))),-l$(1))
LIBS := -lz -lpthread
ifneq ($(shell $(PKG_CONFIG) --exists libdeflate 2>/dev/null && echo yes),yes)
NO_LIBDEFLATE ?= 1
endif
ifndef NO_LIBDEFLATE
ALL_CXXFLAGS += -DHAVE_LIBDEFLATE
LIBS += $(call archive_or_shared,deflate)
endif
ifndef NO_LIBPCRE2
ALL_CXXFLAGS += -DHAVE_LIBPCRE2
PCRE2_LIBS := $(call archive_or_shared,pcre2-8)
endif
CURL_LIBS := -lcurl
EXPAT_LIBS := -lexpat
ifdef NO_CURL
NO_EXPAT := 1
endif

uname_S := $(shell uname -s)
PLATFORM := $(if $(filter Darwin,$(uname_S)),darwin,linux)
# The static libstdc++ keeps the start of the program short.
STATIC_LINK := $(if $(filter linux,$(PLATFORM)),$(if $(SANITIZE),,-static-libstdc++ -static-libgcc))

PARLEY_VERSION := $(shell cat VERSION)

ROOMS := base hash object config wire pack odb refs walk index diff merge show negotiator protocol net
# What includes curl.h stays out of the library, and so out of git itself.
CURL_COMMON := http.cc http-setup.cc http-main.cc http-walker.cc http-walker-pack.cc $(wildcard net/curl-*.cc)
CURL_REMOTE := remote-curl.cc remote-curl-discovery.cc remote-curl-rpc.cc
CURL_PUSH := http-push.cc http-push-dav.cc
CURL_DOORS := $(CURL_COMMON) $(CURL_REMOTE) $(CURL_PUSH) http-fetch.cc
PROGRAM_DOORS := git.cc
LIB_SRC := $(filter-out $(CURL_DOORS) $(PROGRAM_DOORS),$(foreach r,$(ROOMS),$(wildcard $(r)/*.cc)) $(wildcard *.cc)) \
	$(filter-out $(wildcard compat/*-linux.cc compat/*-darwin.cc),$(wildcard compat/*.cc)) \
	$(wildcard compat/*-$(PLATFORM).cc)
BUILTIN_SRC := $(wildcard builtin/*.cc)
TESTTOOL_SRC := $(wildcard t/helper/*.cc)
UNIT_SRC := $(wildcard t/unit-tests/*.cc)
FUZZ_SRC := $(wildcard oss-fuzz/fuzz-*.cc)

obj = $(patsubst %.cc,$(O)/obj/%.o,$(1))
LIB_OBJ := $(call obj,$(LIB_SRC))
BUILTIN_OBJ := $(call obj,$(BUILTIN_SRC))
TESTTOOL_OBJ := $(call obj,$(TESTTOOL_SRC))

GIT := $(O)/git
TEST_TOOL := $(O)/t/helper/test-tool
LIB := $(O)/libgit.a

ifndef NO_CURL
CURL_PROGRAMS := $(if $(wildcard remote-curl.cc),$(O)/git-remote-http) \
	$(if $(wildcard http-fetch.cc),$(O)/git-http-fetch) \
	$(if $(NO_EXPAT),,$(if $(wildcard http-push.cc),$(O)/git-http-push))
endif

.DEFAULT_GOAL := all
.PHONY: all install uninstall test check unit fuzz fuzz-engines fuzz-run perf demo deps deps-test dist clean help FORCE tree

all: tree
help:
	@sed -n '1,13s/^# \{0,1\}//p' Makefile
	@echo "targets: all install uninstall test check unit fuzz fuzz-run perf demo deps deps-test dist clean"

# ---- precompiled header: the standard library, nothing of ours -------------
PCH := $(O)/gen/pch.h.gch
$(O)/gen/pch.h: tools/pch.h
	@mkdir -p $(@D)
	@cmp -s $< $@ || cp $< $@
$(PCH): $(O)/gen/pch.h $(O)/FLAGS
	@echo "PCH $@"
	@{ cat $(O)/gen/pch.h $(O)/FLAGS; $(CXX) --version; } | cksum >$@.sum
	@$(CXX) -x c++-header $(ALL_CXXFLAGS) -o $@ $<

# Objects are made anew when the flags change.
$(O)/FLAGS: FORCE
	@mkdir -p $(O)
	@echo '$(CXX) $(ALL_CXXFLAGS)' >$@.tmp; cmp -s $@.tmp $@ && rm -f $@.tmp || mv $@.tmp $@

INCLUDE_PCH := -include $(O)/gen/pch.h -Winvalid-pch
ifneq ($(filter clang%,$(notdir $(CXX))),)
INCLUDE_PCH := -include-pch $(PCH)
endif

$(O)/obj/%.o: %.cc $(PCH)
	@mkdir -p $(@D)
	@echo "CXX $<"
	@$(CCACHE) $(CXX) $(ALL_CXXFLAGS) $(EXTRA_$(subst /,_,$*)) $(INCLUDE_PCH) -fpch-preprocess -MMD -MP -c -o $@ $<

DEPS := $(patsubst %.o,%.d,$(LIB_OBJ) $(BUILTIN_OBJ) $(TESTTOOL_OBJ) $(call obj,git.cc $(CURL_DOORS) $(UNIT_SRC) $(FUZZ_SRC)))
-include $(wildcard $(DEPS))

# ---- generated tables ------------------------------------------------------
# Every builtin/x.cc carries lines GIT_BUILTIN(name, function, flags); every
# t/helper/x.cc lines TEST_TOOL(name, function).  The tables are made of them.
$(O)/gen/builtin-table.inc: $(BUILTIN_SRC) tools/gen-table.sh FORCE
	@mkdir -p $(@D)
	@sh tools/gen-table.sh GIT_BUILTIN $(BUILTIN_SRC) >$@.tmp; cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@
$(O)/gen/test-tool-table.inc: $(TESTTOOL_SRC) tools/gen-table.sh FORCE
	@mkdir -p $(@D)
	@sh tools/gen-table.sh TEST_TOOL $(TESTTOOL_SRC) >$@.tmp; cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@
$(O)/gen/command-list.inc: command-list.txt tools/gen-command-list.sh
	@mkdir -p $(@D)
	@sh tools/gen-command-list.sh command-list.txt >$@.tmp; cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@
$(O)/gen/build-config.inc: $(O)/FLAGS VERSION Makefile
	@mkdir -p $(@D)
	@sh tools/gen-build-config.sh '$(PARLEY_VERSION)' '$(prefix)' '$(gitexecdir)' '$(template_dir)' '$(sysconfdir)' '$(mandir)' '$(htmldir)' '$(SHELL_PATH)' '$(bindir)' >$@.tmp; cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@
GENERATED := $(O)/gen/builtin-table.inc $(O)/gen/test-tool-table.inc $(O)/gen/command-list.inc $(O)/gen/build-config.inc
$(LIB_OBJ) $(BUILTIN_OBJ) $(TESTTOOL_OBJ) $(call obj,git.cc): | $(GENERATED)
$(call obj,git.cc help.cc): $(O)/gen/builtin-table.inc $(O)/gen/command-list.inc
$(call obj,t/helper/test-tool.cc): $(O)/gen/test-tool-table.inc

# ---- programs --------------------------------------------------------------
$(LIB): $(LIB_OBJ)
	@rm -f $@
	@$(AR) rcsT $@ $^

# What every start runs through comes first and so lies together, with the templates it shares with all others: fewer
# pages are brought in, and a short command is mostly that.
START_OBJ := $(call obj,git.cc $(wildcard setup*.cc repository-stores.cc trace2-setup.cc object-name-parse.cc refs.cc \
	base/*.cc config/*.cc refs/*.cc hash/*.cc odb/*.cc pack/*.cc))
$(GIT): $(call obj,git.cc) $(BUILTIN_OBJ) $(LIB)
	@echo "LINK $@"
	@$(CXX) $(ALL_CXXFLAGS) $(STATIC_LINK) $(SMALL_LINK) -o $@ $(START_OBJ) $(BUILTIN_OBJ) $(LIB) $(LDFLAGS) $(LIBS) $(PCRE2_LIBS)

$(TEST_TOOL): $(TESTTOOL_OBJ) $(LIB)
	@mkdir -p $(@D)
	@echo "LINK $@"
	@$(CXX) $(ALL_CXXFLAGS) $(STATIC_LINK) -o $@ $(TESTTOOL_OBJ) $(LIB) $(LDFLAGS) $(LIBS) $(PCRE2_LIBS)

$(O)/git-remote-http: $(call obj,$(CURL_REMOTE) $(CURL_COMMON)) $(LIB)
	@echo "LINK $@"
	@$(CXX) $(ALL_CXXFLAGS) $(STATIC_LINK) -o $@ $^ $(LDFLAGS) $(LIBS) $(PCRE2_LIBS) $(CURL_LIBS)
$(O)/git-http-fetch: $(call obj,http-fetch.cc $(CURL_COMMON)) $(LIB)
	@echo "LINK $@"
	@$(CXX) $(ALL_CXXFLAGS) $(STATIC_LINK) -o $@ $^ $(LDFLAGS) $(LIBS) $(PCRE2_LIBS) $(CURL_LIBS)
$(O)/git-http-push: $(call obj,$(CURL_PUSH) $(CURL_COMMON)) $(LIB)
	@echo "LINK $@"
	@$(CXX) $(ALL_CXXFLAGS) $(STATIC_LINK) -o $@ $^ $(LDFLAGS) $(LIBS) $(PCRE2_LIBS) $(CURL_LIBS) $(EXPAT_LIBS)

# ---- the tree that git-style shell suites expect ---------------------------
SCRIPTS := $(wildcard contrib/scripts/git-*)
tree: $(GIT) $(TEST_TOOL) $(CURL_PROGRAMS)
	@sh tools/make-tree.sh '$(O)' '$(CURDIR)' '$(SHELL_PATH)' '$(PERL_PATH)' '$(PYTHON_PATH)' '$(NO_CURL)' '$(NO_EXPAT)' '$(NO_LIBPCRE2)' '$(SANITIZE)'

git test-tool: tree

# ---- install ---------------------------------------------------------------
install: all
	sh tools/install.sh install '$(O)' '$(DESTDIR)' '$(bindir)' '$(gitexecdir)' '$(template_dir)' '$(mandir)'
uninstall:
	sh tools/install.sh uninstall '$(O)' '$(DESTDIR)' '$(bindir)' '$(gitexecdir)' '$(template_dir)' '$(mandir)'

# ---- tests -----------------------------------------------------------------
UNIT := $(O)/t/unit-tests/unit-tests
GTEST_LIBS ?= -lgtest -lgtest_main
$(UNIT): $(call obj,$(UNIT_SRC)) $(LIB)
	@mkdir -p $(@D)
	@echo "LINK $@"
	@$(CXX) $(ALL_CXXFLAGS) -o $@ $^ $(LDFLAGS) $(LIBS) $(PCRE2_LIBS) $(GTEST_LIBS)
unit: $(UNIT)
	@$(UNIT) --gtest_brief=1

FUZZ_REPLAY := $(patsubst oss-fuzz/%.cc,$(O)/oss-fuzz/%,$(FUZZ_SRC))
$(O)/oss-fuzz/%: $(O)/obj/oss-fuzz/%.o $(O)/obj/oss-fuzz/replay-main.o $(LIB)
	@mkdir -p $(@D)
	@$(CXX) $(ALL_CXXFLAGS) -o $@ $^ $(LDFLAGS) $(LIBS) $(PCRE2_LIBS)
fuzz: $(FUZZ_REPLAY)
	@sh tools/replay-corpora.sh '$(O)'

# Coverage-guided runs, FUZZ_SECONDS for each target: clang's libFuzzer under the sanitizers.
FUZZ_SECONDS ?= 600
FUZZ_ENGINES := $(patsubst oss-fuzz/%.cc,$(O)/libfuzzer/%,$(FUZZ_SRC))
$(O)/libfuzzer/%: $(O)/obj/oss-fuzz/%.o $(LIB)
	@mkdir -p $(@D)
	@$(CXX) $(ALL_CXXFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDFLAGS) $(LIBS) $(PCRE2_LIBS)
fuzz-engines: $(FUZZ_ENGINES)
fuzz-run:
	$(MAKE) -j$(JOBS) CXX=clang++ LIBFUZZER=1 SANITIZE=address,undefined fuzz-engines
	sh tools/fuzz-run.sh '$(O)-asan-ubsan-libfuzzer' '$(FUZZ_SECONDS)' '$(JOBS)' $(FUZZ_TARGETS)

# What scripts load before libc, to make things go wrong.
FAULTS := $(O)/t/helper/fault.so
$(FAULTS): t/helper/preload/fault.cc
	@mkdir -p $(@D)
	@$(CXX) -std=c++20 $(WARN) -O1 -shared -fPIC -o $@ $< -ldl

JOBS ?= $(shell nproc 2>/dev/null || echo 2)
test: deps
	$(MAKE) -j$(JOBS) all
	$(MAKE) -j$(JOBS) $(UNIT) $(FUZZ_REPLAY) $(FAULTS)
	sh tools/run-tests.sh '$(O)' '$(JOBS)'
check:
	@CXX='$(CXX)' sh tools/check.sh '$(O)'
perf: all
	sh t/perf/run.sh '$(O)'
demo: deps
	$(MAKE) -j$(JOBS) all
	sh contrib/demo/run.sh '$(O)'
# ---- manual: man and HTML from Documentation/, by asciidoctor --------------
ASCIIDOCTOR ?= asciidoctor
MAN_PAGES := $(wildcard Documentation/git*.adoc)
DOC_SOURCES := $(wildcard Documentation/*.adoc Documentation/config/*.adoc)
doc: man html
man: $(O)/doc/man.stamp
html: $(O)/doc/html.stamp
$(O)/doc/man.stamp: $(DOC_SOURCES)
	@mkdir -p $(@D)/man
	$(ASCIIDOCTOR) -b manpage -a reproducible -D $(@D)/man $(MAN_PAGES)
	@touch $@
$(O)/doc/html.stamp: $(DOC_SOURCES)
	@mkdir -p $(@D)/html
	$(ASCIIDOCTOR) -b html5 -a reproducible -D $(@D)/html $(wildcard Documentation/*.adoc)
	@touch $@
install-man: man
	@for section in 1 5 7; do \
		mkdir -p '$(DESTDIR)$(mandir)'/man$$section && \
		cp $(O)/doc/man/*.$$section '$(DESTDIR)$(mandir)'/man$$section || exit 1; \
	done
install-html: html
	mkdir -p '$(DESTDIR)$(htmldir)' && cp $(O)/doc/html/*.html '$(DESTDIR)$(htmldir)'

deps:
	@sh tools/deps.sh build
deps-doc:
	@sh tools/deps.sh doc
deps-test:
	@sh tools/deps.sh test
dist:
	git archive --format=tar.gz --prefix=parley-$(PARLEY_VERSION)/ -o parley-$(PARLEY_VERSION).tar.gz HEAD
clean:
	rm -rf '$(O)' '$(O)'-asan* '$(O)'-ubsan*
FORCE:
$(call obj,base/build-config.cc): $(O)/gen/build-config.inc
.SECONDARY:
