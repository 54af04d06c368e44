#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kcsan.sh BUILD OBJECT...: does KCSAN look at the library and at these objects,
# and at no others? What it does not look at would seem to be clean.

cd "$1" || exit 1
shift
wanted=$(mktemp) found=$(mktemp)
trap 'rm -f "$wanted" "$found"' EXIT

{ find lib/pg_table -name '*.o'; printf '%s\n' "$@"; } | sort >"$wanted"
# Its own runtime defines what the others call, and vmlinux is all of them.
grep -rl --include='*.o' __tsan_init . | sed 's,^\./,,' |
	grep -v -e '^kernel/kcsan/core.o$' -e '^\.\?vmlinux' | sort >"$found"

if cmp -s "$wanted" "$found"; then
	echo "PASS kcsan: looks at $(wc -l <"$found") objects"
else
	comm -3 "$wanted" "$found" |
		sed -e 's/^\t\(.*\)/  looks at \1/' -e 't' -e 's/^/  does not look at /'
	echo "FAIL kcsan: looks at other objects than it should"
	exit 1
fi
