// SPDX-License-Identifier: GPL-2.0
/*
 * Sections for user space to look at: /sys/kernel/debug/asi/selftest.
 *
 * A line that is written is one command, and what became of it can be read from
 * the same file:
 *
 *   probe CLASS WHAT	touch something in a section
 *   call CLASS WHAT	the same in a function that is called there
 *   pairs CLASS N	enter and leave N times
 *   turns CLASS N	likewise, without anything in between
 *   hold CLASS MS	have a context, with a page mapped, for that long
 *
 * CLASS is allow, deny or strict.
 */
#include <linux/asi.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "asi_internal.h"

#define LINE_SIZE	64

DEFINE_ASI_CLASS(allow, "selftest_allow", .policy = ASI_ALLOW,
		 .clear_in = ASI_CLEAR_L1D | ASI_CLEAR_BUFFERS,
		 .clear_out = ASI_CLEAR_BRANCHES);
DEFINE_ASI_CLASS(deny, "selftest_deny", .policy = ASI_DENY);
DEFINE_ASI_CLASS(strict, "selftest_strict", .policy = ASI_ALLOW, .strict = true);

/**
 * struct asi_target - something to touch
 * @p: a word of it
 * @page: to be freed
 * @task: to be put
 * @sensitive: to be given back
 */
struct asi_target {
	const unsigned long	*p;
	struct page		*page;
	struct task_struct	*task;
	struct page		*sensitive;
};

static int find_own(struct asi_target *target)
{
	target->p = (unsigned long *)current->comm;
	return 0;
}

static int find_init(struct asi_target *target)
{
	rcu_read_lock();
	target->task = get_task_struct(find_task_by_pid_ns(1, &init_pid_ns));
	rcu_read_unlock();
	return 0;
}

static int find_task(struct asi_target *target)
{
	int ret = find_init(target);

	target->p = (unsigned long *)target->task->comm;
	return ret;
}

static int find_stack(struct asi_target *target)
{
	int ret = find_init(target);

	target->p = task_stack_page(target->task);
	return ret;
}

static int find_page(struct asi_target *target)
{
	target->page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!target->page)
		return -ENOMEM;
	target->p = page_address(target->page);
	return 0;
}

static int find_freed(struct asi_target *target)
{
	int ret = find_page(target);

	if (ret)
		return ret;
	__free_page(target->page);
	target->page = NULL;
	return 0;
}

/* The first page of the program that asks. */
static int find_cache(struct asi_target *target)
{
	struct file *file = get_task_exe_file(current);

	if (!file)
		return -ENOENT;
	target->page = find_get_page(file->f_mapping, 0);
	fput(file);
	if (!target->page)
		return -ENOENT;
	target->p = page_address(target->page);
	return 0;
}

static int find_user_stack(struct asi_target *target)
{
	target->p = (unsigned long *)current->mm->start_stack;
	return 0;
}

static int find_sensitive(struct asi_target *target)
{
	target->sensitive = asi_alloc_sensitive(0, GFP_KERNEL);
	if (!target->sensitive)
		return -ENOMEM;
	target->p = page_address(target->sensitive);
	return 0;
}

static const struct {
	const char	*name;
	int		(*find)(struct asi_target *target);
} targets[] = {
	{ "own", find_own },
	{ "task", find_task },
	{ "stack", find_stack },
	{ "page", find_page },
	{ "freed", find_freed },
	{ "cache", find_cache },
	{ "user", find_user_stack },
	{ "sensitive", find_sensitive },
};

static void drop_target(struct asi_target *target)
{
	if (target->page)
		put_page(target->page);
	if (target->task)
		put_task_struct(target->task);
	if (target->sensitive)
		asi_free_sensitive(target->sensitive, 0);
}

/* Without the checks of get_user(), which look at more than is there. */
static int touch_user(const unsigned long __user *p)
{
	unsigned long value;

	if (!user_read_access_begin(p, sizeof(*p)))
		return -EFAULT;
	unsafe_get_user(value, p, fault);
	user_read_access_end();
	return 0;
fault:
	user_read_access_end();
	return -EFAULT;
}

static int touch(const unsigned long *p)
{
	if ((unsigned long)p < TASK_SIZE_MAX)
		return touch_user((const unsigned long __user *)p);
	READ_ONCE(*p);
	return 0;
}

static int find_target(const char *what, struct asi_target *target)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		if (!strcmp(targets[i].name, what))
			return targets[i].find(target);
	}
	return -EINVAL;
}

static int probe(struct asi *asi, const char *what, char *line)
{
	struct asi_target target = { };
	int ret = find_target(what, &target);
	bool whole;

	if (!ret)
		ret = asi_enter(asi);
	if (!ret) {
		ret = touch(target.p);
		whole = asi_relax();
		snprintf(line, LINE_SIZE, "%s\n", ret ? "failed" :
			 whole ? "inside" : "left");
	}
	drop_target(&target);
	return ret;
}

static long touch_target(void *target)
{
	return touch(((struct asi_target *)target)->p);
}

static int call(struct asi *asi, const char *what, char *line)
{
	struct asi_target target = { };
	int ret = find_target(what, &target);
	long result;

	if (!ret)
		ret = asi_call(asi, touch_target, &target, &result);
	if (!ret)
		snprintf(line, LINE_SIZE, "returned %ld\n", result);
	drop_target(&target);
	return ret;
}

static int pairs(struct asi *asi, unsigned int n, char *line)
{
	unsigned int i, lost = 0;
	int ret;

	for (i = 0; i < n; i++) {
		ret = asi_enter(asi);
		if (ret)
			return ret;
		READ_ONCE(current->flags);
		lost += !asi_relax();
		/* Mostly it is left by what happens anyway. */
		if (i % 4 == 0)
			asi_exit();
		cond_resched();
	}
	snprintf(line, LINE_SIZE, "%s %u lost %u\n", __func__, n, lost);
	return 0;
}

static int turns(struct asi *asi, unsigned int n, char *line)
{
	unsigned int i;
	int ret;

	for (i = 0; i < n; i++) {
		ret = asi_enter(asi);
		if (ret)
			return ret;
		asi_relax();
		asi_exit();
	}
	snprintf(line, LINE_SIZE, "%s %u\n", __func__, n);
	return 0;
}

static int hold(struct asi *asi, unsigned int ms, char *line)
{
	unsigned long page = __get_free_page(GFP_KERNEL);
	int ret = page ? 0 : -ENOMEM;

	if (!ret && asi->class->policy == ASI_ALLOW)
		ret = asi_map(asi, (void *)page, PAGE_SIZE);
	if (!ret) {
		msleep_interruptible(ms);
		snprintf(line, LINE_SIZE, "held\n");
		if (asi->class->policy == ASI_ALLOW)
			asi_unmap(asi, (void *)page, PAGE_SIZE);
	}
	free_page(page);
	return ret;
}

static int run(struct asi *asi, const char *verb, const char *what, char *line)
{
	unsigned int n;

	if (!strcmp(verb, "probe"))
		return probe(asi, what, line);
	if (!strcmp(verb, "call"))
		return call(asi, what, line);
	if (kstrtouint(what, 10, &n))
		return -EINVAL;
	if (!strcmp(verb, "pairs"))
		return pairs(asi, n, line);
	if (!strcmp(verb, "turns"))
		return turns(asi, n, line);
	return strcmp(verb, "hold") ? -EINVAL : hold(asi, n, line);
}

static struct asi_class *find_class(const char *name)
{
	if (!strcmp(name, "allow"))
		return &allow;
	if (!strcmp(name, "deny"))
		return &deny;
	return !strcmp(name, "strict") ? &strict : NULL;
}

static int obey(const char *verb, const char *class, const char *what,
		char *line)
{
	struct asi *asi;
	int ret;

	if (!find_class(class))
		return -EINVAL;
	asi = asi_create(find_class(class));
	if (IS_ERR(asi))
		return PTR_ERR(asi);
	ret = asi_attach(asi);
	if (!ret) {
		ret = run(asi, verb, what, line);
		asi_detach(asi);
	}
	WARN_ON_ONCE(asi_destroy(asi));
	return ret;
}

static ssize_t selftest_write(struct file *file, const char __user *buf,
			      size_t size, loff_t *pos)
{
	static const char blanks[] = { ' ', '\n', 0 };
	char command[LINE_SIZE] = { }, *next = command, *verb, *class, *what;
	char *line = file->private_data;
	int ret;

	if (size >= sizeof(command))
		return -EINVAL;
	if (copy_from_user(command, buf, size))
		return -EFAULT;
	verb = strsep(&next, blanks);
	class = strsep(&next, blanks);
	what = strsep(&next, blanks);
	if (!what)
		return -EINVAL;
	line[0] = 0;
	*pos = 0;
	ret = obey(verb, class, what, line);
	return ret ?: size;
}

static ssize_t selftest_read(struct file *file, char __user *buf, size_t size,
			     loff_t *pos)
{
	const char *line = file->private_data;

	return simple_read_from_buffer(buf, size, pos, line, strlen(line));
}

static int selftest_open(struct inode *inode, struct file *file)
{
	file->private_data = kzalloc(LINE_SIZE, GFP_KERNEL);
	return file->private_data ? nonseekable_open(inode, file) : -ENOMEM;
}

static int selftest_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static const struct file_operations selftest_fops = {
	.owner = THIS_MODULE,
	.open = selftest_open,
	.read = selftest_read,
	.write = selftest_write,
	.release = selftest_release,
};

static int __init asi_selftest_init(void)
{
	if (!asi_is_on())
		return 0;
	asi_class_register(&allow);
	asi_class_register(&deny);
	asi_class_register(&strict);
	debugfs_create_file("selftest", 0600, asi_debugfs_root, NULL,
			    &selftest_fops);
	return 0;
}
late_initcall(asi_selftest_init);
