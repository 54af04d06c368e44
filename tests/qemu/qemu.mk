# SPDX-License-Identifier: GPL-2.0
# The grafted kernel: built small, booted under UEFI firmware, checked.

LINUX := $(BUILD)/linux
KERNEL_BUILD := $(BUILD)/kernel-x86_64
MADE += kernel-x86_64
BZIMAGE := $(KERNEL_BUILD)/arch/x86/boot/bzImage
STAGE := exec tests/tools/stage.sh
BOOT := tests/qemu/boot.py --kernel $(BZIMAGE) --results $(BUILD)/results

RUN_VARIANT ?= 4-5level-nopti
# Every pair of CPUs, paging and pti once, the slow ones first; boot-test-all has
# all combinations, and a CPU without NX.
BOOT_VARIANTS ?= 4-5level-pti 2-4level-pti 4-4level-nopti 2-5level-nopti
BOOT_VARIANTS_ALL := $(foreach cpus,2 4,$(foreach level,4 5, \
	$(foreach pti,pti nopti,$(cpus)-$(level)level-$(pti)))) \
	2-4level-nopti-nonx

export CCACHE_BASEDIR ?= $(CURDIR)
export CCACHE_NOHASHDIR ?= 1
export CCACHE_MAXSIZE ?= 10G

kernel: ## the grafted kernel, small and for x86_64
	@$(STAGE) graft $(MAKE) graft
	@$(STAGE) config tests/qemu/config.py --source $(LINUX) \
		--output $(KERNEL_BUILD) tests/qemu/x86_64.config tests/qemu/pg_table.config
	@$(STAGE) kernel $(MAKE) -C $(LINUX) O=$(KERNEL_BUILD) ARCH=x86_64 \
		CC="ccache gcc" -j$(shell nproc) bzImage

run: kernel ## the main job: graft, build, boot, show the contexts at work
	@$(BOOT) $(RUN_VARIANT)

boot-test: kernel ## boot checks (BOOT_VARIANTS="4-5level-pti" for some)
	@$(BOOT) $(BOOT_VARIANTS)

boot-test-all: kernel ## boot checks on every variant
	@$(BOOT) $(BOOT_VARIANTS_ALL)

.PHONY: kernel run boot-test boot-test-all
