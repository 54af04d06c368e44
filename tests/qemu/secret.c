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
 *
 * secret churn SECONDS: take memory, use it and give it back for so long.
 *
 * secret lose FILE [PAGES]: the memory of one of so many pages in use fails, by
 * its physical address that is written to FILE. Whoever touches the page gets
 * SIGBUS, and nobody loses another page. Prints the page's number.
 *
 * secret page: print the number of a page that was just given back.
 *
 * secret avoid MIB NUMBER...: take so much memory; none of these pages may be
 * among it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORDS	(4096 / sizeof(unsigned long))
#define HUGE	(2UL << 20)

static int open_secret(size_t size)
{
	int fd = syscall(SYS_memfd_secret, 0);

	if (fd < 0 || ftruncate(fd, size)) {
		perror("memfd_secret");
		exit(2);
	}
	return fd;
}

static unsigned long *map_secret(int fd, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			    0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return memory;
}

static unsigned long *take(size_t size)
{
	int fd = open_secret(size);
	unsigned long *memory = map_secret(fd, size);

	close(fd);
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

static int churn(unsigned int seconds)
{
	time_t end = time(NULL) + seconds;
	int good = 1;

	srandom(getpid());
	while (good && time(NULL) < end) {
		size_t words = (1 + random() % 512) * WORDS;
		unsigned long *memory = take(words * sizeof(*memory));

		good = fill(memory, words) && check(memory, words);
		munmap(memory, words * sizeof(*memory));
	}
	return !good;
}

/* The number of a page in use, which root may know. */
static unsigned long page_number(const void *page)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	unsigned long entry = 0;

	if (fd < 0 || pread(fd, &entry, sizeof(entry),
			    (unsigned long)page / 4096 * sizeof(entry)) < 0) {
		perror("/proc/self/pagemap");
		exit(2);
	}
	close(fd);
	return entry & ((1UL << 55) - 1);
}

static sigjmp_buf after_signal;
static int advised;

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
	if (info->si_code == BUS_MCEERR_AO) {
		__atomic_store_n(&advised, 1, __ATOMIC_RELAXED);
		return;
	}
	siglongjmp(after_signal, info->si_code);
}

/* Returns the code of the signal that touching a page is answered with, or 0. */
static int touch(const unsigned long *page)
{
	int code = sigsetjmp(after_signal, 1);

	if (!code)
		__atomic_load_n(page, __ATOMIC_RELAXED);
	return code;
}

static int others_are_sound(unsigned long *memory, unsigned int lost,
			    unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (i != lost &&
		    (touch(memory + i * WORDS) || memory[i * WORDS] != i + 1))
			return 0;
	}
	return 1;
}

static int complain(const char *what)
{
	fprintf(stderr, "secret: %s\n", what);
	return 1;
}

/* A process that has the page mapped as well. */
static int lost_by_child(unsigned long *page)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(touch(page) == BUS_MCEERR_AR ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

static int write_address(const char *file, unsigned long number)
{
	int fd = open(file, O_WRONLY), n;
	char text[32];

	n = snprintf(text, sizeof(text), "0x%lx", number * 4096);
	n = fd < 0 ? -1 : write(fd, text, n);
	if (n < 0)
		perror(file);
	close(fd);
	return n > 0;
}

static int lose_page(const char *file, unsigned int n)
{
	const struct sigaction action = {
		.sa_sigaction = on_sigbus,
		.sa_flags = SA_SIGINFO,
	};
	const unsigned int lost = 3;
	int fd = open_secret(n * 4096), ret = 0;
	unsigned long *memory = map_secret(fd, n * 4096), number;
	unsigned int i;

	sigaction(SIGBUS, &action, NULL);
	prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0);
	for (i = 0; i < n; i++)
		memory[i * WORDS] = i + 1;
	number = page_number(memory + lost * WORDS);
	printf("%lu\n", number);
	if (!write_address(file, number))
		return complain("the kernel did not recover from it");
	if (!__atomic_load_n(&advised, __ATOMIC_RELAXED))
		ret = complain("whoever wants to know early was not told");
	if (touch(memory + lost * WORDS) != BUS_MCEERR_AR)
		ret = complain("the page can be touched");
	if (!lost_by_child(memory + lost * WORDS))
		ret = complain("a child can touch the page");
	/* Mapped anew, it is neither there nor filled with something else. */
	memory = map_secret(fd, n * 4096);
	if (touch(memory + lost * WORDS) != BUS_MCEERR_AR)
		ret = complain("the page can be mapped again");
	if (!others_are_sound(memory, lost, n))
		ret = complain("another page is lost");
	return ret;
}

static int avoid(unsigned long *memory, size_t pages, char **numbers)
{
	size_t i;

	for (i = 0; i < pages; i++) {
		unsigned long number;
		char **other;

		memory[i * WORDS] = 1;
		number = page_number(memory + i * WORDS);
		for (other = numbers; *other; other++) {
			if (strtoul(*other, NULL, 0) == number)
				return complain("a page that failed is used");
		}
	}
	return 0;
}

static int print_page(void)
{
	unsigned long *page = take(4096);

	*page = 1;
	printf("%lu\n", page_number(page));
	return 0;
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
	if (!strcmp(what, "churn"))
		return churn(atoi(argv[2]));
	if (!strcmp(what, "lose"))
		return lose_page(argv[2], argc > 3 ? atoi(argv[3]) : 8);
	if (argc == 2 && !strcmp(argv[1], "page"))
		return print_page();
	if (!strcmp(what, "avoid") && argc > 3) {
		size = strtoul(argv[2], NULL, 0) << 20;
		return avoid(take(size), size / 4096, argv + 3);
	}
	if (!size)
		return complain("see secret.c for how to call it");
	memory = take(size);
	return !(fill(memory, size / 4096 * WORDS) && run(argv + 2) &&
		 check(memory, size / 4096 * WORDS));
}
