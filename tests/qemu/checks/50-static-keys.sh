# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# Static keys and tracepoints are flipped while every CPU is busy.

flip_key() {
	round=0
	while [ $round -lt 100 ]; do
		sysctl -qw kernel.sched_schedstats=1 || return 1
		sysctl -qw kernel.sched_schedstats=0 || return 1
		round=$((round + 1))
	done
}

flip_tracepoints() {
	round=0
	while [ $round -lt 20 ]; do
		echo 1 >$trace/events/sched/enable || return 1
		echo 0 >$trace/events/sched/enable || return 1
		round=$((round + 1))
	done
}

start_load
before=$(pokes)
verdict "a static key is flipped 200 times" flip_key
grown "flips poke through the context" "$before" 600 text_poke pokes
before=$(pokes)
verdict "the scheduler's tracepoints are flipped 40 times" flip_tracepoints
grown "tracepoints poke through the context" "$before" 600 text_poke pokes
stop_load
