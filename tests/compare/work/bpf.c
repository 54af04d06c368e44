// SPDX-License-Identifier: GPL-2.0
/*
 * BPF programs of many sizes, loaded and unloaded.
 */
#define _GNU_SOURCE
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "work.h"

#define INSNS_MIN 16
#define INSNS_SPAN 2000

/* r0 = 0; r0 += some number, many times; exit */
static unsigned int write_program(struct bpf_insn *insns)
{
	unsigned int nr = INSNS_MIN + next_number() % INSNS_SPAN;
	struct bpf_insn move = { .code = BPF_ALU64 | BPF_MOV | BPF_K };
	struct bpf_insn exit = { .code = BPF_JMP | BPF_EXIT };

	insns[0] = move;
	for (unsigned int i = 1; i < nr - 1; i++)
		insns[i] = (struct bpf_insn) {
			.code = BPF_ALU64 | BPF_ADD | BPF_K,
			.imm = next_number(),
		};
	insns[nr - 1] = exit;
	return nr;
}

static int load_program(void)
{
	static struct bpf_insn insns[INSNS_MIN + INSNS_SPAN];
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_TRACEPOINT,
		.insn_cnt = write_program(insns),
		.insns = (unsigned long)insns,
		.license = (unsigned long)"GPL",
	};

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

int bpf_main(int argc, char **argv)
{
	unsigned int count = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;

	if (!count)
		return 2;
	for (unsigned int i = 0; i < count; i++)
		if (load_program() < 0)
			die("bpf");
	sample("peak");
	return 0;
}
