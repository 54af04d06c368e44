# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What faults in secret and in shared memory cost, by the emulator's count.

work faults kept 4096 keep && work faults reused 4096 free
