# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# BPF programs of many sizes.

work bpf 300
