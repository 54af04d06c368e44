# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# NMIs arrive, also while a context is loaded.

backtrace() {
	wanted_nmis=$(($(interrupts NMI) + $(nproc) - 1))
	echo l >/proc/sysrq-trigger
	wait_for 10 more $wanted_nmis interrupts NMI
}

monitor_nmi() {
	wanted_nmis=$(($(interrupts NMI) + $(nproc)))
	echo "@monitor nmi"
	wait_for 10 more $wanted_nmis interrupts NMI
}

# counted CPU COMMAND...: the NMI lands in the test context and is counted
counted() {
	nmis=$(column selftest nmis)
	inside "$@" && more $((nmis + 1)) column selftest nmis
}

start_load
verdict "a backtrace of all CPUs arrives as NMIs" backtrace
verdict "the monitor's NMI arrives on all CPUs" monitor_nmi
last=$(($(nproc) - 1))
if has_pg_table; then
	verdict "a backtrace NMI in a loaded context is counted" \
		counted $last backtrace
	verdict "the monitor's NMI in a loaded context is counted" \
		counted $last monitor_nmi
else
	skip "no pg_table in this kernel" "NMIs in a loaded context are counted"
fi
stop_load
