# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# The firmware's runtime services work.

# A vendor whose variables the kernel lets anyone delete: that of crash dumps.
vendor=cfc8fc79-be2e-4ddc-97f0-9f98bfe298a0
variable=/sys/firmware/efi/efivars/PgTableCheck-$vendor
attributes='\007\000\000\000'
value='a page table of its own'

write() {
	printf "$attributes%s" "$value" >/tmp/variable
	cat /tmp/variable >$variable
}

read_back() {
	cmp /tmp/variable $variable
}

deleted() {
	mount -o remount /sys/firmware/efi/efivars
	[ ! -e $variable ]
}

enters() {
	if has_pg_table; then column efi enters; else echo 0; fi
}

if ! [ -d /sys/firmware/efi/efivars ]; then
	skip "booted without firmware" "runtime services"
	exit 0
fi
start_load
before=$(enters)
verdict "an EFI variable is written" write
verdict "it is read back" read_back
verdict "it is deleted" rm -f $variable
verdict "it is gone" deleted
grown "the calls run in the efi context" "$before" 3 efi enters
# The next kernel does not find the firmware's table of attributes.
if has_pg_table && [ -z "$again" ]; then
	verdict "the efi context has no writable and executable leaf" \
		[ "$(column efi wx)" = 0 ]
fi
stop_load
