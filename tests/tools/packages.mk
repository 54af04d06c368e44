# SPDX-License-Identifier: GPL-2.0
# What each target needs from Debian. Included first: packages come before all
# other prerequisites of a target.

PACKAGES_host := gcc libc6-dev libedit-dev liburcu-dev clang pkg-config python3
PACKAGES_graft := coccinelle git linux-source-6.12 python3 xz-utils
PACKAGES_kernel := bc binutils bison ccache flex gcc gzip libc6-dev libelf-dev \
	perl python3
PACKAGES_fuzz := libclang-rt-dev
PACKAGES_mutation := ccache
PACKAGES_coverage := lcov
PACKAGES_model := gcc libc6-dev spin
PACKAGES_pahole := pahole
PACKAGES_qemu := busybox-static ovmf python3 qemu-system-x86
PACKAGES_compare := gcc libc6-dev python3 python3-matplotlib
PACKAGES_check := perl python3 sparse
PACKAGES_pool := python3 python3-matplotlib
PACKAGES_selftests := gcc libc6-dev libcap-dev make python3
PACKAGES_test := python3

packages-%:
	@tests/tools/packages.sh $(PACKAGES_$*)

# The compilers of every row.
packages-matrix:
	@coccinelle/matrix.py --compilers

host host-test host-stress mutation coverage tools-test bench fuzz pool-sim pool-check: packages-host
coverage: packages-coverage
mutation: packages-mutation
graft graft-test kcsan compare page-tables bench-kernel \
selftests selftests-kasan walkers: packages-graft
kernel kunit matrix pahole kcsan compare page-tables bench-kernel boot-debug \
selftests selftests-kasan: packages-kernel
pahole: packages-pahole
run boot-test boot-test-all boot-debug kunit kcsan compare page-tables \
bench-kernel selftests selftests-kasan: packages-qemu
compare bench-kernel: packages-compare
selftests selftests-kasan: packages-selftests
pool-sim: packages-pool
check: packages-check
test test-all: packages-test
test-all: packages-matrix
