# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# The memory of secret pages fails: their users are told, and nobody else has
# the pages again. All else of their blocks comes back.

fail=/sys/devices/system/memory/hard_offline_page
unpoison=/sys/kernel/debug/hwpoison/unpoison-pfn

in_use() {
	used=$(secret lose $fail)
}

# A part of a huge page: the rest of that stays.
in_use_huge() {
	part=$(secret lose $fail 1024)
}

# One that was given back, and which the pool has kept.
idle() {
	page=$(secret page)
	echo $((page * 4096)) >$fail
}

stay_lost() {
	for page in $used $part $page; do
		! echo "$page" >$unpoison || return 1
	done
} 2>/dev/null

corrupted_kb() {
	awk '/^HardwareCorrupted:/ { print $2 }' /proc/meminfo
}

ulimit -l unlimited
if [ -e $pools ]; then
	echo 1 >/sys/kernel/debug/direct_map/shrink
	kb=$(direct_map_kb)
	corrupted=$(corrupted_kb)
	verdict "whoever uses a secret page that fails is told" in_use
	echo always >/sys/kernel/mm/transparent_hugepage/enabled
	verdict "whoever uses a huge page loses the part of it that fails" \
		in_use_huge
	verdict "a page that fails while nobody has it is kept" idle
	verdict "all are counted" \
		[ "$(corrupted_kb)" -eq $((corrupted + 12)) ]
	verdict "they are not handed out again" \
		secret avoid 24 "$used" "$part" "$page"
	verdict "they cannot be declared sound" stay_lost
	verdict "no secret memory is left after failures" \
		[ "$(secret_kb)" -eq 0 ]
	echo 1 >/sys/kernel/debug/direct_map/shrink
	verdict "the pool has nothing after failures" pools_are_empty
	verdict "the three pages are out of the direct map, and no other is" \
		[ "$(direct_map_kb)" -eq $((kb - 12)) ]
	exact "the counters of the direct map are exact after failures"
else
	skip "no pools in this kernel" "memory failures in secret memory"
fi
