/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A module that does nothing, on LOAD_PAGES pages of text and as many of
 * read-only data.
 */
#include <linux/module.h>
#include <linux/init.h>

static const char load_data[LOAD_PAGES * PAGE_SIZE] = { 1 };

static noinline int load_text(unsigned int index)
{
	asm volatile(".skip %c0, 0x90" : : "i" (LOAD_PAGES * PAGE_SIZE));
	return load_data[index % sizeof(load_data)];
}

static int __init load_init(void)
{
	return load_text(0) == 1 ? 0 : -EINVAL;
}

static void __exit load_exit(void)
{
}

module_init(load_init);
module_exit(load_exit);
MODULE_DESCRIPTION("Something to load and unload");
MODULE_LICENSE("GPL");
