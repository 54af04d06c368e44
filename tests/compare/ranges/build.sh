#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# build.sh SOURCE OUTPUT FOLDER: builds the module that is timed, in FOLDER.
set -eu

source=$1 output=$2 folder=$3
here=$(dirname "$0")

mkdir -p "$folder"
cmp -s "$here/ranges.c" "$folder/ranges.c" || cp "$here/ranges.c" "$folder/ranges.c"
echo "obj-m += ranges.o" >"$folder/Kbuild"
make -C "$source" O="$output" ARCH=x86_64 CC="ccache gcc" \
	M="$(realpath "$folder")" modules
