# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The same where free memory is in pieces.

work age work secret 64
