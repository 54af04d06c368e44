# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# Secret memory leaves the direct map by whole blocks and brings it back as it
# was.

mib=64
thp=/sys/kernel/mm/transparent_hugepage/enabled

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

# lose KIB: each allocation fails once that so much secret memory takes, from an
# empty pool
lose() {
	failed=$(secret fail "$1" sh -c \
		'echo 1 >/sys/kernel/debug/direct_map/shrink')
	status=$?
	echo "# allocations that failed: $failed"
	verdict "$1 KiB of secret memory live through every allocation that fails" \
		[ $status -eq 0 ]
	verdict "some allocations for $1 KiB failed" [ "${failed:-0}" -ge 10 ]
}

# Nothing is lost, and the map is what it was.
failures() {
	let_allocations_fail
	lose 4
	lose 2048
	all_is_back "failures"
}

# all_is_back AFTER_WHAT
all_is_back() {
	echo 1 >/sys/kernel/debug/direct_map/shrink
	direct_map_layout >/tmp/after
	verdict "after $1 the direct map is what it was before" \
		cmp /tmp/before /tmp/after
	verdict "after $1 the pool has nothing" pools_are_empty
}

# mapped WANTED POLICY [ADVISED]: KiB of 8 MiB that are mapped by huge pages
mapped() {
	echo "$2" >$thp
	now=$(secret mapped 8 $3)
	verdict "$now of 8192 KiB are huge where the policy is $2${3:+ and it is $3}" \
		[ "${now:-none}" = "$1" ]
}

huge() {
	mapped 0 never advised
	mapped 0 madvise
	mapped 8192 madvise advised
	mapped 8192 always
	file=$(awk '/^FileHugePages:/ { print $2 }' /proc/meminfo)
	verdict "huge secret memory is used as other memory is" secret huge 8
	( ulimit -l 3072 && exec secret mapped 4 ) 2>/dev/null
	verdict "who wants more than may be locked gets a signal" [ $? -eq 135 ]
	now=$(ulimit -l 3072 && secret mapped 3)
	verdict "beside a huge page the limit leaves room for others" \
		[ "$now" = 2048 ]
	now=$(awk '/^FileHugePages:/ { print $2 }' /proc/meminfo)
	verdict "no huge page is left in a file" [ "$now" = "$file" ]
	grep -E '^thp_file_(alloc|fallback) ' /proc/vmstat | sed 's/^/# /'
	all_is_back "huge pages"
}

# What boot mapped page by page is taken first, and no block is split.
first_pages() {
	[ ! -e $thp ] || echo never >$thp
	splits=$(direct_map_events level2_splits)
	secret 1 true
	found=$(awk '$1 == "secretmem" { print $8 }' $pools)
	echo "# pages that boot mapped one by one: $found"
	verdict "the first pages of secret memory split nothing" \
		[ "$(direct_map_events level2_splits)" -eq "$splits" ]
}

none_idle() {
	[ "$(secret_idle)" -eq 0 ]
}

# A pool may keep as much as its knob says.
keep() {
	knob=/sys/kernel/debug/direct_map/secretmem/max_idle
	old=$(cat $knob)
	secret 4 true
	verdict "a pool keeps idle pages" [ "$(secret_idle)" -ge 1024 ]
	echo 0 >$knob
	verdict "it gives them back when it may not" wait_for 5 none_idle
	secret 4 true
	verdict "it keeps none then" wait_for 5 none_idle
	echo "$old" >$knob
}

ulimit -l unlimited
if [ -e $pools ]; then
	direct_map_layout >/tmp/before
	first_pages
	keep
	splits=$(direct_map_events level2_splits)
	flushes=$(direct_map_events flushes)
	for round in never always; do
		[ ! -e $thp ] || echo $round >$thp
		verdict "huge pages $round: $mib MiB of secret memory are zero, then what was written" \
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
	now=$(direct_map_events flushes)
	echo "# flushes on the way out and back: $((now - flushes)) for $((2 * mib * 256)) pages"
	verdict "one flush does for 256 pages" \
		[ $((now - flushes)) -le $((2 * mib)) ]
	direct_map_layout >/tmp/after
	verdict "the direct map is what it was before" \
		cmp /tmp/before /tmp/after
	failures
	if [ -e $thp ]; then
		huge
	else
		skip "no huge pages in this kernel" "secret memory is huge"
	fi
else
	skip "no pools in this kernel" "secret memory comes from a pool"
fi
