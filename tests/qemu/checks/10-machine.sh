# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# The machine is the variant that was asked for.

cpu_flag() {
	grep -m 1 '^flags' /proc/cpuinfo | grep -qw "$1"
}

levels() {
	if cpu_flag la57; then echo 5; else echo 4; fi
}

isolated() {
	if dmesg | grep -q 'page tables isolation: enabled'; then
		echo on
	else
		echo off
	fi
}

no_execute() {
	if cpu_flag nx; then echo on; else echo off; fi
}

echo "# Linux $(uname -r), $(nproc) CPUs, $(levels)-level paging," \
	"pti $(isolated)"
verdict "all CPUs are up" [ "$(nproc)" = "$(parameter cpus)" ]
verdict "paging has $(parameter level) levels" \
	[ "$(levels)" = "$(parameter level)" ]
verdict "protection from execution is $(parameter nx)" \
	[ "$(no_execute)" = "$(parameter nx)" ]
verdict "page table isolation is $(parameter pti)" \
	[ "$(isolated)" = "$(parameter pti)" ]
