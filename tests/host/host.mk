# SPDX-License-Identifier: GPL-2.0
# The library as a host program: a static library, and its tests.

HOST_CC ?= gcc
HOST_CLANG ?= clang

HOST_KERNEL_ONLY := kernel_ops debugfs selftest trace native
HOST_SOURCES := $(filter-out $(HOST_KERNEL_ONLY:%=lib/pg_table/%.c) \
	$(HOST_KERNEL_ONLY:%=lib/pg_table/format/%.c), \
	$(wildcard lib/pg_table/*.c lib/pg_table/format/*.c)) \
	tests/host/shim/shim.c

# The shim comes first: a header of ours that needs the kernel is stubbed there.
HOST_INCLUDES := tests/host/shim/duplicated tests/host/shim/stubbed \
	tests/host/shim/customised include
HOST_FLAGS := -std=gnu11 -g -Wall -Wextra -Wno-unused-parameter \
	-Wno-sign-compare -Wmissing-prototypes -Werror -fno-strict-aliasing \
	-pthread \
	$(HOST_INCLUDES:%=-I%)
HOST_SANITIZE := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all

# With liburcu's functions inline, which sanitizers cannot follow.
HOST_FAST := -O2 -D_LGPL_SOURCE

HOST_TSAN := -O1 -fno-omit-frame-pointer -fsanitize=thread

# One build of the library: $(call host_library,DIRECTORY,COMPILER,FLAGS)
define host_library
MADE += $(1)

$(BUILD)/$(1)/%.o: %.c tests/host/host.mk | packages-host
	@mkdir -p $$(@D)
	@echo "  CC      $$(@:$(BUILD)/%=%)"
	@$(2) $(HOST_FLAGS) $(3) -MMD -MP -c -o $$@ $$<

$(BUILD)/$(1)/libpg_table.a: $(HOST_SOURCES:%.c=$(BUILD)/$(1)/%.o)
	@rm -f $$@
	@echo "  AR      $$(@:$(BUILD)/%=%)"
	@ar rcs $$@ $$^

-include $(HOST_SOURCES:%.c=$(BUILD)/$(1)/%.d)
endef

$(eval $(call host_library,host,$(HOST_CC),$(HOST_FAST)))
$(eval $(call host_library,host-clang,$(HOST_CLANG),$(HOST_FAST)))
$(eval $(call host_library,host-asan,$(HOST_CC),$(HOST_SANITIZE)))
$(eval $(call host_library,host-tsan,$(HOST_CC),$(HOST_TSAN)))

$(BUILD)/host/pg_table.pc: tests/host/host.mk
	@mkdir -p $(@D)
	@{ printf 'prefix=$(CURDIR)\n\n'; \
	printf 'Name: pg_table\nVersion: 0.1\n'; \
	printf 'Description: Page tables as objects\n'; \
	printf 'Cflags: $(HOST_INCLUDES:%=-I$${prefix}/%)\n'; \
	printf 'Libs: -L$${pcfiledir} -lpg_table -lurcu-bp -pthread\n'; } > $@

# The example of README.md is built beside.
MADE += example

host: $(BUILD)/host/libpg_table.a $(BUILD)/host/pg_table.pc ## the library for host programs: build/host/libpg_table.a and pg_table.pc

# The tests, under sanitizers; the random one also as the library is used.
HOST_DECODE := $(wildcard tests/host/decode*.c)
HOST_MMU := tests/host/mmu.c tests/host/mmu_check.c tests/host/tlb.c
HOST_UNIT := $(wildcard tests/host/test*.c) tests/host/watch.c $(HOST_DECODE) \
	$(HOST_MMU)
HOST_THREADS := tests/host/test.c tests/host/test_threads.c $(HOST_DECODE) \
	$(HOST_MMU)
HOST_RANDOM := tests/host/random.c tests/host/model.c $(HOST_DECODE) $(HOST_MMU)

# $(call host_program,DIRECTORY,NAME,COMPILER,FLAGS,SOURCES)
define host_program
$(BUILD)/$(1)/$(2): $(5:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/libpg_table.a
	@echo "  LD      $$(@:$(BUILD)/%=%)"
	@$(3) $(4) -pthread -o $$@ $$^ -lurcu-bp

-include $(5:%.c=$(BUILD)/$(1)/%.d)
endef

$(eval $(call host_program,host-asan,host-tests,$(HOST_CC),$(HOST_SANITIZE),$(HOST_UNIT)))
$(eval $(call host_program,host-asan,random,$(HOST_CC),$(HOST_SANITIZE),$(HOST_RANDOM)))
$(eval $(call host_program,host-tsan,threads,$(HOST_CC),$(HOST_TSAN),$(HOST_THREADS)))
$(eval $(call host_program,host-clang,random,$(HOST_CLANG),-O2,$(HOST_RANDOM)))
$(eval $(call host_program,host,random,$(HOST_CC),-O2,$(HOST_RANDOM)))

HOST_PROGRAMS := $(BUILD)/host-asan/host-tests $(BUILD)/host-asan/random \
	$(BUILD)/host-tsan/threads $(BUILD)/host-clang/random \
	$(BUILD)/host/random

# All CPUs build what the tests need; its packages are there by then.
host-programs: packages-host
	@$(MAKE) -j$(shell nproc) host $(BUILD)/host-asan/pgt $(HOST_PROGRAMS) \
		$(KUNIT_HOST)

host-test: host-programs ## the library's tests as host programs; SEED= and OPS= for the random one
	@tests/host/run.sh tests/host/readme_test.sh \
		'tests/mutation/mutation.py --check' \
		$(BUILD)/host-asan/host-tests \
		'TSAN_OPTIONS=suppressions=tests/host/tsan.supp $(BUILD)/host-tsan/threads' \
		"OPS=$${OPS:-100000} $(BUILD)/host-asan/random" \
		"OPS=$${OPS:-100000} $(BUILD)/host-clang/random" \
		"OPS=$${OPS:-2000000} $(BUILD)/host/random"

# Ten formats make fifty million; under sanitizers a tenth of that on top.
STRESS_OPS ?= 5000000

host-stress: $(BUILD)/host/random $(BUILD)/host-asan/random ## the random test for 50 million operations; STRESS_OPS= for each format, SEED=
	@tests/host/stress.sh $(STRESS_OPS) $(BUILD)/host/random \
		$$(($(STRESS_OPS) / 10)) $(BUILD)/host-asan/random

# What the tests reach. The library is built for that alone, for optimized code
# has branches of its own; the tests are as elsewhere, for they take their time.
# The leak sanitizer brings the symbolizer that they need.
HOST_COVERAGE := -O0 --coverage -fprofile-update=atomic -DCOVERAGE
$(eval $(call host_library,host-cov,$(HOST_CC),$(HOST_COVERAGE)))

# $(call host_covered,NAME,SOURCES,LIBRARIES)
define host_covered
$(BUILD)/host-cov/$(1): $(2:%.c=$(BUILD)/host/%.o) $(BUILD)/host-cov/libpg_table.a
	@echo "  LD      $$(@:$(BUILD)/%=%)"
	@$(HOST_CC) --coverage -fsanitize=leak -pthread -o $$@ $$^ -lurcu-bp $(3)

-include $(2:%.c=$(BUILD)/host/%.d)
endef

$(eval $(call host_covered,host-tests,$(HOST_UNIT)))
$(eval $(call host_covered,random,$(HOST_RANDOM)))
$(eval $(call host_covered,pgt,$(wildcard tests/tools/*.c),-ledit))

coverage: $(addprefix $(BUILD)/host-cov/,host-tests random pgt) ## lines and branches of the library that the host tests reach; OPS=, SEED=
	@mkdir -p $(BUILD)/results
	@tests/host/coverage.py --build $(BUILD)/host-cov \
		--results $(BUILD)/results/coverage.json \
		$(BUILD)/host-cov/host-tests $(BUILD)/host-cov/random \
		'tests/tools/run-scripts $(BUILD)/host-cov/pgt tests/tools/scripts'

.PHONY: host host-programs host-test host-stress coverage
