# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What faults in secret and in shared memory cost, by the emulator's count.
# By pages of 4 KiB, as the stock kernel has secret memory.

echo never >/sys/kernel/mm/transparent_hugepage/enabled
work faults kept 4096 keep && work faults reused 4096 free
