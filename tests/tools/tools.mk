# SPDX-License-Identifier: GPL-2.0
# pgt, the tool for page tables by command, and what tests it.

PGT_OBJECTS := $(patsubst %.c,%.o,$(wildcard tests/tools/*.c))

# One build of the tool: $(call pgt_program,DIRECTORY,COMPILER,FLAGS)
define pgt_program
$(BUILD)/$(1)/pgt: $(PGT_OBJECTS:%=$(BUILD)/$(1)/%) $(BUILD)/$(1)/libpg_table.a
	@echo "  LINK    $$(@:$(BUILD)/%=%)"
	@$(2) $(3) -pthread -o $$@ $$^ -lurcu-bp -ledit

-include $(PGT_OBJECTS:%.o=$(BUILD)/$(1)/%.d)
endef

$(eval $(call pgt_program,host,$(HOST_CC),-O2))
$(eval $(call pgt_program,host-clang,$(HOST_CLANG),-O2))
$(eval $(call pgt_program,host-asan,$(HOST_CC),$(HOST_SANITIZE)))

host: $(BUILD)/host/pgt

tools-test: $(BUILD)/host-asan/pgt ## pgt with the sanitizers on, by its scripts and otherwise
	@tests/tools/run-scripts $< tests/tools/scripts
	@tests/tools/pgt_test.py $<

host-test: tools-test

.PHONY: tools-test
