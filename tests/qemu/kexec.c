// SPDX-License-Identifier: GPL-2.0
/*
 * kexec KERNEL INITRD COMMAND_LINE: start another kernel in the place of the one
 * that runs, without the firmware. Returns only if that fails.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/reboot.h>

int main(int argc, char **argv)
{
	int kernel, initrd;

	if (argc != 4) {
		fprintf(stderr, "usage: kexec KERNEL INITRD COMMAND_LINE\n");
		return 2;
	}
	kernel = open(argv[1], O_RDONLY);
	initrd = open(argv[2], O_RDONLY);
	if (syscall(SYS_kexec_file_load, kernel, initrd, strlen(argv[3]) + 1,
		    argv[3], 0UL))
		perror("kexec_file_load");
	else if (reboot(LINUX_REBOOT_CMD_KEXEC))
		perror("reboot");
	return 1;
}
