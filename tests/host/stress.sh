#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# stress.sh {OPERATIONS PROGRAM}...: run each program, a build of the random
# test, for so many operations with every format, however long that takes. The
# last line says how many were done in all.

log=$(mktemp)
trap 'rm -f "$log"' EXIT
wanted=0

while [ $# -gt 1 ]; do
	echo "# OPS=$1 $2"
	OPS=$1 SECONDS=1000000000 "$2" 2>&1 | tee -a "$log"
	formats=$("$2" list | wc -l)
	wanted=$((wanted + $1 * formats))
	shift 2
done

done=$(awk '/^PASS / { for (i = 2; i < NF; i++)
		if ($(i + 1) == "operations,") sum += $i }
	END { printf "%d", sum }' "$log")
failed=$(grep -c '^FAIL ' "$log")
[ "$failed" -eq 0 ] && [ "$done" -eq "$wanted" ] && [ "$done" -gt 0 ]
status=$?
[ "$status" -eq 0 ] && verdict=PASS || verdict=FAIL
echo "$verdict host-stress: $done of $wanted operations, $failed failed"
exit "$status"
