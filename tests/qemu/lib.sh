# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What the checks share. Each check runs in a shell of its own.

trace=/sys/kernel/tracing
debug=/sys/kernel/debug/pg_table
pools=/sys/kernel/debug/direct_map/pools
set -f

again=$(sed -n 's/.*checks\.again=yes.*/again: /p' /proc/cmdline)

ok() {
	echo "ok - $again$*"
}

not_ok() {
	echo "not ok - $again$*"
}

skip() {
	why=$1
	shift
	echo "ok - $again$* # SKIP $why"
}

# verdict NAME COMMAND...: the command decides
verdict() {
	name=$1
	shift
	if "$@"; then ok "$name"; else not_ok "$name"; fi
}

# parameter NAME: what boot.py passed on the command line as checks.NAME
parameter() {
	sed -n "s/.*checks\.$1=\([^ ]*\).*/\1/p" /proc/cmdline
}

has_pg_table() {
	[ -e "$debug/contexts" ]
}

show_contexts() {
	awk 'BEGIN { row = "# %-12s %-8s %6s %12s %8s %4s %-20s %8s %6s %6s %8s\n" }
		{ printf row, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 }' \
		"$debug/contexts"
}

# column CONTEXT NAME: one cell of the table of contexts
column() {
	awk -v row="$1" -v name="$2" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) col = i }
		NR > 1 && $1 == row && col { print $col }' "$debug/contexts"
}

# grown NAME BEFORE AT_LEAST CONTEXT COLUMN: a counter went up enough
grown() {
	if ! has_pg_table; then
		skip "no pg_table in this kernel" "$1"
		return
	fi
	now=$(column "$4" "$5")
	echo "# $4 $5: $2 -> $now, at least $3 more wanted"
	if [ $((now - $2)) -ge "$3" ]; then ok "$1"; else not_ok "$1"; fi
}

pokes() {
	if has_pg_table; then column text_poke pokes; else echo 0; fi
}

# interrupts NAME: the sum of a line of /proc/interrupts
interrupts() {
	awk -v name="$1:" '$1 == name {
		for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) sum += $i
		print sum }' /proc/interrupts
}

# A load on every CPU: short bursts of system calls, now and then a process. It
# takes breaths, because all virtual CPUs may share one real one: whoever waits
# for an IPI then waits for the end of a burst.
start_load() {
	load=""
	cpu=0
	[ -p /tmp/never ] || mkfifo /tmp/never
	while [ $cpu -lt "$(nproc)" ]; do
		taskset "$(printf '%x' $((1 << cpu)))" sh -c '
			round=0
			while :; do
				round=$(((round + 1) % 100))
				[ $round -gt 0 ] || ls -l /proc/self/fd
				read -r line </proc/self/stat
				read -r -t 0.03 line
			done' <>/tmp/never >/dev/null 2>&1 &
		load="$load $!"
		cpu=$((cpu + 1))
	done
}

stop_load() {
	kill $load
	wait $load 2>/dev/null || :
}

# wait_for SECONDS COMMAND...: until the command succeeds
wait_for() {
	rounds=$(($1 * 10))
	shift
	until "$@"; do
		rounds=$((rounds - 1))
		[ $rounds -gt 0 ] || return 1
		usleep 100000
	done
}

# more WANTED COMMAND...: the number that the command prints has reached WANTED
more() {
	wanted=$1
	shift
	[ "$("$@")" -ge "$wanted" ]
}

# direct_map_events EVENT...: the sum of these counters of /proc/vmstat
direct_map_events() {
	for event in "$@"; do
		awk -v name="direct_map_$event" '$1 == name { print $2 }' \
			/proc/vmstat
	done | awk '{ sum += $1 } END { print sum + 0 }'
}

# direct_map_layout: how much of the direct map is mapped how
direct_map_layout() {
	grep DirectMap /proc/meminfo
}

# direct_map_kb: how much is in the direct map
direct_map_kb() {
	direct_map_layout | awk '{ sum += $2 } END { print sum }'
}

# direct_map_dumped LEVEL: kB that leaves of this level map, as ptdump sees it
direct_map_dumped() {
	awk -v level="$1" '
		/^---/ { inside = /Low Kernel Mapping/ }
		inside && $NF == level && / (RW|ro) / {
			kb = $2 * (/[0-9]G / ? 1048576 : /[0-9]M / ? 1024 : 1)
			sum += kb
		}
		END { print sum + 0 }' /sys/kernel/debug/page_tables/kernel
}

# kfence_kb: what KFENCE has of the direct map. It takes some of that out at any
# time, and the counters do not show it.
kfence_kb() {
	dmesg | sed -n 's/.*kfence: initialized - using \([0-9]*\) bytes.*/\1/p' |
		awk '{ kb = $1 / 1024 } END { print kb + 0 }'
}

# direct_map_exact: /proc/meminfo says of the direct map what is in it
direct_map_exact() {
	may_lack=$(kfence_kb)
	for pair in 4k:pte 2M:pmd 1G:pud; do
		meminfo=$(awk -v name="DirectMap${pair%:*}:" \
			'$1 == name { print $2 }' /proc/meminfo)
		dumped=$(direct_map_dumped "${pair#*:}")
		echo "# DirectMap${pair%:*}: ${meminfo:-0} kB, dumped $dumped kB"
		lack=$((${meminfo:-0} - dumped))
		[ $lack -ge 0 ] && [ $lack -le "$may_lack" ] || return 1
		may_lack=0
	done
}

# With DEBUG_PAGEALLOC the page allocator takes out of the direct map what is free,
# but leaves it in the counters, and memory hotplug does not look at it.
has_debug_pagealloc() {
	grep -q debug_pagealloc=on /proc/cmdline
}

# exact NAME: the counters of the direct map are exact
exact() {
	if has_debug_pagealloc; then
		echo "# not looked at with debug_pagealloc: $1"
	else
		verdict "$1" direct_map_exact
	fi
}

# secret_kb: how much secret memory is in use
secret_kb() {
	awk '/^SecretMem:/ { print $2 }' /proc/meminfo
}

# secret_idle: how many pages the pool of secret memory keeps
secret_idle() {
	awk '$1 == "secretmem" { print $4 }' $pools
}

# let_allocations_fail: those fail from now on that a task asks for, by fail-nth
let_allocations_fail() {
	for kind in failslab fail_page_alloc; do
		echo N >/sys/kernel/debug/$kind/ignore-gfp-wait
		echo 0 >/sys/kernel/debug/$kind/verbose
	done
	echo 0 >/sys/kernel/debug/fail_page_alloc/min-order
}

# pools_are_empty: nothing is used or idle in the pool of secret memory
pools_are_empty() {
	sed 's/^/# /' $pools
	grep -q "^secretmem 0 0 0 0 0 " $pools
}

# inside CPU COMMAND...: runs the command while that CPU dwells in the test
# context
inside() {
	enters=$(column selftest enters)
	taskset "$(printf '%x' $((1 << $1)))" \
		sh -c "echo 5000 >$debug/selftest/dwell" &
	dweller=$!
	shift
	wait_for 10 more $((enters + 1)) column selftest enters && "$@"
	inside_status=$?
	wait $dweller && return $inside_status
}

# ask COMMAND...: what became of a command of the isolation's self-test
asi=/sys/kernel/debug/asi
ask() {
	answer=
	exec 3<>$asi/selftest || return 1
	echo "$*" >&3 && read -r answer <&3
	asked=$?
	exec 3>&-
	echo "$answer"
	return $asked
}

# asi_count CLASS NAME: what happened to the contexts of a class
asi_count() {
	awk -v class="$1:" -v name="$2" '$1 == class {
		for (i = 2; i < NF; i++) if ($i == name) print $(i + 1) }' \
		$asi/classes
}
