# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What changes attributes of kernel memory tests itself, if it was built in.

self_test_done() {
	dmesg | sed -n '/CPA self-test:/,$p' | grep -q '\] ok\.$'
}

# shellcheck disable=SC2009 # busybox
if ps | grep -q '[p]ageattr-test'; then
	verdict "the self-test of CPA passes" wait_for 90 self_test_done
fi
