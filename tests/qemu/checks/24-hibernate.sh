# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# The kernel is written to a disk, the machine goes off, and on another one, whose
# memory is empty, the kernel comes back. The checks behind this one are in a
# kernel that did. No memory was plugged in yet, which the other one would lack.

disk=/dev/vda

# What comes back must be what was left.
marks() {
	cat /proc/sys/kernel/random/boot_id
	md5sum /boot/bzImage
	! has_pg_table || awk '{ print $1, $2, $3 }' "$debug/contexts"
}

# all_is_back: the layout of the direct map, without what a pool has
all_is_back() {
	[ ! -e $pools ] || echo 1 >/sys/kernel/debug/direct_map/shrink
	direct_map_layout
}

if ! [ -b $disk ] || ! [ -e /sys/power/disk ]; then
	skip "no disk, or no hibernation in this kernel" "the kernel comes back"
	exit 0
fi
ulimit -l unlimited
all_is_back >/tmp/layout
mkswap $disk >/dev/null
swapon $disk
echo shutdown >/sys/power/disk
# As small as it can be made.
echo 0 >/sys/power/image_size

secret 16 sh -c '! echo disk >/sys/power/state' 2>/tmp/why
sed 's/^/# /' /tmp/why
verdict "a kernel with secret memory is not written to a disk" \
	grep -q "not permitted" /tmp/why
[ ! -e $pools ] ||
	verdict "the pool of secret memory keeps $(secret_idle) pages" \
		[ "$(secret_idle)" -gt 0 ]

sleep 10000 &
sleeper=$!
marks >/tmp/before
echo @again
if echo disk 2>/tmp/why >/sys/power/state; then
	ok "the kernel comes back"
else
	sed 's/^/# /' /tmp/why
	not_ok "the kernel comes back"
fi
marks >/tmp/after
verdict "it is what it was" cmp /tmp/before /tmp/after
cmp -s /tmp/before /tmp/after || diff /tmp/before /tmp/after | sed 's/^/# /'
verdict "its processes are there" kill $sleeper
verdict "it can have secret memory again" secret 16 true
all_is_back >/tmp/layout-after
verdict "its direct map is what it was" cmp /tmp/layout /tmp/layout-after
swapoff $disk
