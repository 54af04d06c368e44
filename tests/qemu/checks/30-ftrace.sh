# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# The function tracer is switched on and off while every CPU is busy.

toggle() {
	round=0
	while [ $round -lt "$1" ]; do
		echo function >$trace/current_tracer || return 1
		echo nop >$trace/current_tracer || return 1
		round=$((round + 1))
	done
}

filtered() {
	echo vfs_read >$trace/set_ftrace_filter
	echo vfs_open >>$trace/set_ftrace_filter
	echo kernel_clone >>$trace/set_ftrace_filter
	toggle 200
}

# Without recording, which would only slow the load down: what counts here are
# the pokes at every function.
everything() {
	echo >$trace/set_ftrace_filter
	echo 0 >$trace/tracing_on
	toggle 5
	status=$?
	echo 1 >$trace/tracing_on
	return $status
}

traces() {
	echo vfs_read >$trace/set_ftrace_filter
	echo function >$trace/current_tracer
	cat /proc/self/stat >/dev/null
	echo 0 >$trace/tracing_on
	found=$(grep -c vfs_read $trace/trace)
	echo nop >$trace/current_tracer
	echo 1 >$trace/tracing_on
	echo >$trace/set_ftrace_filter
	[ "$found" -gt 0 ]
}

sites=$(wc -l <$trace/available_filter_functions)
start_load
before=$(pokes)
verdict "function tracer, filtered, on and off 200 times under load" filtered
grown "filtered tracing pokes through the context" "$before" 1200 \
	text_poke pokes
before=$(pokes)
verdict "function tracer, $sites functions, on and off 5 times under load" \
	everything
grown "full tracing pokes through the context" "$before" $((sites * 10)) \
	text_poke pokes
verdict "a traced function leaves a trace" traces
stop_load
