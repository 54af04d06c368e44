# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# Trampolines and slots of probes lie side by side, and leave the direct map as
# it is, at every moment.

instance=$trace/instances/executable
probes=$trace/events/pg_table_exec

# blocks: how many the pool of executable memory has
blocks() {
	awk '$1 == "execmem" { sum += $5 } END { print sum + 0 }' $pools
}

# What a function and 40 probes take, and once more while that is in use.
use() {
	mkdir "$instance" || return
	echo vfs_read >"$instance"/set_ftrace_filter
	echo function >"$instance"/current_tracer
	grep -E '^(vfs_|mas_)' $trace/available_filter_functions | head -n 40 |
	while read -r function _; do
		echo "p:pg_table_exec/$function $function+5" \
			2>/dev/null >>$trace/kprobe_events
	done
	echo 1 >$probes/enable
	[ "$(wc -l <$trace/kprobe_events)" -ge 20 ]
}

unuse() {
	echo 0 >$probes/enable
	echo >$trace/kprobe_events
	echo nop >"$instance"/current_tracer
	rmdir "$instance"
}

back() {
	echo 1 >/sys/kernel/debug/direct_map/shrink
	direct_map_layout >/tmp/after
	cmp /tmp/before /tmp/after
}

# Slots of probes are freed when no CPU can be in them any more.
nothing_left() {
	echo 1 >/sys/kernel/debug/direct_map/shrink
	grep '^execmem' $pools | sed 's/^/# /'
	[ "$(blocks)" -eq 0 ]
}

if [ -e $pools ]; then
	echo 1 >/sys/kernel/debug/direct_map/shrink
	direct_map_layout >/tmp/before
	before=$(direct_map_events level2_splits)
	before_blocks=$(blocks)
	verdict "a trampoline and probes are made" use
	sed 's/^/# /' $pools
	verdict "they lie in at most one block more" \
		[ $(($(blocks) - before_blocks)) -le 1 ]
	verdict "there is such a block" [ "$(blocks)" -ge 1 ]
	unuse
	verdict "no leaf of the direct map was split for them" \
		[ "$(direct_map_events level2_splits)" -eq "$before" ]
	verdict "without them the direct map is what it was" back
	verdict "nothing is left of them" wait_for 5 nothing_left
else
	skip "no pools in this kernel" "code shares blocks"
fi
