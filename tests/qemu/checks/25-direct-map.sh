# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# /proc/meminfo says of the direct map what is in it.

exact "the counters of the direct map are exact"
