# SPDX-License-Identifier: GPL-2.0
# The pool's own source, unchanged, on simulated machines of up to 64 TiB.

POOL_SHIM := tests/pool/shim
POOL_SOURCES := mm/direct_map_pool.c $(POOL_SHIM)/kernel.c \
	$(wildcard tests/pool/*.c) tests/host/shim/shim.c
POOL_FLAGS := $(addprefix -I$(POOL_SHIM)/,duplicated stubbed customised) \
	-DCONFIG_DIRECT_MAP -DCONFIG_MEMORY_FAILURE -DCONFIG_DEBUG_VM $(HOST_FLAGS)
MADE += pool pool-asan

# $(call pool_program,DIRECTORY,FLAGS)
define pool_program
$(BUILD)/$(1)/%.o: %.c tests/pool/pool.mk | packages-host
	@mkdir -p $$(@D)
	@echo "  CC      $$(@:$(BUILD)/%=%)"
	@$(HOST_CC) $(POOL_FLAGS) $(2) -MMD -MP -c -o $$@ $$<

$(BUILD)/$(1)/pool-sim: $(POOL_SOURCES:%.c=$(BUILD)/$(1)/%.o)
	@echo "  LD      $$(@:$(BUILD)/%=%)"
	@$(HOST_CC) $(2) -pthread -o $$@ $$^ -lm

-include $(POOL_SOURCES:%.c=$(BUILD)/$(1)/%.d)
endef

$(eval $(call pool_program,pool,-O2))
$(eval $(call pool_program,pool-asan,$(HOST_SANITIZE)))

pool-sim: $(BUILD)/pool/pool-sim ## pools on simulated machines of 1 TiB and 64 TiB for a day, beside stock
	@mkdir -p $(BUILD)/results
	@tests/pool/report.py $(BUILD)/pool/pool-sim $(BUILD)/results

host-test: pool-check
pool-check: $(BUILD)/pool-asan/pool-sim
	@$(BUILD)/pool-asan/pool-sim check

.PHONY: pool-sim pool-check
