# SPDX-License-Identifier: GPL-2.0
# The stock and the grafted kernel: same config, same workloads, one run.

COMPARE_CONFIG := tests/qemu/x86_64.config tests/compare/compare.config
COMPARE_STOCK := $(BUILD)/compare-stock
COMPARE_GRAFT := $(BUILD)/compare-graft
MADE += compare-stock compare-graft compare-plain compare
COMPARE_ROWS ?=
MAP_ROWS = $(filter-out isolation,$(COMPARE_ROWS))
PAGE_TABLES_ROWS ?=

# $(call compare_kernel,NAME,SOURCE,FRAGMENTS)
define compare_kernel
	@$(STAGE) compare-config-$(1) tests/qemu/config.py --source $(2) \
		--output $(BUILD)/compare-$(1) $(3)
	@$(STAGE) compare-kernel-$(1) $(MAKE) -C $(2) O=$(BUILD)/compare-$(1) \
		ARCH=x86_64 CC="ccache gcc" -j$(shell nproc) bzImage modules
	@$(STAGE) compare-modules-$(1) tests/compare/load/build.sh $(2) \
		$(BUILD)/compare-$(1) $(BUILD)/compare/modules-$(1)
endef

define compare_sources
	@$(STAGE) graft $(MAKE) graft
	@$(STAGE) compare-stock tests/compare/stock.py $(BUILD)
endef

define compare_kernels
	$(compare_sources)
	$(call compare_kernel,stock,$(BUILD)/linux-stock,$(COMPARE_CONFIG))
	$(call compare_kernel,graft,$(LINUX),$(COMPARE_CONFIG) \
		tests/compare/pg_table.config)
endef

# $(call want_row,NAME): is the row among those that were asked for?
want_row = $(or $(filter $(1),$(COMPARE_ROWS)),$(if $(COMPARE_ROWS),,all))

compare: ## the direct map, and isolation's cost, on stock and on the grafted kernel (COMPARE_ROWS="fresh isolation" for some)
	$(compare_kernels)
	$(if $(call want_row,isolation),$(call compare_kernel,plain,$(LINUX), \
		$(COMPARE_CONFIG) tests/compare/pg_table.config \
		tests/compare/plain.config))
	@failed=0; $(if $(call want_row,$(MAP_ROWS)), \
		tests/compare/compare.py $(BUILD) $(MAP_ROWS) || failed=1;) \
	$(if $(call want_row,isolation), \
		tests/compare/isolation.py $(BUILD) || failed=1;) \
	exit $$failed

page-tables: ## the page tables of both under PTI, entry by entry (PAGE_TABLES_ROWS="5level" for some)
	$(compare_kernels)
	@tests/compare/page_tables.py $(BUILD) $(PAGE_TABLES_ROWS)

bench-kernel: ## what mapping ranges costs in the kernel, in instructions, against stock
	$(compare_kernels)
	@$(STAGE) ranges-module-stock tests/compare/ranges/build.sh \
		$(BUILD)/linux-stock $(BUILD)/compare-stock \
		$(BUILD)/compare/ranges-stock
	@$(STAGE) ranges-module-graft tests/compare/ranges/build.sh $(LINUX) \
		$(BUILD)/compare-graft $(BUILD)/compare/ranges-graft
	@tests/compare/ranges.py $(BUILD)

.PHONY: compare page-tables bench-kernel
