// SPDX-License-Identifier: GPL-2.0
/*
 * A module that runs a part of itself in a restricted context, which has the
 * module for that time.
 *
 * Who reads /sys/module/confined/parameters/section has it run, and is told
 * whether all of it ran inside, and how much of the module is mapped afterwards.
 */
#include <linux/asi.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/pg_table.h>
#include <linux/sysfs.h>

DEFINE_ASI_CLASS(confined, "confined", .policy = ASI_ALLOW);

static const unsigned long step = 1;
static DEFINE_PER_CPU(unsigned long, visits);
static unsigned long sum;
static struct asi *asi;

/* From the module's text: its constants, its data, and that of the CPU. */
static noinline int section(void)
{
	int ret = asi_enter(asi);

	if (ret)
		return ret;
	this_cpu_add(visits, READ_ONCE(step));
	WRITE_ONCE(sum, sum + READ_ONCE(step));
	return asi_relax();
}

static bool has(const void *p)
{
	struct pg_table_leaf leaf;

	return !pg_table_lookup(asi->pgt, (unsigned long)p, &leaf);
}

/*
 * How many of the module's parts does the context have? What it has for each CPU
 * lies in the first chunk, as a rule, which every context has.
 */
static unsigned int parts(void)
{
	return has(section) + has(&step) + has(&sum);
}

static int run(char *line)
{
	unsigned int before = parts(), mapped;
	int inside, ret = asi_map_module(asi, THIS_MODULE);

	if (ret)
		return ret;
	mapped = parts();
	inside = section();
	asi_exit();
	ret = asi_unmap_module(asi, THIS_MODULE);
	if (ret || inside < 0)
		return ret ?: inside;
	return sysfs_emit(line, "%s, parts %u %u %u, sum %lu\n",
			  inside ? "inside" : "left", before, mapped, parts(),
			  sum);
}

static int section_get(char *line, const struct kernel_param *unused)
{
	int ret;

	/* It can be read before there is a context, and while it goes. */
	if (IS_ERR_OR_NULL(READ_ONCE(asi)) || !try_module_get(THIS_MODULE))
		return -ENODEV;
	ret = asi_attach(asi);
	if (!ret) {
		ret = run(line);
		asi_detach(asi);
	}
	module_put(THIS_MODULE);
	return ret;
}

static const struct kernel_param_ops section_ops = { .get = section_get };

module_param_cb(section, &section_ops, NULL, 0400);

static int __init confined_init(void)
{
	asi_class_register(&confined);
	asi = asi_create(&confined);
	if (!IS_ERR(asi))
		return 0;
	asi_class_unregister(&confined);
	return PTR_ERR(asi);
}

static void __exit confined_exit(void)
{
	WARN_ON_ONCE(asi_destroy(asi));
	asi_class_unregister(&confined);
}

module_init(confined_init);
module_exit(confined_exit);
MODULE_DESCRIPTION("A module with a restricted context for itself");
MODULE_LICENSE("GPL");
