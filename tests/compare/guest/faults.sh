# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# How long faults in secret and in shared memory take: on pages that are kept, on
# pages that are freed after each round, and while another CPU is busy.
# By pages of 4 KiB, as the stock kernel has secret memory.

echo never >/sys/kernel/mm/transparent_hugepage/enabled
work faults kept 16384 keep && work faults reused 16384 free || exit 1
if [ "$(nproc)" -gt 1 ]; then
	work faults busy 16384 keep busy
fi
