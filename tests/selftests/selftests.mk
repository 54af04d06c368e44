# SPDX-License-Identifier: GPL-2.0
# The kernel tree's own selftests, on the stock and on the grafted kernel of
# tests/compare.

SELFTESTS := $(BUILD)/selftests
MADE += selftests

selftests: ## the kernel tree's own selftests: the same results as on the stock kernel?
	$(compare_kernels)
	@$(STAGE) selftests tests/selftests/build.sh $(LINUX) $(SELFTESTS)
	@tests/selftests/selftests.py $(BUILD) \
		--stock $(COMPARE_STOCK)/arch/x86/boot/bzImage \
		--graft $(COMPARE_GRAFT)/arch/x86/boot/bzImage

.PHONY: selftests
