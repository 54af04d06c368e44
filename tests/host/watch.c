// SPDX-License-Identifier: GPL-2.0
/*
 * Looking at tables between any two stores, by page protection and single
 * steps.
 */
#define _GNU_SOURCE	/* registers in a signal handler */
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "watch.h"

#define TRAP_FLAG	BIT(8)

static struct {
	struct fix	*f;
	char		*begin;
	size_t		size;
	void		(*look)(void *arg, u64 *slot, bool done);
	void		*arg;
	u64		*slot;
	unsigned long	stores;
} watch;

#ifdef __x86_64__

bool watch_possible(void)
{
	return true;
}

static void allow(void *begin, size_t size, bool on)
{
	if (mprotect(begin, size, on ? PROT_READ | PROT_WRITE : PROT_READ))
		test_fail("cannot protect the tables");
}

static void allow_all(bool on)
{
	allow(watch.begin, watch.size, on);
}

/*
 * A store: let it happen, and stop after it. But a page that no reader can
 * reach may be filled, until the next store to one that they can.
 */
static void caught(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	char *at = info->si_addr;
	void *page;

	if (at < watch.begin || at >= watch.begin + watch.size)
		test_fail("a fault at %p", info->si_addr);
	page = (void *)((unsigned long)at & ~4095UL);
	if (!decode_reaches(watch.f->d, watch.f->sim, watch.f->pgt->pgd,
			    page)) {
		allow(page, 4096, true);
		return;
	}
	watch.stores++;
	watch.slot = (u64 *)((unsigned long)at & ~7UL);
	watch.look(watch.arg, watch.slot, false);
	allow_all(true);
	uc->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

static void stepped(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	uc->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
	allow_all(false);
	watch.look(watch.arg, watch.slot, true);
}

void watch_begin(struct fix *f, void (*look)(void *arg, u64 *slot, bool done),
		 void *arg)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };

	/* Page 0 is never a table, so what lies beside it is not hit. */
	watch.begin = pg_table_sim_to_ptr(f->sim, 4096);
	watch.f = f;
	watch.size = 1 << 20;
	watch.look = look;
	watch.arg = arg;
	watch.stores = 0;
	action.sa_sigaction = caught;
	sigaction(SIGSEGV, &action, NULL);
	action.sa_sigaction = stepped;
	sigaction(SIGTRAP, &action, NULL);
	allow_all(false);
}

unsigned long watch_end(void)
{
	allow_all(true);
	signal(SIGSEGV, SIG_DFL);
	signal(SIGTRAP, SIG_DFL);
	return watch.stores;
}

void watch_store(u64 *slot, u64 value)
{
	allow_all(true);
	*slot = value;
	allow_all(false);
}

void watch_allow(void)
{
	allow_all(true);
}

#else

bool watch_possible(void)
{
	return false;
}

void watch_begin(struct fix *f, void (*look)(void *arg, u64 *slot, bool done),
		 void *arg)
{
}

unsigned long watch_end(void)
{
	return 0;
}

void watch_store(u64 *slot, u64 value)
{
}

void watch_allow(void)
{
}

#endif
