# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Modules are loaded, every other one is unloaded and loaded again, and all go.

on_all() {
	for number in $(seq "$2" "$3" 23); do
		if [ "$1" = load ]; then
			insmod "/modules/load$number.ko" || return 1
		else
			rmmod "load$number" || return 1
		fi
	done
}

on_all load 0 1 && on_all unload 1 2 && on_all load 1 2 &&
	work sample peak && on_all unload 0 1
