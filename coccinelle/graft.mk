# SPDX-License-Identifier: GPL-2.0
# The grafted kernel tree: build/linux, one commit per step of the series.

KERNEL ?=

graft: ## lay the project over the distribution's Linux (KERNEL=dir or tarball)
	@coccinelle/graft.py $(if $(KERNEL),--kernel $(KERNEL)) $(BUILD)/linux

.PHONY: graft
