# SPDX-License-Identifier: GPL-2.0
# The way in. `make help` lists the targets; each subject has a fragment of its own.

.DEFAULT_GOAL := help
BUILD := $(CURDIR)/build
MAKEFLAGS += --no-print-directory

ifneq ($(words $(CURDIR) $(BUILD)),2)
$(error No blanks, please, in "$(CURDIR)" and BUILD="$(BUILD)": make can't tell \
such paths from two; move the project, or give another BUILD=<directory>)
endif
override BUILD := $(abspath $(BUILD))
export BUILD
# What is made there: each fragment adds its own.
MADE := log results

help: ## this list
	@grep -hE '^[a-z][a-zA-Z0-9_-]*:.*## ' $(MAKEFILE_LIST) | \
		awk -F ':.*## ' '{ printf "  %-14s %s\n", $$1, $$2 }'
	@echo "BUILD=<directory> has everything generated elsewhere than in build/."

clean: ## remove everything generated
	rm -rf $(MADE:%=$(BUILD)/%)
	@[ ! -d $(BUILD) ] || rmdir --ignore-fail-on-non-empty $(BUILD)

.PHONY: help clean

include tests/tools/packages.mk
-include coccinelle/graft.mk
-include tests/host/host.mk
-include tests/mutation/mutation.mk
-include tests/tools/tools.mk
-include tests/bench/bench.mk
-include tests/pool/pool.mk
-include tests/kunit/kunit.mk
-include tests/tlb/tlb.mk
-include tests/model/model.mk
-include tests/fuzz/fuzz.mk
-include tests/qemu/qemu.mk
-include tests/compare/compare.mk
-include tests/selftests/selftests.mk
-include tests/tools/check.mk
-include tests/tools/test.mk
