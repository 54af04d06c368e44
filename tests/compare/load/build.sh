#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# build.sh SOURCE OUTPUT FOLDER: builds the modules that are loaded, in FOLDER.
# All have the same text, but a name and a size of their own.
set -eu

source=$1 output=$2 folder=$3
here=$(dirname "$0")
count=24

# renew NEW OLD: make sees no change where there is none
renew() {
	cmp -s "$1" "$2" || cp "$1" "$2"
}

mkdir -p "$folder"
number=0
: >"$folder/Kbuild.new"
while [ $number -lt $count ]; do
	name=load$number
	printf '#define LOAD_PAGES %d\n#include "load.h"\n' $((1 + number % 5)) \
		>"$folder/$name.new"
	renew "$folder/$name.new" "$folder/$name.c"
	rm "$folder/$name.new"
	echo "obj-m += $name.o" >>"$folder/Kbuild.new"
	number=$((number + 1))
done
mv "$folder/Kbuild.new" "$folder/Kbuild"
renew "$here/load.h" "$folder/load.h"

make -C "$source" O="$output" ARCH=x86_64 CC="ccache gcc" -j"$(nproc)" \
	M="$folder" modules
