# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# 64 MiB of secret memory, all else being free.

work secret 64
