// SPDX-License-Identifier: GPL-2.0
/*
 * A page table in simulated memory: map 4 MiB, write-protect one page of it,
 * and show what the MMU would find.
 */
#include <stdio.h>
#include <string.h>

#include <linux/err.h>
#include <linux/pg_table.h>

#define MiB	0x100000UL

static int print_leaf(const struct pg_table_leaf *leaf, void *arg)
{
	unsigned int flags = pg_table_prot_flags(arg, leaf->prot);

	/* A large leaf that was split has hundreds of pages. */
	if (leaf->level || !(flags & PG_TABLE_WRITE))
		printf("%#lx -> %#llx, %zu KiB, %s\n", leaf->va, leaf->pa,
		       leaf->size >> 10,
		       flags & PG_TABLE_WRITE ? "read-write" : "read-only");
	return 0;
}

static int run(struct pg_table *pgt, const struct pg_table_format *format)
{
	static const struct pg_table_walk_ops print = { .leaf = print_leaf };
	pgprot_t rw = pg_table_prot(format, PG_TABLE_READ | PG_TABLE_WRITE);
	pgprot_t ro = pg_table_prot(format, PG_TABLE_READ);
	int ret;

	ret = pg_table_map(pgt, 4 * MiB, 256 * MiB, 4 * MiB, rw, GFP_KERNEL);
	if (ret)
		return ret;
	ret = pg_table_protect(pgt, 5 * MiB, 4096, ro, PG_TABLE_PROT_ALL,
			       GFP_KERNEL);
	if (ret)
		return ret;
	ret = pg_table_walk(pgt, 0, 1024 * MiB, &print, (void *)format);
	if (ret)
		return ret;
	return pg_table_unmap(pgt, 4 * MiB, 4 * MiB, GFP_KERNEL);
}

int main(void)
{
	const struct pg_table_config config = {
		.name = "example",
		.format = &pg_table_x86_64,
	};
	struct pg_table *pgt = pg_table_create(&config);
	int ret;

	if (IS_ERR(pgt)) {
		fprintf(stderr, "create: %s\n", strerror(-PTR_ERR(pgt)));
		return 1;
	}
	ret = run(pgt, config.format);
	if (ret)
		fprintf(stderr, "%s\n", strerror(-ret));
	return ret || pg_table_destroy(pgt);
}
