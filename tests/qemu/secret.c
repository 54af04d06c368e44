// SPDX-License-Identifier: GPL-2.0
/*
 * secret MIB COMMAND...: run a command while so much secret memory is in use.
 * Each page must be zero before it is written and hold what was written after.
 *
 * secret fail COMMAND...: take a page of secret memory and give it back, and let
 * the first allocation of the kernel fail that this takes, then the second, and
 * so on until there are no more. Before each the command is run. Prints how many
 * failed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS	(4096 / sizeof(unsigned long))

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

/* What the kernel makes of a failure is its business, as long as it ends. */
static void take_page(void)
{
	int fd = syscall(SYS_memfd_secret, 0);
	char *page;

	if (fd < 0)
		return;
	if (!ftruncate(fd, 4096)) {
		page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			    0);
		if (page != MAP_FAILED) {
			memset(page, 1, 4096);
			munmap(page, 4096);
		}
	}
	close(fd);
}

/* Lets allocation @n fail. Returns whether there are so many. */
static int lose(unsigned int n)
{
	int fd = open("/proc/self/fail-nth", O_RDWR);
	char text[16] = "";
	int failed;

	snprintf(text, sizeof(text), "%u", n);
	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		perror("/proc/self/fail-nth");
		exit(2);
	}
	take_page();
	/* What is left of @n: nothing if it came to that. */
	failed = pread(fd, text, sizeof(text) - 1, 0) > 0 && !atoi(text);
	if (pwrite(fd, "0", 1, 0) < 0)
		perror("/proc/self/fail-nth");
	close(fd);
	return failed;
}

/* In a process of its own, which may be killed. */
static int lose_apart(unsigned int n)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		_exit(lose(n) ? 0 : 1);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGBUS ? 1 : -1;
	return WEXITSTATUS(status) > 1 ? -1 : !WEXITSTATUS(status);
}

static int lose_all(char **command)
{
	unsigned int n;
	int ret;

	for (n = 1; ; n++) {
		if (!run(command))
			return 1;
		ret = lose_apart(n);
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
	size_t size = argc > 2 ? strtoul(argv[1], NULL, 0) << 20 : 0;
	unsigned long *memory;

	if (argc > 2 && !strcmp(argv[1], "fail"))
		return lose_all(argv + 2);
	if (!size) {
		fprintf(stderr, "usage: secret MIB|fail COMMAND...\n");
		return 2;
	}
	memory = take(size);
	return !(fill(memory, size / 4096 * WORDS) && run(argv + 2) &&
		 check(memory, size / 4096 * WORDS));
}
