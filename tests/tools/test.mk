# SPDX-License-Identifier: GPL-2.0
# Everything that tests, in one go.

TEST_PARTS := make-test graft-test host-test model tlb-test fuzz boot-test \
	kunit check
TEST_ALL_PARTS := make-test graft-test host-test model-all tlb-test fuzz \
	boot-test-all kunit check matrix

make-test: ## what make does where something is missing or not ours
	@tests/tools/make_test.sh

test: ## host tests, fuzzing, KUnit on UML and QEMU, boot checks, style
	@exec tests/tools/test.py $(TEST_PARTS)

test-all: ## the same, with every boot and every architecture (hours)
	@exec tests/tools/test.py $(TEST_ALL_PARTS)

.PHONY: make-test test test-all
