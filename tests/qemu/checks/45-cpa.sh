# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# Changing attributes of kernel memory splits the direct map, and heals it.

instance=$trace/instances/cpa

layout() {
	awk '/^DirectMap/ { printf "%s %s ", $1, $2 }' /proc/meminfo
}

# event NAME: a counter of /proc/vmstat
event() {
	awk -v name="direct_map_level2_$1" '$1 == name { print $2 }' \
		/proc/vmstat
}

# An instance's tracer gets a trampoline, which is read-only in the map, too.
trace_once() {
	mkdir "$instance" || return
	echo vfs_read >"$instance"/set_ftrace_filter
	echo function >"$instance"/current_tracer
	between=$(layout)
	echo nop >"$instance"/current_tracer
	rmdir "$instance"
	after=$(layout)
	echo "# before: $before"
	echo "# traced: $between"
	echo "# after:  $after"
	[ "$after" = "$before" ]
}

self_test_done() {
	dmesg | sed -n '/CPA self-test:/,$p' | grep -q '\] ok\.$'
}

if grep -q direct_map_level2_collapses /proc/vmstat; then
	before=$(layout)
	verdict "what a trampoline splits becomes large again" trace_once
	echo "# 2M leaves since boot: $(event splits) split," \
		"$(event collapses) made again"
else
	skip "no direct_map in this kernel" \
		"what a trampoline splits becomes large again"
fi
# shellcheck disable=SC2009 # busybox
if ps | grep -q '[p]ageattr-test'; then
	verdict "the self-test of CPA passes" wait_for 90 self_test_done
fi
