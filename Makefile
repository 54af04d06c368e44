# SPDX-License-Identifier: GPL-2.0
# The way in. `make help` lists the targets; each subject has a fragment of its own.

.DEFAULT_GOAL := help
BUILD := $(CURDIR)/build
MAKEFLAGS += --no-print-directory

help: ## this list
	@grep -hE '^[a-z][a-zA-Z0-9_-]*:.*## ' $(MAKEFILE_LIST) | \
		awk -F ':.*## ' '{ printf "  %-14s %s\n", $$1, $$2 }'

clean: ## remove everything generated
	rm -rf $(BUILD)

.PHONY: help clean

include tests/tools/packages.mk
-include coccinelle/graft.mk
-include tests/host/host.mk
-include tests/tools/tools.mk
-include tests/bench/bench.mk
-include tests/kunit/kunit.mk
-include tests/tlb/tlb.mk
-include tests/model/model.mk
-include tests/qemu/qemu.mk
-include tests/tools/check.mk
-include tests/tools/test.mk
