# SPDX-License-Identifier: GPL-2.0
# The kernel tree's own selftests, on the stock and on the grafted kernel of
# tests/compare, and on the same with KASAN.

SELFTESTS := $(BUILD)/selftests
KASAN_CONFIG := $(COMPARE_CONFIG) tests/selftests/kasan.config
MADE += selftests compare-stock-kasan compare-graft-kasan

# $(call run_selftests,SUFFIX OF THE KERNELS)
define run_selftests
	@$(STAGE) selftests tests/selftests/build.sh $(LINUX) $(SELFTESTS)
	@tests/selftests/selftests.py $(BUILD) --name selftests$(1) \
		--programs tests/selftests/programs$(1:-%=.%) \
		--stock $(COMPARE_STOCK)$(1)/arch/x86/boot/bzImage \
		--graft $(COMPARE_GRAFT)$(1)/arch/x86/boot/bzImage
endef

selftests: ## the kernel tree's own selftests: the same results as on the stock kernel?
	$(compare_kernels)
	$(call run_selftests)

selftests-kasan: ## some of them with KASAN in both kernels
	$(compare_sources)
	$(call compare_kernel,stock-kasan,$(BUILD)/linux-stock,$(KASAN_CONFIG))
	$(call compare_kernel,graft-kasan,$(LINUX),$(KASAN_CONFIG) \
		tests/compare/pg_table.config)
	$(call run_selftests,-kasan)

.PHONY: selftests selftests-kasan
