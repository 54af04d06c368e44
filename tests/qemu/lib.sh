# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What the checks share. Each check runs in a shell of its own.

trace=/sys/kernel/tracing
debug=/sys/kernel/debug/pg_table
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
