# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# A violation ends the task as an oops does, and the machine goes on.

[ -e $asi/classes ] || exit 0

dies() {
	echo "checks: an oops is wanted" >/dev/kmsg
	sh -c ". /lib.sh; ask 'probe strict $1'" >/dev/null 2>&1
	died=$?
	echo "checks: no oops is wanted" >/dev/kmsg
	[ $died -ge 128 ]
}

violations=$(asi_count selftest_strict violations)
for what in task stack page cache user; do
	verdict "who strays in a strict section to $what dies" dies $what
done
verdict "each violation was counted" \
	[ "$(asi_count selftest_strict violations)" = $((violations + 5)) ]
verdict "contexts can be entered still" \
	[ "$(ask 'probe allow own')" = inside ]
