# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# Secret memory leaves the direct map by whole blocks and brings it back as it
# was.

mib=64
pools=/sys/kernel/debug/direct_map/pools

layout() {
	grep DirectMap /proc/meminfo
}

# sum EVENT...: of these counters of /proc/vmstat
sum() {
	for event in "$@"; do
		awk -v name="direct_map_$event" '$1 == name { print $2 }' \
			/proc/vmstat
	done | awk '{ sum += $1 } END { print sum + 0 }'
}

secret_kb() {
	awk '/^SecretMem:/ { print $2 }' /proc/meminfo
}

# What is true while the memory is in use.
cat >/tmp/at-peak <<PEAK
#!/bin/sh
cp /proc/meminfo /tmp/peak.meminfo
cp /proc/vmstat /tmp/peak.vmstat
cat $pools
PEAK
chmod +x /tmp/at-peak

at_peak() {
	awk -v name="$1" '$1 == name { print $2 }' /tmp/peak.vmstat
}

# Each allocation fails once that a page of secret memory takes, from an empty
# pool: nothing is lost, and the map is what it was.
failures() {
	for kind in failslab fail_page_alloc; do
		echo N >/sys/kernel/debug/$kind/ignore-gfp-wait
		echo 0 >/sys/kernel/debug/$kind/verbose
	done
	echo 0 >/sys/kernel/debug/fail_page_alloc/min-order
	failed=$(secret fail sh -c 'echo 1 >/sys/kernel/debug/direct_map/shrink')
	status=$?
	echo "# allocations that failed: $failed"
	verdict "secret memory lives through every allocation that fails" \
		[ $status -eq 0 ]
	verdict "some allocations failed" [ "${failed:-0}" -ge 10 ]
	echo 1 >/sys/kernel/debug/direct_map/shrink
	layout >/tmp/after
	verdict "after failures the direct map is what it was before" \
		cmp /tmp/before /tmp/after
	sed 's/^/# /' $pools
	verdict "after failures the pool has nothing" \
		grep -q "^secretmem 0 0 0 0 0 " $pools
}

ulimit -l unlimited
if [ -e $pools ]; then
	layout >/tmp/before
	splits=$(sum level2_splits)
	flushes=$(sum flushes)
	for round in 1 2; do
		verdict "round $round: $mib MiB of secret memory are zero, then what was written" \
			secret $mib /tmp/at-peak
	done
	now=$(at_peak direct_map_level2_splits)
	echo "# leaves split at the peak: $((now - splits))"
	verdict "at the peak at most two leaves are split" \
		[ $((now - splits)) -le 2 ]
	verdict "/proc/meminfo shows the secret memory" \
		grep -q "SecretMem: *$((mib * 1024)) kB" /tmp/peak.meminfo
	verdict "no secret memory is left" [ "$(secret_kb)" -eq 0 ]
	echo 1 >/sys/kernel/debug/direct_map/shrink
	now=$(sum flushes)
	echo "# flushes on the way out and back: $((now - flushes)) for $((2 * mib * 256)) pages"
	verdict "one flush does for 256 pages" \
		[ $((now - flushes)) -le $((2 * mib)) ]
	layout >/tmp/after
	verdict "the direct map is what it was before" \
		cmp /tmp/before /tmp/after
	failures
else
	skip "no pools in this kernel" "secret memory comes from a pool"
fi
