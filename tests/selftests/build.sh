#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# build.sh LINUX OUTPUT: builds the programs, static, as OUTPUT/FOLDER/PROGRAM.
set -eu

linux=$1
output=$2
here=$(dirname "$0")

mkdir -p "$output"
make -C "$linux" O="$output" ARCH=x86_64 headers
grep -v '^#' "$here/programs" | while read -r folder program _; do
	mkdir -p "$output/$folder"
	make -C "$linux/tools/testing/selftests/$folder" ARCH=x86_64 \
		OUTPUT="$output/$folder" EXTRA_CFLAGS=-static \
		KHDR_INCLUDES="-isystem $output/usr/include" \
		"$output/$folder/$program" </dev/null
done
