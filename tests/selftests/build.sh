#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# build.sh LINUX OUTPUT: builds the programs, static, as OUTPUT/FOLDER/PROGRAM. Some
# of x86 are only offered where 32-bit ones can be built as well: not here.
set -eu

linux=$1
output=$2
here=$(dirname "$0")

mkdir -p "$output"
make -C "$linux" O="$output" ARCH=x86_64 headers
grep -v '^#' "$here/programs" | while read -r folder program _; do
	[ "$folder" != module ] || continue
	mkdir -p "$output/$folder"
	make -C "$linux/tools/testing/selftests/$folder" ARCH=x86_64 \
		OUTPUT="$output/$folder" EXTRA_CFLAGS=-static \
		KHDR_INCLUDES="-isystem $output/usr/include" \
		TARGETS_C_64BIT_ALL="${program%_64}" \
		"$output/$folder/$program" </dev/null
done
