#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What make does where something is missing or not ours.
set -u

top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
mkdir "$top/bin"
failed=0

# check NAME COMMAND...: the command decides
check() {
	name=$1
	shift
	if "$@"; then
		echo "PASS make $name"
	else
		echo "FAIL make $name"
		failed=1
	fi
}

# fake PROGRAM TEXT: what the project then runs in the program's place
fake() {
	printf '#!/bin/sh\n%s\n' "$2" >"$top/bin/$1"
	chmod +x "$top/bin/$1"
}

# fails TARGET WORDS: with one line, before that of make's, that has the words
fails() {
	! PATH="$top/bin:$PATH" make "$1" BUILD="$top/build" >"$top/out" 2>&1 &&
		grep -v '^make' "$top/out" | tail -n 1 | grep -q "$2" && return
	cat "$top/out"
	return 1
}

refuses_blanks() {
	! make help BUILD="$top/a b" >"$top/out" 2>&1 &&
		[ "$(wc -l <"$top/out")" = 1 ] && grep -q 'No blanks' "$top/out"
}

clean_spares_others() {
	mkdir -p "$top/home/host/lib" "$top/home/linux" "$top/home/mine"
	make clean BUILD="$top/home" >"$top/out" &&
		[ "$(ls "$top/home")" = "$(printf 'linux\nmine')" ]
}

clean_removes_ours() {
	mkdir -p "$top/ours/host" "$top/ours/linux/.git/refs/graft"
	make clean BUILD="$top/ours" >"$top/out" && [ ! -e "$top/ours" ]
}

takes_relative_directory() {
	make -n host BUILD=some/where | grep -q "$PWD/some/where/host/libpg_table.a"
}

says_again_what_failed() {
	fake make 'echo PASS one; echo why; echo FAIL two; echo PASS three; exit 2'
	PATH="$top/bin:$PATH" BUILD="$top" tests/tools/test.py part >"$top/out"
	status=$?
	rm "$top/bin/make"
	[ $status = 1 ] && sed '1,/=== failed/d' "$top/out" | head -n 3 |
		diff - <(printf -- '---- part\nwhy\nFAIL two\n') &&
		[ "$(tail -n 1 "$top/out")" = '2 passed, 1 failed' ]
}

check refuses_blanks refuses_blanks
check clean_spares_others clean_spares_others
check clean_removes_ours clean_removes_ours
check takes_relative_directory takes_relative_directory
check says_again_what_failed says_again_what_failed

fake dpkg-query 'exit 1'
fake apt-get 'echo "E: no network" >&2; exit 100'
fake id 'echo 0'
for target in graft run host matrix; do
	check "${target}_without_network_says_what_to_do" \
		fails $target 'check network .* run: apt-get install'
done
fake id 'echo 1000'
fake sudo 'exit 1'
for target in graft run host; do
	check "${target}_without_root_says_what_to_do" \
		fails $target 'run as root: apt-get install'
done
exit $failed
