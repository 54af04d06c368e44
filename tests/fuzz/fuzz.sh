#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# fuzz.sh DIRECTORY RANDOM SECONDS: fuzzes each format for some seconds. The
# corpus of a format begins with what RANDOM, the random test, does there.
set -u

dir=$1 random=$2 seconds=$3
pids=() running=() failed=0

fuzz_format() {
	local format=$1 corpus=$dir/corpus/$1 log=$dir/$1.log seed

	mkdir -p "$corpus" "$dir/crashes"
	for seed in 1 2 3 4 5 6 7 8; do
		FORMAT=$format SEED=$seed OPS=60 RECORD=$corpus/seed-$seed \
			"$random" >"$log" 2>&1 || return 1
	done
	FORMAT=$format "$dir/fuzz" -max_total_time="$seconds" -max_len=4096 \
		-timeout=120 -rss_limit_mb=4096 -print_final_stats=1 \
		-artifact_prefix="$dir/crashes/$format-" "$corpus" >"$log" 2>&1
}

finish_first() {
	local format=${running[0]} log=$dir/${running[0]}.log inputs

	if wait "${pids[0]}"; then
		inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
		echo "PASS fuzz $format: $inputs inputs in $seconds s"
	else
		tail -n 30 "$log"
		echo "FAIL fuzz $format, see $log"
		failed=1
	fi
	pids=("${pids[@]:1}")
	running=("${running[@]:1}")
}

for format in $("$random" formats); do
	[ ${#pids[@]} -lt "$(nproc)" ] || finish_first
	fuzz_format "$format" &
	pids+=($!)
	running+=("$format")
done
while [ ${#pids[@]} -gt 0 ]; do
	finish_first
done
exit $failed
