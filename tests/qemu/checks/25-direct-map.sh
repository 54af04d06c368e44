# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# /proc/meminfo says of the direct map what is in it.

dump=/sys/kernel/debug/page_tables/kernel

# in_dump LEVEL: kB that leaves of this level map, as ptdump sees it
in_dump() {
	awk -v level="$1" '
		/^---/ { inside = /Low Kernel Mapping/ }
		inside && $NF == level && / (RW|ro) / {
			kb = $2 * (/[0-9]G / ? 1048576 : /[0-9]M / ? 1024 : 1)
			sum += kb
		}
		END { print sum + 0 }' $dump
}

in_meminfo() {
	awk -v name="DirectMap$1:" '$1 == name { print $2 } ' /proc/meminfo
}

same_layout() {
	for pair in 4k:pte 2M:pmd 1G:pud; do
		meminfo=$(in_meminfo "${pair%:*}")
		dumped=$(in_dump "${pair#*:}")
		echo "# DirectMap${pair%:*}: ${meminfo:-0} kB, dumped $dumped kB"
		[ "${meminfo:-0}" -eq "$dumped" ] || return 1
	done
}

verdict "the counters of the direct map are exact" same_layout
