# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# 500 kprobes are registered, armed and removed while every CPU is busy.

probes=$trace/events/pg_table_check

# Half of them at the entry (where ftrace's call is), half behind it (a
# breakpoint, or a jump once the optimiser has seen it). The kernel refuses
# some functions, hence more candidates than probes.
register() {
	registered=0
	grep -E '^(__x64_sys_|vfs_|do_|ksys_|mas_|vma_|proc_|seq_|shmem_)' \
		$trace/available_filter_functions >/tmp/candidates
	while read -r function _ && [ $registered -lt 500 ]; do
		[ $((registered % 2)) = 0 ] || function=$function+5
		echo "p:pg_table_check/p$registered $function" \
			2>/dev/null >>$trace/kprobe_events &&
			registered=$((registered + 1))
	done </tmp/candidates
	[ "$(wc -l <$trace/kprobe_events)" = 500 ]
}

arm() {
	echo 1 >$probes/enable && sleep 2 && echo 0 >$probes/enable
}

hit() {
	grep -q ' p[0-9]*: ' $trace/trace
}

remove() {
	echo >$trace/kprobe_events
	[ "$(wc -l <$trace/kprobe_events)" = 0 ]
}

start_load
before=$(pokes)
verdict "500 kprobes are registered" register
verdict "500 kprobes are armed and disarmed" arm
verdict "armed kprobes are hit" hit
verdict "500 kprobes are removed" remove
grown "kprobes poke through the context" "$before" 500 text_poke pokes
stop_load
