# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What KUnit found before init ran, where it was enabled: tests/kunit/report.py
# reads it from the log. The console may lose characters when the host is busy.

set +f
for results in /sys/kernel/debug/kunit/pg_table_*/results; do
	[ -e "$results" ] && sed 's/^/ktap: /' "$results"
done
true
