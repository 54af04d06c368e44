/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's program: puts loads on the direct map, and says what became of it.
 *
 * What it finds goes to standard output, one JSON object to a line, with
 * "@data " in front.
 */
#ifndef WORK_H
#define WORK_H

#include <stddef.h>
#include <stdnoreturn.h>

#define PAGE_SIZE 4096UL
#define MIB (1024UL * 1024)

#define COUNTERS_MAX 40
#define COUNTER_NAME 48

/* What the kernel counts of its page tables and TLBs, by name. */
struct counters {
	unsigned int nr;
	char name[COUNTERS_MAX][COUNTER_NAME];
	long value[COUNTERS_MAX];
};

void counters_read(struct counters *counters);
/* sum += after - before; an empty sum takes the names over */
void counters_add(struct counters *sum, const struct counters *before,
		  const struct counters *after);
void counters_print(const struct counters *counters);

/* Reads a whole file; the caller frees it. NULL if there is none. */
char *file_read(const char *path);
void text_print(const char *text);

void layout_print(void);
void sample(const char *stage);

/* Numbers that are the same in each run. */
unsigned int next_number(void);

void *map_anonymous(size_t size, int flags);
int secret_create(size_t size);
void *map_file(int fd, size_t size);
int open_pipe(int fds[2]);
void touch(char *memory, size_t size);
noreturn void die(const char *what);

int secret_main(int argc, char **argv);
int age_main(int argc, char **argv);
int bpf_main(int argc, char **argv);
int faults_main(int argc, char **argv);
int cost_main(int argc, char **argv);
int turns_main(int argc, char **argv);

#endif
