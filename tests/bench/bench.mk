# SPDX-License-Identifier: GPL-2.0
# Benchmarks of the library on the host, by each compiler, with the kernel's -O2.

BENCH_CC ?= gcc clang
BENCH_ROWS ?=
BENCH_OBJECTS := $(patsubst %.c,%.o,$(wildcard tests/bench/*.c))

# The benchmarks built by one compiler: $(call bench_program,COMPILER)
define bench_program
$(call host_library,bench-$(1),$(1),$(HOST_FAST))

$(BUILD)/bench-$(1)/bench: $(BENCH_OBJECTS:%=$(BUILD)/bench-$(1)/%) \
		$(BUILD)/bench-$(1)/libpg_table.a
	@echo "  LINK    $$(@:$(BUILD)/%=%)"
	@$(1) -O2 -pthread -o $$@ $$^ -lurcu-bp

-include $(BENCH_OBJECTS:%.o=$(BUILD)/bench-$(1)/%.d)
endef

$(foreach cc,$(BENCH_CC),$(eval $(call bench_program,$(cc))))

bench: $(BENCH_CC:%=$(BUILD)/bench-%/bench) ## speed against the physical limit, by gcc and clang (BENCH_CC=, BENCH_ROWS=)
	@mkdir -p $(BUILD)/results
	@tests/bench/report.py $(BUILD)/results/bench.json \
		$(foreach cc,$(BENCH_CC),$(cc)=$(BUILD)/bench-$(cc)/bench) \
		-- $(BENCH_ROWS)

.PHONY: bench
