# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The contexts again, now that they have worked.

if has_pg_table; then
	show_contexts
fi
