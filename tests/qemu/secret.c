// SPDX-License-Identifier: GPL-2.0
/*
 * secret MIB COMMAND...: run a command while so much secret memory is in use.
 * Each page must be zero before it is written and hold what was written after.
 *
 * secret mapped MIB [advised]: use so much, as memory for huge pages if it shall
 * be advised, and print how many KiB of it are mapped as such.
 *
 * secret huge MIB: the same, where all of it must be, and is then used as memory
 * is: by a child, by those who may not have it, and in part.
 *
 * secret fail KIB COMMAND...: take so much secret memory and give it back, and let
 * the first allocation of the kernel fail that this takes, then the second, and
 * so on until there are no more. Before each the command is run. Prints how many
 * failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS	(4096 / sizeof(unsigned long))
#define HUGE	(2UL << 20)

static unsigned long *take(size_t size)
{
	int fd = syscall(SYS_memfd_secret, 0);
	void *memory;

	if (fd < 0 || ftruncate(fd, size)) {
		perror("memfd_secret");
		exit(2);
	}
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return memory;
}

/* Every word of every page, so that what was left of others would be found. */
static int fill(unsigned long *memory, size_t words)
{
	size_t i;

	for (i = 0; i < words; i++) {
		if (memory[i]) {
			fprintf(stderr, "secret: word %zu is not zero\n", i);
			return 0;
		}
		memory[i] = ~i;
	}
	return 1;
}

static int check(const unsigned long *memory, size_t words)
{
	size_t i;

	for (i = 0; i < words; i++) {
		if (memory[i] != ~i) {
			fprintf(stderr, "secret: word %zu has changed\n", i);
			return 0;
		}
	}
	return 1;
}

static int run(char **command);

/* How much of a range is mapped by huge pages, in KiB. */
static unsigned long huge_kib(const void *memory, size_t size)
{
	unsigned long first = (unsigned long)memory, start = 0, end, kib;
	unsigned long sum = 0;
	FILE *file = fopen("/proc/self/smaps", "r");
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx ", &end, &kib) == 2)
			start = end;
		else if (sscanf(line, "FilePmdMapped: %lu kB", &kib) == 1 &&
			 start >= first && start < first + size)
			sum += kib;
	}
	if (file)
		fclose(file);
	return sum;
}

static int print_mapped(size_t size, int advised)
{
	unsigned long *memory = take(size);

	if (advised && madvise(memory, size, MADV_HUGEPAGE))
		perror("madvise");
	if (!fill(memory, size / 4096 * WORDS) ||
	    !check(memory, size / 4096 * WORDS))
		return 1;
	printf("%lu\n", huge_kib(memory, size));
	return 0;
}

static int expect(int good, const char *what)
{
	if (!good)
		fprintf(stderr, "secret: not so: %s\n", what);
	return good;
}

/* A child sees the same memory, mapped in the same way. */
static int share(unsigned long *memory, size_t size)
{
	int status = 1;
	pid_t pid = fork();

	if (!pid) {
		status = check(memory, size / 4096 * WORDS) &&
			 huge_kib(memory, size) == size >> 10;
		memory[WORDS] = 0;
		_exit(!status);
	}
	waitpid(pid, &status, 0);
	status = !status && !memory[WORDS];
	memory[WORDS] = ~(unsigned long)WORDS;
	return status;
}

/* The kernel must not read it for somebody, with its locks or without. */
static int is_refused(unsigned long *memory)
{
	struct iovec iov = { .iov_base = memory, .iov_len = 4096 };
	int pipes[2], file = open("/proc/self/mem", O_RDONLY), bad;
	char text[8];

	if (pipe(pipes) || file < 0)
		return 0;
	bad = vmsplice(pipes[1], &iov, 1, 0) >= 0 || errno != EFAULT;
	bad |= pread(file, text, sizeof(text), (unsigned long)memory) >= 0;
	close(file);
	close(pipes[0]);
	close(pipes[1]);
	return !bad;
}

static int use_huge(size_t size)
{
	unsigned long *memory = take(size), kib = size >> 10;
	size_t words = size / 4096 * WORDS, half = HUGE / 2;
	int good = expect(!((unsigned long)memory % HUGE), "it is aligned");

	good &= expect(fill(memory, words), "it was zeroed");
	good &= expect(huge_kib(memory, size) == kib, "it is huge");
	good &= expect(share(memory, size), "a child shares it");
	good &= expect(is_refused(memory), "nobody else may read it");
	/* Who wants a part of it pages would split them, if that were possible. */
	good &= expect(!madvise(memory, 4096, MADV_COLD) &&
		       !madvise(memory, 4096, MADV_PAGEOUT), "it is advised");
	good &= expect(huge_kib(memory, size) == kib, "it is not split");
	good &= expect(!madvise(memory, size, MADV_DONTNEED) &&
		       !huge_kib(memory, size), "it is not mapped");
	good &= expect(check(memory, words), "it stays in the file");
	good &= expect(huge_kib(memory, size) == kib, "it is huge again");
	mprotect(memory, 4096, PROT_READ);
	good &= expect(check(memory, words), "a part is protected");
	munmap(memory, half);
	for (words = half / sizeof(*memory); words < size / 4096 * WORDS;
	     words++)
		good &= memory[words] == ~words;
	return expect(good, "all of it");
}

/* What the kernel makes of a failure is its business, as long as it ends. */
static void take_pages(size_t size)
{
	int fd = syscall(SYS_memfd_secret, 0);
	char *pages;

	if (fd < 0)
		return;
	if (!ftruncate(fd, size)) {
		pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			     0);
		if (pages != MAP_FAILED) {
			memset(pages, 1, size);
			munmap(pages, size);
		}
	}
	close(fd);
}

/* Lets allocation @n fail. Returns whether there are so many. */
static int lose(size_t size, unsigned int n)
{
	int fd = open("/proc/self/fail-nth", O_RDWR);
	char text[16] = "";
	int failed;

	snprintf(text, sizeof(text), "%u", n);
	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		perror("/proc/self/fail-nth");
		exit(2);
	}
	take_pages(size);
	/* What is left of @n: nothing if it came to that. */
	failed = pread(fd, text, sizeof(text) - 1, 0) > 0 && !atoi(text);
	if (pwrite(fd, "0", 1, 0) < 0)
		perror("/proc/self/fail-nth");
	close(fd);
	return failed;
}

/* In a process of its own, which may be killed. */
static int lose_apart(size_t size, unsigned int n)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		_exit(lose(size, n) ? 0 : 1);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGBUS ? 1 : -1;
	return WEXITSTATUS(status) > 1 ? -1 : !WEXITSTATUS(status);
}

static int lose_all(size_t size, char **command)
{
	unsigned int n;
	int ret;

	for (n = 1; ; n++) {
		if (!run(command))
			return 1;
		ret = lose_apart(size, n);
		if (ret <= 0)
			break;
	}
	printf("%u\n", n - 1);
	return ret;
}

static int run(char **command)
{
	int status = 1;
	pid_t pid = fork();

	if (!pid) {
		execvp(command[0], command);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid &&
	       WIFEXITED(status) && !WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	size_t size = argc > 2 ? strtoul(argv[1], NULL, 0) << 20 : 0;
	unsigned long *memory;

	if (!strcmp(what, "fail") && argc > 3)
		return lose_all(strtoul(argv[2], NULL, 0) << 10, argv + 3);
	if (!strcmp(what, "mapped"))
		return print_mapped(strtoul(argv[2], NULL, 0) << 20, argc > 3);
	if (!strcmp(what, "huge"))
		return !use_huge(strtoul(argv[2], NULL, 0) << 20);
	if (!size) {
		fputs("usage: secret MIB COMMAND...\n"
		      "       secret mapped MIB [advised]\n"
		      "       secret huge MIB\n"
		      "       secret fail KIB COMMAND...\n", stderr);
		return 2;
	}
	memory = take(size);
	return !(fill(memory, size / 4096 * WORDS) && run(argv + 2) &&
		 check(memory, size / 4096 * WORDS));
}
