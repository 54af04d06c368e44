/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the machine and the test know of each other.
 */
#ifndef TEST_H
#define TEST_H

/* The machine. */
#define SIM_DR7_USER	(DR_GLOBAL_ENABLE << (0 * DR_ENABLE_SIZE))
#define SIM_DR7_KERNEL	(DR_GLOBAL_ENABLE << (1 * DR_ENABLE_SIZE))
DECLARE_PER_CPU(unsigned long, sim_dr7);
DECLARE_PER_CPU(void *, sim_ldt);
void sim_boot(void);
u64 sim_access(unsigned long va);
u64 sim_access_user(unsigned long va);

/* Memory: each address of a table has a version, which an edit counts up. */
bool test_is_kernel(unsigned long va);
u64 test_walk(const void *root, unsigned long va);

#endif /* TEST_H */
