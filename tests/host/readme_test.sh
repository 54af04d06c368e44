#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The command in README.md that compiles the example does, and it runs.
set -e

name=the_example_of_the_readme_builds_and_runs
trap 'echo "FAIL $name"' EXIT

command=$(grep '^    cc .*tests/host/example.c' README.md |
	sed "s|build/|$BUILD/|g")
program=$(echo "$command" | sed 's/.* -o \([^ ]*\) .*/\1/')
rm -f "$program"
sh -c "$command"
test "$("$program")" = "0x500000 -> 0x10100000, 4 KiB, read-only
0x600000 -> 0x10200000, 2048 KiB, read-write"

trap - EXIT
echo "PASS $name"
