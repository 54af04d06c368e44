# SPDX-License-Identifier: GPL-2.0
# The interface tests: in the kernel as KUnit suites, and as a host program.

# Suites that need a CPU's own tables.
KUNIT_LIVE := live private direct_map mermap pool execmem asi

KUNIT_HOST_SOURCES := tests/host/kunit.c tests/kunit/fixture.c \
	$(filter-out $(patsubst %,tests/kunit/%_test.c,$(KUNIT_LIVE) thread path \
		kernel_range),$(wildcard tests/kunit/*_test.c))
KUNIT_HOST := $(BUILD)/host-asan/kunit-tests

$(KUNIT_HOST): $(KUNIT_HOST_SOURCES:%.c=$(BUILD)/host-asan/%.o) \
		$(BUILD)/host-asan/libpg_table.a
	@echo "  LD      $(@:$(BUILD)/%=%)"
	@$(HOST_CC) $(HOST_SANITIZE) -pthread -o $@ $^ -lurcu-bp

-include $(KUNIT_HOST_SOURCES:%.c=$(BUILD)/host-asan/%.d)

host-test: kunit-host
kunit-host: $(KUNIT_HOST)
	@$(KUNIT_HOST)

# In user-mode Linux all but the live suites run at native speed.
KUNIT_PY := $(BUILD)/linux/tools/testing/kunit/kunit.py
KUNIT_UM := $(BUILD)/kunit-um
MADE += kunit-um
KUNIT_LOGS := $(BUILD)/results/kunit
KUNIT_SUITES := $(patsubst tests/kunit/%_test.c,pg_table_%, \
	$(wildcard tests/kunit/*_test.c))
KUNIT_REPORT := tests/kunit/report.py --kunit $(KUNIT_PY)

kunit-um: graft
	@mkdir -p $(KUNIT_LOGS)
	@$(STAGE) kunit-um \
		$(KUNIT_PY) build --arch=um --build_dir=$(KUNIT_UM) \
		--kunitconfig=lib/pg_table/tests \
		--kunitconfig=$(CURDIR)/tests/kunit/um.config --jobs=$(shell nproc) \
		--make_options="CC=ccache gcc"
	@$(KUNIT_PY) exec --arch=um --build_dir=$(KUNIT_UM) --raw_output=all \
		'pg_table*' >$(KUNIT_LOGS)/um.log 2>&1 </dev/null; \
	$(KUNIT_REPORT) um $(KUNIT_LOGS)/um.log \
		$(filter-out $(KUNIT_LIVE:%=pg_table_%), $(KUNIT_SUITES))

# On x86_64 the kernel of the boot tests runs them all before init.
KUNIT_VARIANTS ?= 4-5level-pti 2-4level-nopti

kunit-x86_64: module
	@failed=0; \
	$(BOOT) --results $(KUNIT_LOGS) --checks '90-kunit.sh' \
		--append 'kunit.enable=1 kunit.filter_glob=pg_table*' \
		$(KUNIT_VARIANTS) || failed=1; \
	for variant in $(KUNIT_VARIANTS); do \
		$(KUNIT_REPORT) $$variant $(KUNIT_LOGS)/boot-$$variant.log \
			$(KUNIT_SUITES) || failed=1; \
	done; exit $$failed

kunit: ## KUnit suites on UML and, with live tests, on x86_64 in QEMU
	@$(MAKE) -k kunit-um kunit-x86_64

.PHONY: kunit kunit-host kunit-um kunit-x86_64
