# Every header compiles alone.  tools/check.sh runs this with O= and CXX= as the build has them; a header that was looked
# at is not compiled again before it, or something it includes, changes.
#
# A unit x.cc that includes x.h before anything else is the same proof, so where the build has an object of it that
# is newer than all it was made of, nothing is compiled.
O ?= build
CXX ?= g++
SEEN := $(O)/check
HEADERS := $(filter-out tools/pch.h,$(shell git ls-files '*.h'))
FLAGS := -std=c++20 -Wall -Wextra

all: $(HEADERS:%=$(SEEN)/%.ok)
.PHONY: all

# The standard library is precompiled, for speed; tools/check-headers.pl sees to it that headers name what they use of it.
$(SEEN)/pch.h.gch: tools/pch.h
	@mkdir -p $(@D)
	@cp tools/pch.h $(SEEN)/pch.h
	@$(CXX) $(FLAGS) -x c++-header -o $@ $(SEEN)/pch.h

$(SEEN)/%.h.ok: %.h $(SEEN)/pch.h.gch
	@mkdir -p $(@D)
	@sh tools/header-is-built.sh '$(O)' '$*' || { echo '#include "$<"' | \
		$(CXX) $(FLAGS) -Werror -I. -include $(SEEN)/pch.h -fsyntax-only -MMD -MP -MF $(SEEN)/$*.h.d -MT $@ -x c++ -; }
	@touch $@

-include $(patsubst %,$(SEEN)/%.d,$(HEADERS))
