# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# What user mode has of the kernel is what it takes to come in and out.

tables=/sys/kernel/debug/page_tables

symbol() {
	sed -n "s/^\([0-9a-f]*\) . $1\$/\1/p" /proc/kallsyms
}

# In large pages: from the one in which it begins to the one in which it ends.
text=$(symbol __entry_text_start)
text_end=$(symbol __entry_text_end)
text=$(printf '%016x' $((0x$text & ~0x1fffff)))
text_end=$(printf '%016x' $(((0x$text_end + 0x1fffff) & ~0x1fffff)))

# mapped FILE: what is mapped in the kernel's half, without what is empty
mapped() {
	awk '/---\[ Kernel Space/ { kernel = 1 }
		/^---\[/ { region = $2 }
		kernel && /^0x/ && NF > 3 {
			$0 = substr($1, 3, 16) " " substr($1, 22, 16) " " \
				region " " $0
			print
		}' "$1"
}

# Each line of what user mode has that is not in a place where it may be. In the
# direct map that is one page for each CPU, its TSS.
stray() {
	mapped $tables/current_user | awk -v first="$text" -v end="$text_end" \
		-v cpus="$(cat /sys/devices/system/cpu/possible)" '
		$3 == "CPU" || $3 == "ESPfix" { next }
		$3 == "High" && $1 == first && $2 == end && / ro .* x / { next }
		$3 == "Low" && $5 == "4K" && / RW .* NX / { tss++; next }
		{ print }
		END {
			sub(/.*-/, "", cpus)
			if (tss != cpus + 1) print tss " pages of CPUs"
		}'
}

writable_code() {
	mapped $tables/current_user | grep ' RW .* x '
}

# The leaf of the entry code, as one of the dumps shows it.
entry_text() {
	mapped "$tables/$1" | awk -v first="$text" '$1 == first {
		$1 = $2 = $4 = $5 = ""; print }'
}

has_entry_text() {
	[ -n "$(entry_text current_user)" ] &&
		[ "$(entry_text current_user)" = "$(entry_text kernel)" ] &&
		entry_text kernel | grep -q GLB
}

if [ "$(parameter pti)" = on ]; then
	stray | sed 's/^/# /'
	verdict "user mode has nothing of the kernel but its way in" \
		[ -z "$(stray)" ]
	verdict "user mode has no code that it can write" \
		[ -z "$(writable_code)" ]
	verdict "the entry code is global for user mode and for the kernel" \
		has_entry_text
	if has_pg_table; then
		echo "# $(column pti tables) tables for user mode's half"
		verdict "what user mode has is a table of the library's" \
			[ "$(column pti tables)" -gt 0 ]
		verdict "it can be dumped" [ -n "$(head -n 1 "$debug/pti/dump")" ]
	else
		skip "no pg_table in this kernel" \
			"what user mode has is a table of the library's"
	fi
else
	verdict "without PTI user mode has no table of its own" \
		[ -z "$(column pti tables)" ]
fi
