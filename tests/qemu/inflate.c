// SPDX-License-Identifier: GPL-2.0
/*
 * inflate FILE: let the kernel load a compressed module, and print what it says.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/module.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd;

	if (argc != 2)
		return 2;
	fd = open(argv[1], O_RDONLY);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	if (syscall(SYS_finit_module, fd, "", MODULE_INIT_COMPRESSED_FILE))
		puts(strerror(errno));
	else
		puts("loaded");
	return 0;
}
