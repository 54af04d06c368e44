/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the machine and the test know of each other.
 */
#ifndef TEST_H
#define TEST_H

#define CHECK(cond) do {						\
	if (!(cond))							\
		sim_fail(__FILE__, __LINE__, #cond);			\
} while (0)

/* The machine. */
#define SIM_DR7_USER	(DR_GLOBAL_ENABLE << (0 * DR_ENABLE_SIZE))
#define SIM_DR7_KERNEL	(DR_GLOBAL_ENABLE << (1 * DR_ENABLE_SIZE))
DECLARE_PER_CPU(unsigned long, sim_dr7);
DECLARE_PER_CPU(void *, sim_ldt);
void sim_boot(void);
u64 sim_access(unsigned long va);
u64 sim_access_user(unsigned long va);
bool sim_fault(unsigned long va);
void sim_interrupt(smp_call_func_t func, void *info);
void sim_return_to_user(void);
/* How many points from now on an NMI arrives; 0: none does. */
extern unsigned long sim_nmi_after;

/* What a handler does beside its work, and an NMI. */
void test_handler(void);
void test_nmi(void);

/*
 * Memory: each address of a table has a version, which an edit counts up. 0 is
 * absent. The first pages of the kernel are in each table, the others in those of
 * processes and contexts; a restricted context has its own, or lacks them.
 */
#define MMS		8
#define CONTEXTS	4
#define ASI_TABLES	3
#define TABLES		(1 + MMS + CONTEXTS + ASI_TABLES)
#define PAGES		6
#define SHARED_PAGES	(PAGES / 2)
#define DEPTH		3
#define USER_VA		0x10000UL
#define KERNEL_VA	0xffff888000000000UL

/* What a table maps: the version of each page, now and at the last flush. */
struct table {
	struct pg_table	*pgt;
	pgd_t		root[512] __aligned(8192);
	u64		now[PAGES];
	u64		flushed[PAGES];
	bool		gone[PAGES];
	bool		restricted;
};

/* What a CPU does. */
struct cpu {
	struct mm_struct	*mm;
	bool			lazy;
	int			depth;
	struct pg_table_state	states[DEPTH];
};

extern struct mm_struct mms[MMS];
extern struct pg_table contexts[CONTEXTS];
extern struct table tables[TABLES];
extern struct cpu cpus[SIM_CPUS];
extern const char *doing;

bool test_is_kernel(unsigned long va);
u64 test_walk(const void *root, unsigned long va);
struct table *table_of(const struct pg_table *pgt);
unsigned long page_va(unsigned long base, int page);
bool check_page(unsigned long va);
bool touch(unsigned long va);
void check_cpus(void);
void boot(unsigned int features);
void add_table(struct table *t, struct pg_table *pgt);
void edit(struct table *t, int page, int pages);
void do_edit(struct cpu *cpu);

/* Restricted contexts. The last one is strict. One page is absent in all. */
#define ASIS		4
#define ABSENT		(PAGES - 1)
extern struct asi asis[ASIS];
/* What disturbs them. */
extern bool tracing;
extern bool nmi_enters;
extern bool random_handlers;
extern bool handlers_escape;
extern int nmis;
void enter_and_exit(void);
void asi_reset_counters(void);
void asi_boot(void);
void asi_check(void);
void asi_check_counts(void);
void do_section(struct cpu *cpu);
void do_touch(struct cpu *cpu);
void do_user(struct cpu *cpu);
void do_interrupt(struct cpu *cpu);
void asi_tests(unsigned int features);
void asi_tests_print(void);

#endif /* TEST_H */
