# SPDX-License-Identifier: GPL-2.0
# The interface tests: in the kernel as KUnit suites, and as a host program.

KUNIT_HOST_SOURCES := tests/host/kunit.c tests/kunit/fixture.c \
	$(filter-out tests/kunit/live_test.c, $(wildcard tests/kunit/*_test.c))
KUNIT_HOST := $(BUILD)/host-asan/kunit-tests

$(KUNIT_HOST): $(KUNIT_HOST_SOURCES:%.c=$(BUILD)/host-asan/%.o) \
		$(BUILD)/host-asan/libpg_table.a
	@echo "  LD      $(@:$(BUILD)/%=%)"
	@$(HOST_CC) $(HOST_SANITIZE) -pthread -o $@ $^

-include $(KUNIT_HOST_SOURCES:%.c=$(BUILD)/host-asan/%.d)

host-test: kunit-host
kunit-host: $(KUNIT_HOST)
	$(KUNIT_HOST)

.PHONY: kunit-host
