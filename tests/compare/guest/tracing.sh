# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# Function tracers, each with a trampoline of its own, and kprobes, half of which
# need a slot to run an instruction in.

probes=$trace/events/compare

functions() {
	grep -E '^(vfs_|do_|ksys_|mas_|vma_|proc_|seq_|shmem_)' \
		$trace/available_filter_functions
}

trace_on() {
	echo 0 >$trace/tracing_on
	echo function >$trace/current_tracer || return 1
	functions | head -n 16 >/tmp/functions
	while read -r function _; do
		mkdir "$trace/instances/$function" || return 1
		echo "$function" >"$trace/instances/$function/set_ftrace_filter"
		echo function >"$trace/instances/$function/current_tracer"
	done </tmp/functions
}

trace_off() {
	echo nop >$trace/current_tracer
	while read -r function _; do
		echo nop >"$trace/instances/$function/current_tracer"
		rmdir "$trace/instances/$function" || return 1
	done </tmp/functions
}

# The kernel refuses some functions, hence more candidates than probes.
probes_on() {
	registered=0
	functions >/tmp/candidates
	while read -r function _ && [ $registered -lt 300 ]; do
		[ $((registered % 2)) = 0 ] || function=$function+5
		echo "p:compare/p$registered $function" \
			2>/dev/null >>$trace/kprobe_events &&
			registered=$((registered + 1))
	done </tmp/candidates
	[ $registered = 300 ] && echo 1 >$probes/enable
}

probes_off() {
	echo 0 >$probes/enable && echo >$trace/kprobe_events
}

trace_on && probes_on && work sample peak && probes_off && trace_off
