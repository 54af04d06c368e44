// SPDX-License-Identifier: GPL-2.0
/*
 * kexec KERNEL INITRD COMMAND_LINE: start another kernel in the place of the one
 * that runs, without the firmware. Returns only if that fails.
 *
 * kexec load KERNEL, kexec memory ADDRESS, kexec panic ADDRESS: load something
 * small, as a kernel whose setup code is KERNEL's, as a page for that physical
 * address, or as one for a kernel that takes over in a panic.
 *
 * kexec unload, kexec unpanic: forget what was loaded.
 *
 * kexec pages: prints how many pages of memory are reserved, as all are that are
 * taken for what is loaded.
 *
 * kexec fail KIND WHAT: do as kexec KIND WHAT, and let the first allocation of the
 * kernel fail that this takes, then the second, and so on until there are no more.
 * Prints how many failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/kexec.h>
#include <linux/reboot.h>

/* In a kernel's file: sectors of setup code, and the memory that it wants. */
#define SETUP_SECTS	0x1f1
#define INIT_SIZE	0x260
#define SMALL		65536

static char page[4096];
static int small = -1;

/* Of a kernel nothing but what is looked at when it is loaded. */
static int open_small(const char *kernel)
{
	const char *name = "/tmp/small";
	static unsigned char text[SMALL];
	unsigned int init_size = SMALL;
	int fd = open(kernel, O_RDONLY);
	size_t size;

	if (fd < 0 || read(fd, text, sizeof(text)) != sizeof(text))
		return -1;
	close(fd);
	memcpy(text + INIT_SIZE, &init_size, sizeof(init_size));
	size = (text[SETUP_SECTS] + 2) * 512;
	fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, text, size) != (ssize_t)size)
		return -1;
	close(fd);
	/* Nobody may have it open for writing. */
	return open(name, O_RDONLY);
}

static int load_small(void)
{
	return syscall(SYS_kexec_file_load, small, -1, 1UL, "",
		       (unsigned long)KEXEC_FILE_NO_INITRAMFS);
}

static int load_page(unsigned long address, unsigned long flags)
{
	struct kexec_segment segment = {
		.buf = page,
		.bufsz = sizeof(page),
		.mem = (void *)address,
		.memsz = sizeof(page),
	};

	return syscall(SYS_kexec_load, address, 1UL, &segment,
		       flags | KEXEC_ARCH_DEFAULT);
}

static int unload(unsigned long flags)
{
	return syscall(SYS_kexec_load, 0UL, 0UL, NULL,
		       flags | KEXEC_ARCH_DEFAULT);
}

static unsigned long flags_of(const char *kind)
{
	return strcmp(kind, "panic") ? 0 : KEXEC_ON_CRASH;
}

static int load(const char *kind, const char *what)
{
	if (!strcmp(kind, "load"))
		return load_small();
	return load_page(strtoul(what, NULL, 0), flags_of(kind));
}

static int write_nth(int fd, unsigned int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	return pwrite(fd, text, strlen(text), 0) < 0;
}

/* What is left of the count: nothing if it came to that. */
static int read_nth(int fd)
{
	char text[16] = "";

	return pread(fd, text, sizeof(text) - 1, 0) > 0 ? atoi(text) : -1;
}

/* Returns whether allocation @n failed, or was reached; negative for trouble. */
static int lose(int fd, unsigned int n, const char *kind, const char *what)
{
	int ret, error, left;

	if (write_nth(fd, n))
		return -1;
	ret = load(kind, what);
	error = errno;
	left = read_nth(fd);
	if (left < 0 || write_nth(fd, 0))
		return -1;
	/* The kernel may do without. */
	if (!ret)
		return unload(flags_of(kind)) ? -1 : !left;
	/* Who looks for a place for a kernel does not say why there is none. */
	if (!left && (error == ENOMEM || error == EADDRNOTAVAIL))
		return 1;
	fprintf(stderr, "kexec: allocation %u: %s\n", n, strerror(error));
	return -1;
}

static int lose_all(const char *kind, const char *what)
{
	int fd = open("/proc/self/fail-nth", O_RDWR), ret;
	unsigned int n = 0;

	do {
		ret = lose(fd, ++n, kind, what);
	} while (ret > 0);
	printf("%u\n", n - 1);
	return ret;
}

/* Of a page that is reserved that is bit 32, which is the kernel's own to name. */
#define RESERVED	0x100000000ULL

static unsigned long count_range(int fd, unsigned long pfn, unsigned long end)
{
	static unsigned long long flags[4096];
	unsigned long n, count = 0;
	ssize_t size, i;

	for (; pfn < end; pfn += size / sizeof(flags[0])) {
		n = end - pfn < 4096 ? end - pfn : 4096;
		size = pread(fd, flags, n * sizeof(flags[0]),
			     pfn * sizeof(flags[0]));
		if (size <= 0)
			break;
		for (i = 0; i < size / (ssize_t)sizeof(flags[0]); i++)
			count += !!(flags[i] & RESERVED);
	}
	return count;
}

/* In memory as such, for between its ranges there is much to look at. */
static int count_pages(void)
{
	int fd = open("/proc/kpageflags", O_RDONLY);
	FILE *ranges = fopen("/proc/iomem", "r");
	unsigned long first, last, count = 0;
	char line[128];

	if (fd < 0 || !ranges)
		return -1;
	while (fgets(line, sizeof(line), ranges)) {
		if (strstr(line, " : System RAM") &&
		    sscanf(line, "%lx-%lx", &first, &last) == 2)
			count += count_range(fd, first >> 12, (last + 1) >> 12);
	}
	fclose(ranges);
	close(fd);
	printf("%lu\n", count);
	return 0;
}

static int start(const char *kernel_name, const char *initrd_name,
		 const char *command_line)
{
	int kernel = open(kernel_name, O_RDONLY);
	int initrd = open(initrd_name, O_RDONLY);

	if (syscall(SYS_kexec_file_load, kernel, initrd,
		    strlen(command_line) + 1, command_line, 0UL))
		perror("kexec_file_load");
	else if (reboot(LINUX_REBOOT_CMD_KEXEC))
		perror("reboot");
	return 1;
}

static int say(int failed, const char *what)
{
	if (failed)
		perror(what);
	return !!failed;
}

int main(int argc, char **argv)
{
	const char *kind = argc > 2 ? argv[argc - 2] : "";
	const char *what = argv[argc - 1];

	if (argc == 2 && !strcmp(what, "unload"))
		return say(unload(0), what);
	if (argc == 2 && !strcmp(what, "unpanic"))
		return say(unload(KEXEC_ON_CRASH), what);
	if (argc == 2 && !strcmp(what, "pages"))
		return say(count_pages(), what);
	if (argc == 4 && strcmp(argv[1], "fail"))
		return start(argv[1], argv[2], argv[3]);
	if (!strcmp(kind, "load"))
		small = open_small(what);
	else if (strcmp(kind, "memory") && strcmp(kind, "panic"))
		return say(-1, "see kexec.c for how to call it");
	if (argc == 4)
		return !!lose_all(kind, what);
	return say(load(kind, what), kind);
}
