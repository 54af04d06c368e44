# SPDX-License-Identifier: GPL-2.0
# Broken libraries, of which each must turn a test red.

MADE += mutation

# Quickly built, for it is built often: of the sanitizers there is no more than
# the symbolizer, by which tests name functions.
HOST_MUTANT := -O1 -g1 -fno-omit-frame-pointer -w
HOST_MUTANT_LINK := $(HOST_MUTANT) -fsanitize=leak
$(eval $(call host_library,host-mutant,$(HOST_CC),$(HOST_MUTANT)))
$(eval $(call host_program,host-mutant,host-tests,$(HOST_CC),$(HOST_MUTANT_LINK),$(HOST_UNIT)))
$(eval $(call host_program,host-mutant,random,$(HOST_CC),$(HOST_MUTANT_LINK),$(HOST_RANDOM)))

mutation: ## break the library in many ways, each of which a test must catch; MUTANTS= for some
	@tests/mutation/mutation.py --build $(BUILD)/mutation $(MUTANTS)

.PHONY: mutation
