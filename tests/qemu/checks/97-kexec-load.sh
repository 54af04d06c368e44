# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# A kernel to start next is loaded and unloaded, and nothing is left of that,
# whatever fails.

rounds=3

# Memory that is reserved for a kernel that takes over in a panic.
reserved() {
	sed -n 's/^ *\([0-9a-f]*\)-.* : Crash kernel$/0x\1/p' /proc/iomem
}

has_table() {
	[ -n "$(column "$1" tables)" ]
}

has_no_table() {
	! has_table "$1"
}

# loaded CONTEXT KIND WHAT UNLOAD: it has a table as long as it is loaded
loaded() {
	if ! kexec "$2" "$3"; then
		not_ok "kexec $2 loads a kernel"
		return
	fi
	if has_pg_table; then
		verdict "what kexec $2 loaded has a table" has_table "$1"
		echo "# $1: $(column "$1" tables) tables"
		verdict "the table of kexec $2 can be dumped" \
			[ -n "$(head -n 1 "$debug/$1/dump")" ]
	fi
	# In the place of what is loaded.
	verdict "kexec $2 loads another kernel" kexec "$2" "$3"
	verdict "kexec $2 is undone" kexec "$4"
	! has_pg_table ||
		verdict "its table is gone with what kexec $2 loaded" \
			has_no_table "$1"
}

unchanged() {
	[ "${1:-0}" -gt 0 ] && [ "$1" -eq "$2" ]
}

# fail_rounds KIND WHAT: each allocation fails, one by one, $rounds times
fail_rounds() {
	round=0
	while [ $round -lt $rounds ]; do
		failed=$(kexec fail "$1" "$2") || return 1
		round=$((round + 1))
	done
}

# lose CONTEXT KIND WHAT: nothing is lost by it
lose() {
	let_allocations_fail
	before=$(kexec pages)
	fail_rounds "$2" "$3"
	after=$(kexec pages)
	echo "# kexec $2: $failed allocations failed, $rounds times; reserved pages: $before -> $after"
	verdict "kexec $2 lives through every allocation that fails" \
		[ $round -eq $rounds ]
	verdict "some allocations of kexec $2 failed" [ "${failed:-0}" -ge 5 ]
	verdict "kexec $2 leaves no page behind when it fails" \
		unchanged "$before" "$after"
	! has_pg_table ||
		verdict "kexec $2 leaves no table behind when it fails" \
			has_no_table "$1"
}

memory=0x4000000
loaded kexec memory $memory unload
loaded kexec load /boot/bzImage unload
lose kexec memory $memory
lose kexec load /boot/bzImage
if [ -n "$(reserved)" ]; then
	loaded kexec_crash panic "$(reserved)" unpanic
	lose kexec_crash panic "$(reserved)"
else
	skip "no memory is reserved" "kexec panic loads a kernel"
fi
