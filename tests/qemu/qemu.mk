# SPDX-License-Identifier: GPL-2.0
# The grafted kernel: built small, booted under UEFI firmware, checked.

LINUX := $(BUILD)/linux
KERNEL_BUILD := $(BUILD)/kernel-x86_64
MODULE_BUILD := $(BUILD)/module
MADE += kernel-x86_64 kernel-kcsan kernel-debug module
BZIMAGE := $(KERNEL_BUILD)/arch/x86/boot/bzImage
STAGE := exec tests/tools/stage.sh
BOOT := tests/qemu/boot.py --kernel $(BZIMAGE) \
	--module $(MODULE_BUILD)/confined.ko --results $(BUILD)/results

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

# $(call make_kernel,OUTPUT)
make_kernel = $(MAKE) -C $(LINUX) O=$(1) ARCH=x86_64 CC="ccache gcc" \
	-j$(shell nproc)

# $(call build_kernel,SUFFIX OF STAGES,OUTPUT,FRAGMENTS,WORDS FOR MAKE)
define build_kernel
	@$(STAGE) graft $(MAKE) graft
	@$(STAGE) config$(1) tests/qemu/config.py --source $(LINUX) \
		--output $(2) $(3)
	@$(STAGE) kernel$(1) $(call make_kernel,$(2)) $(4) bzImage
endef

KERNEL_CONFIG := tests/qemu/x86_64.config tests/qemu/pg_table.config

kernel: ## the grafted kernel, small and for x86_64
	$(call build_kernel,,$(KERNEL_BUILD),$(KERNEL_CONFIG))

# As somebody else's would be, out of the tree.
module: kernel
	@rm -rf $(MODULE_BUILD) && cp -r tests/qemu/module $(MODULE_BUILD)
	@cp $(KERNEL_BUILD)/vmlinux.symvers $(KERNEL_BUILD)/Module.symvers
	@$(STAGE) module-prepare $(call make_kernel,$(KERNEL_BUILD)) modules_prepare
	@$(STAGE) module $(call make_kernel,$(KERNEL_BUILD)) \
		M=$(MODULE_BUILD) modules

run: module ## the main job: graft, build, boot, show the contexts at work
	@$(BOOT) $(RUN_VARIANT)

boot-test: module ## boot checks (BOOT_VARIANTS="4-5level-pti" for some)
	@$(BOOT) $(BOOT_VARIANTS)

boot-test-all: module ## boot checks on every variant
	@$(BOOT) $(BOOT_VARIANTS_ALL)

audit: module ## what restricted contexts can reach, page by page, against their policy
	@$(BOOT)/audit --checks '8[57]*' $(BOOT_VARIANTS)

# KCSAN looks at our own objects only: those of others have races that are not
# ours, and would make it slow. Our own folders say so themselves.
KCSAN_VARIANT ?= 4-5level-pti
KCSAN_BUILD := $(BUILD)/kernel-kcsan
KCSAN_LOGS := $(BUILD)/results/kcsan
KCSAN_OBJECTS := $(patsubst %.c,%.o,$(shell find arch -name '*.c'))

kcsan: export KCSAN_SANITIZE := n
kcsan: ## data races that KCSAN sees in the library when the kernel runs it
	$(call build_kernel,-kcsan,$(KCSAN_BUILD),$(KERNEL_CONFIG) \
		tests/qemu/kcsan.config, \
		$(addprefix KCSAN_SANITIZE_,$(addsuffix =y,$(notdir $(KCSAN_OBJECTS)))))
	@tests/qemu/kcsan.sh $(KCSAN_BUILD) $(KCSAN_OBJECTS)
	@tests/qemu/boot.py --kernel $(KCSAN_BUILD)/arch/x86/boot/bzImage \
		--results $(KCSAN_LOGS) --append \
		'log_buf_len=4M kunit.enable=1 kunit.filter_glob=pg_table*' \
		$(KCSAN_VARIANT)
	@$(KUNIT_REPORT) kcsan $(KCSAN_LOGS)/boot-$(KCSAN_VARIANT).log \
		$(KUNIT_SUITES)

# Those who change the direct map for the sake of debugging: the page allocator
# takes out what is free, KFENCE what it guards, and CPA is tested by the tree's
# own code, which makes the kernel's text writable once, and CPA then warns.
DEBUG_VARIANT ?= 4-5level-pti
DEBUG_BUILD := $(BUILD)/kernel-debug

boot-debug: module ## boot checks of the direct map with DEBUG_PAGEALLOC, KFENCE and CPA's self-test
	$(call build_kernel,-debug,$(DEBUG_BUILD),$(KERNEL_CONFIG) \
		tests/qemu/debug.config)
	@failed=0; \
	$(BOOT)/pagealloc --checks '2[5-9]*' --append debug_pagealloc=on \
		$(DEBUG_VARIANT) || failed=1; \
	$(BOOT)/kfence --checks '2[5-9]*' --append kfence.sample_interval=1 \
		$(DEBUG_VARIANT) || failed=1; \
	tests/qemu/boot.py --kernel $(DEBUG_BUILD)/arch/x86/boot/bzImage \
		--results $(BUILD)/results/cpa --checks '[24]5*' \
		--excuse 'WARNING: .* at __change_page_attr_set_clr' \
		$(DEBUG_VARIANT) || failed=1; \
	exit $$failed

.PHONY: kernel module run boot-test boot-test-all audit kcsan boot-debug
