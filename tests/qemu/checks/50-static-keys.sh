# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# Static keys and tracepoints are flipped while every CPU is busy.

flip_key() {
	round=0
	while [ $round -lt "$keys" ]; do
		sysctl -qw kernel.sched_schedstats=1 || return 1
		sysctl -qw kernel.sched_schedstats=0 || return 1
		round=$((round + 1))
	done
}

flip_tracepoints() {
	round=0
	while [ $round -lt "$events" ]; do
		echo 1 >$trace/events/sched/enable || return 1
		echo 0 >$trace/events/sched/enable || return 1
		round=$((round + 1))
	done
}

keys=$(rounds 100)
events=$(rounds 20)
start_load
before=$(pokes)
verdict "a static key is flipped $((keys * 2)) times" flip_key
grown "flips poke through the context" "$before" $((keys * 6)) text_poke pokes
before=$(pokes)
verdict "the scheduler's tracepoints are flipped $((events * 2)) times" flip_tracepoints
grown "tracepoints poke through the context" "$before" $((events * 30)) text_poke pokes
stop_load
