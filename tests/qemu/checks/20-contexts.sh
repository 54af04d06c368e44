# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# The contexts are there and can be looked at.

dumps() {
	for context in text_poke efi; do
		[ -n "$(head -n 1 "$debug/$context/dump")" ] || return 1
	done
}

if has_pg_table; then
	show_contexts
	for context in text_poke efi; do
		verdict "the $context context exists" \
			[ -n "$(column $context tables)" ]
	done
	verdict "each context can be dumped" dumps
else
	skip "no pg_table in this kernel" "the contexts exist"
fi
