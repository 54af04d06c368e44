# SPDX-License-Identifier: GPL-2.0
# libFuzzer drives the verbs against the model, each format by itself.

FUZZ := $(BUILD)/fuzz
FUZZ_SECONDS ?= 60
FUZZ_FLAGS := -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all \
	-fsanitize=address,undefined,fuzzer-no-link -DFUZZ

$(eval $(call host_library,host-fuzz,$(HOST_CLANG),$(FUZZ_FLAGS)))

$(FUZZ)/fuzz: $(HOST_RANDOM:%.c=$(BUILD)/host-fuzz/%.o) \
		$(BUILD)/host-fuzz/libpg_table.a | packages-fuzz
	@mkdir -p $(@D)
	@echo "  LD      $(@:$(BUILD)/%=%)"
	@$(HOST_CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -pthread -o $@ $^ -lurcu-bp

-include $(HOST_RANDOM:%.c=$(BUILD)/host-fuzz/%.d)

MADE += fuzz host-fuzz

fuzz: $(FUZZ)/fuzz $(BUILD)/host/random ## every format by libFuzzer, FUZZ_SECONDS= each
	@tests/fuzz/fuzz.sh $(FUZZ) $(BUILD)/host/random $(FUZZ_SECONDS)

.PHONY: fuzz
