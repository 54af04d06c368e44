#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Run test programs, each argument one command, and count what they say. A
# program that fails without saying so counts as a failure, too.

log=$(mktemp)
trap 'rm -f "$log" "$log.status"' EXIT
crashed=0

for command; do
	echo "# $command"
	{ sh -c "$command"; echo $? > "$log.status"; } 2>&1 | tee "$log.one"
	cat "$log.one" >> "$log"
	if [ "$(cat "$log.status")" -ne 0 ] && ! grep -q '^FAIL' "$log.one"
	then
		echo "FAIL $command"
		crashed=$((crashed + 1))
	fi
	rm -f "$log.one"
done

passed=$(grep -c '^PASS ' "$log")
failed=$(($(grep -c '^FAIL ' "$log") + crashed))
echo "host-test: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
