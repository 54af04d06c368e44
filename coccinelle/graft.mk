# SPDX-License-Identifier: GPL-2.0
# The grafted kernel tree, build/linux: one commit per step of the series.

KERNEL ?=
ROWS ?=

# A tree that is not the graft's own stays.
MADE += $(if $(wildcard $(BUILD)/linux/.git/refs/graft),linux) linux.lock \
	linux-stock .graft-* matrix pahole

graft: ## lay the project over the distribution's Linux (KERNEL=dir or tarball)
	@coccinelle/graft.py $(if $(KERNEL),--kernel $(KERNEL)) $(BUILD)/linux

graft-test: ## what the graft tool does with a three-file kernel
	@coccinelle/graft_test.py

matrix: graft ## compile it for every architecture (long; ROWS="um arm64" for some)
	@coccinelle/matrix.py $(BUILD) $(ROWS)

walkers: graft ## who steps through levels by himself, and the lines of each step
	@coccinelle/walkers.py $(BUILD)

pahole: graft ## struct mm_struct before and after, side by side
	@coccinelle/pahole.py $(BUILD)

.PHONY: graft graft-test matrix walkers pahole
