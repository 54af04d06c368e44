# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# A task dies in a context and the machine goes on. Last, because lockdep does
# not watch any more after an oops.

# The console says when the complaints that it is going to make are wanted.
die() {
	echo "checks: an oops is wanted" >/dev/kmsg
	taskset "$(printf '%x' $((1 << $1)))" \
		sh -c "echo 1 >$debug/selftest/oops" 2>/dev/null
	died=$?
	echo "checks: no oops is wanted" >/dev/kmsg
	[ $died -ge 128 ]
}

# Which entries led to the address, of which the context maps nothing.
shows_the_way() {
	dmesg | sed -n '/checks: an oops is wanted/,$p' | grep -q 'PGD 0 '
}

loaded() {
	column selftest flags | grep -qw loaded
}

# The memory of a process is that of before the oops.
goes_on() {
	taskset "$(printf '%x' $((1 << $1)))" sh -c '
		round=0
		while [ $round -lt 50 ]; do
			(:) && read -r line </proc/self/stat || exit 1
			round=$((round + 1))
		done'
}

enters_again() {
	inside "$1" loaded && ! loaded
}

if ! has_pg_table; then
	skip "no pg_table in this kernel" "a task that dies in a context"
	exit 0
fi
start_load
cpu=0
while [ $cpu -lt 2 ]; do
	verdict "a task dies in a context on CPU $cpu" die $cpu
	verdict "the oops shows the way to the address" shows_the_way
	verdict "the context is not loaded any more" eval '! loaded'
	verdict "CPU $cpu goes on" goes_on $cpu
	verdict "the context can be entered again" enters_again $cpu
	cpu=$((cpu + 1))
done
stop_load
