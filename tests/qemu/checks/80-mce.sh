# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# A machine check that the kernel survives, also while a context is loaded.

# AMD: an uncorrected error that the hardware has deferred. Intel: one whose
# action is optional, which goes to all CPUs. Both can be returned from
# (MCG_STATUS: RIPV and MCIP).
machine_check() {
	wanted_mces=$(($(interrupts MCE) + 1))
	if grep -q AuthenticAMD /proc/cpuinfo; then
		echo "@monitor mce $1 1 0xb000100000000000 0x5 0 0"
	else
		echo "@monitor mce -b $1 1 0xbd000000000000cf 0x5 0 0x8c"
	fi
	wait_for 10 more $wanted_mces interrupts MCE
}

counted() {
	mces=$(column selftest mces)
	inside "$1" machine_check "$1" &&
		more $((mces + 1)) column selftest mces
}

start_load
last=$(($(nproc) - 1))
verdict "a machine check arrives and is survived" machine_check $last
if has_pg_table; then
	verdict "a machine check in a loaded context is counted" counted $last
else
	skip "no pg_table in this kernel" \
		"machine checks in a loaded context are counted"
fi
stop_load
