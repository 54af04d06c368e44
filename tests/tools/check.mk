# SPDX-License-Identifier: GPL-2.0
# Style of our own files.

check: kernel ## checkpatch --strict, kernel-doc and sparse on our files
	@tests/tools/check.py --linux $(LINUX) --build $(KERNEL_BUILD)

.PHONY: check
