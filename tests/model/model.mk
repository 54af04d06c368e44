# SPDX-License-Identifier: GPL-2.0
# The concurrency protocol as a model, checked in every interleaving by spin.

MADE += model
MODEL := $(BUILD)/model

# $(call model_check,NAME,OPTIONS): one search, which has no verdict of its own
define model_check
	@mkdir -p $(MODEL)/$(1)
	@cd $(MODEL)/$(1) && spin $(2) -a $(CURDIR)/tests/model/live.pml && \
		$(HOST_CC) -w -O2 -DSAFETY -DCOLLAPSE -o pan pan.c && \
		./pan -m1000000 >out; \
	if grep -q 'errors: 0$$' out && ! grep -q 'not completed' out; then \
		echo "PASS model $(1):$$(grep 'states, stored' out)"; \
	else \
		cat out; echo "FAIL model $(1)"; exit 1; \
	fi
endef

model: packages-model ## the concurrency protocol in every interleaving, by spin
	$(call model_check,two-callers,-DROUNDS=1)

model-all: model ## the same with more rounds (minutes)
	$(call model_check,two-rounds,-DROUNDS=2 -DNO_WALKS)

.PHONY: model model-all
