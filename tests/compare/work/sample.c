// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel says of its direct map and of its TLB flushes.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "work.h"

char *file_read(const char *path)
{
	size_t size = 0, room = 65536;
	char *text = malloc(room);
	ssize_t got;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || !text) {
		free(text);
		return NULL;
	}
	while ((got = read(fd, text + size, room - size - 1)) > 0) {
		size += got;
		if (room - size < 32768) {
			room *= 2;
			text = realloc(text, room);
			if (!text)
				die("realloc");
		}
	}
	close(fd);
	text[size] = '\0';
	return text;
}

/* As a JSON string. */
void text_print(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if (iscntrl((unsigned char)*text))
			printf("\\u%04x", (unsigned int)*text);
		else
			putchar(*text);
	}
	putchar('"');
}

static void counter_add(struct counters *counters, const char *name,
			long value)
{
	if (counters->nr == COUNTERS_MAX)
		return;
	snprintf(counters->name[counters->nr], COUNTER_NAME, "%s", name);
	counters->value[counters->nr++] = value;
}

static int starts_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/* Lines of a name and a number, as /proc/meminfo and /proc/vmstat have them. */
static void numbers_read(struct counters *counters, const char *path,
			 const char *const *prefixes)
{
	char *text = file_read(path), *rest = text, *line;
	char name[COUNTER_NAME];
	long value;

	if (!text)
		die(path);
	while ((line = strsep(&rest, "\n"))) {
		if (sscanf(line, "%47[^: ]%*[: ]%ld", name, &value) != 2)
			continue;
		for (const char *const *prefix = prefixes; *prefix; prefix++)
			if (starts_with(name, *prefix))
				counter_add(counters, name, value);
	}
	free(text);
}

/* The sum over all CPUs of a line of /proc/interrupts. */
static long interrupts(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	long sum = 0;
	char *end;

	if (!at)
		return 0;
	at += strlen(name);
	for (;;) {
		sum += strtol(at, &end, 10);
		if (end == at)
			return sum;
		at = end;
	}
}

void counters_read(struct counters *counters)
{
	static const char *const meminfo[] = { "DirectMap", "MemFree", NULL };
	static const char *const vmstat[] = { "nr_tlb_", "direct_map_", NULL };
	char *text = file_read("/proc/interrupts");

	if (!text)
		die("/proc/interrupts");
	counters->nr = 0;
	numbers_read(counters, "/proc/meminfo", meminfo);
	numbers_read(counters, "/proc/vmstat", vmstat);
	counter_add(counters, "ipi_tlb", interrupts(text, "TLB:"));
	counter_add(counters, "ipi_call", interrupts(text, "CAL:"));
	free(text);
}

void counters_add(struct counters *sum, const struct counters *before,
		  const struct counters *after)
{
	if (!sum->nr) {
		*sum = *after;
		memset(sum->value, 0, sizeof(sum->value));
	}
	for (unsigned int i = 0; i < sum->nr; i++)
		sum->value[i] += after->value[i] - before->value[i];
}

void counters_print(const struct counters *counters)
{
	for (unsigned int i = 0; i < counters->nr; i++)
		printf("%s\"%s\":%ld", i ? "," : "{", counters->name[i],
		       counters->value[i]);
	putchar('}');
}

void sample(const char *stage)
{
	char *pools = file_read("/sys/kernel/debug/direct_map/pools");
	struct counters counters;

	counters_read(&counters);
	printf("@data {\"kind\":\"%s\",\"stage\":\"%s\",\"counters\":",
	       __func__, stage);
	counters_print(&counters);
	printf(",\"layout\":\"");
	layout_print();
	putchar('"');
	if (pools) {
		printf(",\"pools\":");
		text_print(pools);
	}
	printf("}\n");
	fflush(stdout);
	free(pools);
}
