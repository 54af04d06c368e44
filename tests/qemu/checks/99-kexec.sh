# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# The kernel starts itself anew, which finds the firmware's runtime services as
# this one leaves them: init runs the checks of the firmware again and ends. With
# page-table isolation there is secret memory, which is mapped nowhere but in the
# process, when this one leaves.

if ! [ -d /sys/firmware/efi/efivars ]; then
	skip "booted without firmware" "runtime services in the next kernel"
	exit 0
fi
# A kernel that gets setup data, as from kexec, maps it before it has looked
# whether there is NX: a stock one dies of that, too.
[ "$(parameter nx)" = on ] || exit 0
cd / || exit 1
{
	printf '%s\n' dev proc sys tmp
	find bin boot checks init lib.sh
} | cpio -o -H newc >/tmp/initramfs 2>/dev/null
leave=
ulimit -l unlimited
[ "$(parameter pti)" = off ] || leave="secret 16"
echo "# this kernel leaves with $((16 * (${#leave} > 0))) MiB of secret memory"
$leave kexec /boot/bzImage /tmp/initramfs "$(cat /proc/cmdline) checks.again=yes"
not_ok "the kernel starts itself anew"
