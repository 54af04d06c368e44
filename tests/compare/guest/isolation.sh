# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What isolation costs whom it is not for, and what a turn through a restricted
# context costs; or, to count what is written to CR3, turns alone.

turns=$(parameter turns)
if [ -n "$turns" ]; then
	[ "$turns" = none ] || work turns "${turns%:*}" "${turns#*:}"
else
	work cost syscall && work cost switch || exit 1
	if [ -e /sys/kernel/debug/asi/selftest ]; then
		work cost allow && work cost deny
	fi
fi
