// SPDX-License-Identifier: GPL-2.0
/*
 * guest irqs|plain ROUNDS VCPUS [COMMAND...]: a guest under KVM, with so many
 * vCPUs. In each round each of them leaves the guest in all the usual ways,
 * writes to all of its memory, from which user mode then takes the pages away,
 * and compares all that it gets with what it must be. With "irqs" KVM has the
 * interrupt controllers: vCPUs halt until their timer wakes them, and interrupt
 * each other. Prints what user mode has seen of each vCPU:
 *
 *   vcpu N: io N mmio N hlt N bells N ticks N ipis N faults N
 *
 * bells is what the kernel has signalled by eventfd, faults how many pages user
 * mode has found written. With "irqs" a line "halts N" follows, of all vCPUs: one
 * that is woken by another halts again. Then the command is run, while the guest
 * is still there.
 *
 * Guest and user mode are one program: the guest has the program's image and its
 * memory where user mode has it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE		4096UL
#define WORDS		(PAGE / sizeof(unsigned long))
#define MAX_VCPUS	16
#define PAGES		64		/* of each vCPU */
#define TABLES		6		/* of the guest, behind them */
#define IMAGE		0x400000UL	/* where a static program is linked */
#define IMAGE_SIZE	(4UL << 20)	/* of it; some is not mapped */
#define MEMORY		0x80000000UL	/* of all, here and in the guest; above the heap */
#define DEVICE		0xd0000000UL	/* where nothing is */
#define LOCAL_APIC	0xfee00000UL

#define PORT_ASK	0x100
#define PORT_ROUND	0x104
#define PORT_END	0x108
#define PORT_WRONG	0x10c
#define PORT_BELL	0x200		/* of the first vCPU */

#define VECTOR_TIMER	0x40
#define VECTOR_IPI	0x41

#define CPUID_LEAF	0x40000100
#define CPUID_VALUE	0x70677475
#define MSR_MTRR	0x200		/* KVM writes this one, */
#define MSR_KERNEL_GS	0xc0000102	/* and the guest that one */

#define HLT		0xf4		/* the instruction */

#define CODE		8
#define DATA		16

struct gate {
	unsigned short low, selector, type, middle;
	unsigned int high, reserved;
};

struct vcpu {
	struct vcpu *self;		/* %gs:0 in the guest */
	struct vcpu *next;
	unsigned int index;
	unsigned long *memory;
	unsigned int ticks, ipis, halts;	/* counted by the guest */
	char stack[PAGE];

	/* What user mode has of it. */
	pthread_t thread;
	int fd, bell;
	struct kvm_run *run;
	unsigned int asked, written;
	unsigned int round, io, mmio, hlt, faults;
	int failed;
};

static struct vcpu vcpus[MAX_VCPUS];
static unsigned int n_vcpus, n_rounds, n_started, n_ended;
static int has_irqs;

static const unsigned long segments[] = {
	0, 0x00af9b000000ffff, 0x00cf93000000ffff
};

static struct gate gates[256];
static unsigned long *root;

static unsigned long wanted_word(const struct vcpu *vcpu, unsigned int round,
				 unsigned int page)
{
	return ((unsigned long)round << 32 | page << 8 | vcpu->index) *
		0x9e3779b97f4a7c15 | 1;
}

static unsigned int answer(const struct vcpu *vcpu, unsigned int question)
{
	return ~question + vcpu->index;
}

/* ---- In the guest ---- */

static void out(unsigned short port, unsigned int value)
{
	asm volatile("outl %0, %1" : : "a"(value), "d"(port) : "memory");
}

static void must_be(int good, unsigned int what)
{
	if (!good)
		out(PORT_WRONG, what);
}

static unsigned int cpuid(unsigned int leaf)
{
	unsigned int a = leaf, b, c = 0, d;

	asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return a;
}

static void write_msr(unsigned int msr, unsigned long value)
{
	asm volatile("wrmsr" : :
		     "c"(msr), "a"((unsigned int)value), "d"(value >> 32));
}

static unsigned long read_msr(unsigned int msr)
{
	unsigned int low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (unsigned long)high << 32 | low;
}

static int keeps_msr(unsigned int msr, unsigned long value)
{
	write_msr(msr, value);
	return read_msr(msr) == value;
}

/* User mode answers, and has the FPU meanwhile. */
static void ask(const struct vcpu *me, unsigned int question)
{
	unsigned long pattern = wanted_word(me, question, PAGES), left;
	unsigned int value = question;

	asm volatile("movq %2, %%xmm0\n\t"
		     "outl %0, %3\n\t"
		     "inl %3, %0\n\t"
		     "movq %%xmm0, %1"
		     : "+a"(value), "=r"(left)
		     : "r"(pattern), "d"((unsigned short)PORT_ASK) : "xmm0");
	must_be(value == answer(me, question), 1);
	must_be(left == pattern, 2);
}

static void write_device(unsigned long address, unsigned int value)
{
	asm volatile("movl %0, (%1)" : : "r"(value), "r"(address) : "memory");
}

static unsigned int read_device(unsigned long address)
{
	unsigned int value;

	asm volatile("movl (%1), %0" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static void use_device(const struct vcpu *me, unsigned int value)
{
	write_device(DEVICE + me->index * 8, value);
	must_be(read_device(DEVICE + me->index * 8) == answer(me, value), 3);
}

static long hypercall(long number)
{
	asm volatile("vmmcall" : "+a"(number) : : "rbx", "rcx", "rdx", "rsi",
		     "memory");
	return number;
}

/*
 * The page is written to first: if it were read first, the host would map its page
 * of zeros and replace that later, and no vCPU gets a page meanwhile.
 */
static void write_memory(const struct vcpu *me, unsigned int round)
{
	unsigned int page;

	for (page = 0; page < PAGES; page++) {
		unsigned long *words = me->memory + page * WORDS;

		words[round % WORDS] = wanted_word(me, round, page);
		must_be(!words[(round + 1) % WORDS], 4);
	}
}

static struct vcpu *this_vcpu(void)
{
	struct vcpu *me;

	asm volatile("movq %%gs:0, %0" : "=r"(me));
	return me;
}

#define HANDLER	__attribute__((interrupt, target("general-regs-only")))

struct frame {
	const unsigned char *ip;
};

static int in_service(unsigned int vector)
{
	return read_device(LOCAL_APIC + 0x100 + vector / 32 * 16) >>
		vector % 32 & 1;
}

static void end_interrupt(void)
{
	write_device(LOCAL_APIC + 0xb0, 0);
}

static void start_timer(unsigned int ns)
{
	write_device(LOCAL_APIC + 0x380, ns);
}

static void add(unsigned int *count, int number)
{
	__atomic_add_fetch(count, number, __ATOMIC_RELAXED);
}

/*
 * QEMU can deliver an interrupt twice, the second time where the handler begins;
 * what that one has ended is not in service any more. And though none comes
 * between "sti" and "hlt", QEMU has forgotten that if it has left the guest there:
 * the vCPU would halt for good, so the interrupt is put off.
 */
HANDLER static void on_timer(struct frame *frame)
{
	unsigned int *ticks = &this_vcpu()->ticks;
	int due = in_service(VECTOR_TIMER);

	if (*frame->ip == HLT) {
		start_timer(1000000);
		add(ticks, -1);
	}
	if (due) {
		add(ticks, 1);
		end_interrupt();
	}
}

HANDLER static void on_ipi(struct frame *frame)
{
	if (in_service(VECTOR_IPI)) {
		add(&this_vcpu()->ipis, 1);
		end_interrupt();
	}
}

static void start_apic(void)
{
	write_device(LOCAL_APIC + 0xf0, 0x1ff);		/* on */
	write_device(LOCAL_APIC + 0x3e0, 0xb);		/* undivided, 1 GHz */
	write_device(LOCAL_APIC + 0x320, VECTOR_TIMER);	/* once */
	asm volatile("sti");
}

/* The timer may be faster than the halt: no interrupt comes between. */
static void sleep_once(struct vcpu *me, unsigned int round)
{
	asm volatile("cli");
	start_timer(50000);
	do {
		me->halts++;
		asm volatile("sti; hlt; cli" : : : "memory");
	} while (__atomic_load_n(&me->ticks, __ATOMIC_RELAXED) != round);
	asm volatile("sti");
}

static void interrupt_next(struct vcpu *me, unsigned int round)
{
	struct vcpu *next = me->next;

	write_device(LOCAL_APIC + 0x310, next->index << 24);
	write_device(LOCAL_APIC + 0x300, VECTOR_IPI);
	while (__atomic_load_n(&next->ipis, __ATOMIC_RELAXED) != round)
		asm volatile("pause");
}

/* An APIC that is off takes no interrupt, and who is ready must still take some. */
static void meet(unsigned int *n_here)
{
	__atomic_add_fetch(n_here, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(n_here, __ATOMIC_RELAXED) != n_vcpus)
		asm volatile("pause");
}

static void in_guest(struct vcpu *me)
{
	unsigned int round;

	if (has_irqs)
		start_apic();
	meet(&n_started);
	for (round = 1; round <= n_rounds; round++) {
		must_be(cpuid(CPUID_LEAF) == CPUID_VALUE, 5);
		must_be(keeps_msr(MSR_MTRR, (unsigned long)round << 12 | 6), 6);
		must_be(keeps_msr(MSR_KERNEL_GS, round), 7);
		must_be(!hypercall(1), 8);
		ask(me, round);
		out(PORT_BELL + me->index * 4, round);
		use_device(me, round);
		write_memory(me, round);
		if (has_irqs) {
			sleep_once(me, round);
			interrupt_next(me, round);
		} else {
			asm volatile("hlt");
		}
		out(PORT_ROUND, round);
	}
	meet(&n_ended);
	for (;;)
		out(PORT_END, 0);
}

/* ---- In user mode ---- */

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static int call(int fd, const char *name, unsigned long request, void *argument)
{
	int ret = ioctl(fd, request, argument);

	if (ret < 0)
		die(name);
	return ret;
}

#define CALL(fd, request, argument) \
	call(fd, #request, request, (void *)(unsigned long)(argument))

static void complain(struct vcpu *vcpu, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "guest: vcpu %u, round %u: ", vcpu->index, vcpu->round);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	vcpu->failed = 1;
}

/* Is the memory what the guest wrote, and nothing else? Then take it away. */
static void end_round(struct vcpu *vcpu, unsigned int round)
{
	unsigned int page, word;

	for (page = 0; page < PAGES; page++) {
		const unsigned long *words = vcpu->memory + page * WORDS;

		for (word = 0; word < WORDS; word++) {
			unsigned long wanted = word != round % WORDS ? 0 :
					  wanted_word(vcpu, round, page);

			if (words[word] != wanted)
				complain(vcpu, "word %u of page %u is %lx, not %lx",
					 word, page, words[word], wanted);
			vcpu->faults += wanted && words[word] == wanted;
		}
	}
	if (madvise(vcpu->memory, PAGES * PAGE, MADV_DONTNEED))
		die("madvise");
	if (round != ++vcpu->round)
		complain(vcpu, "the guest says %u", round);
}

static void move(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu % sysconf(_SC_NPROCESSORS_ONLN), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static int do_io(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	unsigned int *data = (void *)run + run->io.data_offset;

	vcpu->io++;
	asm volatile("pxor %%xmm0, %%xmm0" : : : "xmm0");
	switch (run->io.port) {
	case PORT_ASK:
		if (run->io.direction == KVM_EXIT_IO_OUT)
			vcpu->asked = *data;
		else
			*data = answer(vcpu, vcpu->asked);
		return 1;
	case PORT_ROUND:
		end_round(vcpu, *data);
		move(vcpu->index + vcpu->round);
		return 1;
	case PORT_END:
		return 0;
	case PORT_WRONG:
		complain(vcpu, "the guest found mistake %u", *data);
		return 0;
	}
	complain(vcpu, "port %x", run->io.port);
	return 0;
}

static int do_mmio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	unsigned int value;

	vcpu->mmio++;
	if (run->mmio.phys_addr != DEVICE + vcpu->index * 8 ||
	    run->mmio.len != sizeof(value)) {
		complain(vcpu, "device at %llx", run->mmio.phys_addr);
		return 0;
	}
	if (run->mmio.is_write) {
		memcpy(&vcpu->written, run->mmio.data, sizeof(value));
	} else {
		value = answer(vcpu, vcpu->written);
		memcpy(run->mmio.data, &value, sizeof(value));
	}
	return 1;
}

static int do_exit(struct vcpu *vcpu)
{
	struct kvm_regs regs;

	switch (vcpu->run->exit_reason) {
	case KVM_EXIT_IO:
		return do_io(vcpu);
	case KVM_EXIT_MMIO:
		return do_mmio(vcpu);
	case KVM_EXIT_HLT:
		vcpu->hlt++;
		return 1;
	}
	CALL(vcpu->fd, KVM_GET_REGS, &regs);
	complain(vcpu, "exit %u at %llx", vcpu->run->exit_reason, regs.rip);
	return 0;
}

static void *run_vcpu(void *argument)
{
	struct vcpu *vcpu = argument;

	do {
		if (ioctl(vcpu->fd, KVM_RUN, 0) && errno != EINTR)
			die("KVM_RUN");
	} while (do_exit(vcpu));
	/* The others would wait for it. */
	if (vcpu->failed)
		exit(1);
	return NULL;
}

/* Whoever rings at its port does not get to user mode. */
static void add_bell(int vm, struct vcpu *vcpu)
{
	struct kvm_ioeventfd bell = {
		.addr = PORT_BELL + vcpu->index * 4,
		.len = 4,
		.flags = KVM_IOEVENTFD_FLAG_PIO,
	};

	bell.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	CALL(vm, KVM_IOEVENTFD, &bell);
	vcpu->bell = bell.fd;
}

static unsigned long bells(const struct vcpu *vcpu)
{
	unsigned long count = 0;

	/* None is an error, too. */
	if (read(vcpu->bell, &count, sizeof(count)) != sizeof(count))
		return 0;
	return count;
}

static void set_gate(unsigned int vector, void (*handler)(struct frame *))
{
	unsigned long address = (unsigned long)handler;

	gates[vector] = (struct gate) {
		.low = address,
		.selector = CODE,
		.type = 0x8e00,
		.middle = address >> 16,
		.high = address >> 32,
	};
}

/* 4 GiB, mapped where they are by leaves of 2 MiB. */
static void build_tables(void)
{
	unsigned long *level2 = root + WORDS, *level1 = level2 + WORDS, i;

	root[0] = (unsigned long)level2 | 3;
	for (i = 0; i < 4; i++)
		level2[i] = (unsigned long)(level1 + i * WORDS) | 3;
	for (i = 0; i < 4 * WORDS; i++)
		level1[i] = i << 21 | 0x83;
}

static void add_memory(int vm, unsigned int slot, unsigned long start,
		       size_t size)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = start,
		.memory_size = size,
		.userspace_addr = start,
	};

	CALL(vm, KVM_SET_USER_MEMORY_REGION, &region);
}

static int create_vm(int kvm)
{
	size_t size = (n_vcpus * PAGES + TABLES) * PAGE;
	int vm = CALL(kvm, KVM_CREATE_VM, 0);
	void *memory;

	memory = mmap((void *)MEMORY, size, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		      MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (memory != (void *)MEMORY)
		die("mmap");
	root = memory + n_vcpus * PAGES * PAGE;
	/* A fault for each page. */
	madvise(memory, size, MADV_NOHUGEPAGE);
	add_memory(vm, 0, IMAGE, IMAGE_SIZE);
	add_memory(vm, 1, MEMORY, size);
	if (has_irqs)
		CALL(vm, KVM_CREATE_IRQCHIP, 0);
	return vm;
}

/* What KVM has, and a leaf of our own. */
static void set_cpuid(int kvm, int fd)
{
	static struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[256];
	} cpuid;

	cpuid.head.nent = 255;
	CALL(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid);
	cpuid.head.entries[cpuid.head.nent++] = (struct kvm_cpuid_entry2) {
		.function = CPUID_LEAF,
		.eax = CPUID_VALUE,
	};
	CALL(fd, KVM_SET_CPUID2, &cpuid);
}

static struct kvm_segment data_segment(const void *base)
{
	return (struct kvm_segment) {
		.base = (unsigned long)base,
		.limit = ~0,
		.selector = DATA,
		.type = 3,
		.present = 1,
		.s = 1,
		.db = 1,
		.g = 1,
	};
}

/* In long mode from the start. */
static void set_state(struct vcpu *vcpu)
{
	struct kvm_segment data = data_segment(NULL);
	struct kvm_sregs sregs;
	struct kvm_regs regs = {
		.rip = (unsigned long)in_guest,
		.rsp = ((unsigned long)(vcpu->stack + PAGE) & -16UL) - 8,
		.rdi = (unsigned long)vcpu,
		.rflags = 2,
	};

	CALL(vcpu->fd, KVM_GET_SREGS, &sregs);
	sregs.cr0 = 0x80010033;		/* PG, WP, NE, ET, MP, PE */
	sregs.cr3 = (unsigned long)root;
	sregs.cr4 = 0x620;		/* OSXMMEXCPT, OSFXSR, PAE */
	sregs.efer = 0x500;		/* LMA, LME */
	sregs.ds = data;
	sregs.es = data;
	sregs.fs = data;
	sregs.ss = data;
	sregs.gs = data_segment(vcpu);
	sregs.cs = data;
	sregs.cs.selector = CODE;
	sregs.cs.type = 11;
	sregs.cs.db = 0;
	sregs.cs.l = 1;
	sregs.gdt.base = (unsigned long)segments;
	sregs.gdt.limit = sizeof(segments) - 1;
	sregs.idt.base = (unsigned long)gates;
	sregs.idt.limit = sizeof(gates) - 1;
	CALL(vcpu->fd, KVM_SET_SREGS, &sregs);
	CALL(vcpu->fd, KVM_SET_REGS, &regs);
}

static void create_vcpu(int kvm, int vm, unsigned int index)
{
	static struct kvm_mp_state runnable = {
		.mp_state = KVM_MP_STATE_RUNNABLE,
	};
	struct vcpu *vcpu = vcpus + index;

	vcpu->self = vcpu;
	vcpu->next = vcpus + (index + 1) % n_vcpus;
	vcpu->index = index;
	vcpu->memory = (unsigned long *)(MEMORY + index * PAGES * PAGE);
	vcpu->fd = CALL(vm, KVM_CREATE_VCPU, index);
	vcpu->run = mmap(NULL, CALL(kvm, KVM_GET_VCPU_MMAP_SIZE, 0),
			 PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		die("mmap");
	set_cpuid(kvm, vcpu->fd);
	set_state(vcpu);
	if (has_irqs)
		CALL(vcpu->fd, KVM_SET_MP_STATE, &runnable);
	add_bell(vm, vcpu);
}

static int report(struct vcpu *vcpu)
{
	printf("vcpu %u: io %u mmio %u hlt %u bells %lu ticks %u ipis %u faults %u\n",
	       vcpu->index, vcpu->io, vcpu->mmio, vcpu->hlt, bells(vcpu),
	       vcpu->ticks, vcpu->ipis, vcpu->faults);
	return !vcpu->failed;
}

static int run(char **command)
{
	int status = 1;
	pid_t pid = fork();

	if (!pid) {
		execvp(command[0], command);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

static int run_all(void)
{
	unsigned int i, halts = 0;
	int good = 1;

	for (i = 0; i < n_vcpus; i++) {
		if (pthread_create(&vcpus[i].thread, NULL, run_vcpu, vcpus + i))
			die("pthread_create");
	}
	for (i = 0; i < n_vcpus; i++) {
		pthread_join(vcpus[i].thread, NULL);
		good &= report(vcpus + i);
		halts += vcpus[i].halts;
	}
	if (has_irqs)
		printf("halts %u\n", halts);
	fflush(stdout);
	return good;
}

int main(int argc, char **argv)
{
	unsigned int i;
	int kvm, vm, good;

	if (argc > 3) {
		has_irqs = !strcmp(argv[1], "irqs");
		n_rounds = strtoul(argv[2], NULL, 0);
		n_vcpus = strtoul(argv[3], NULL, 0);
	}
	if (!n_rounds || !n_vcpus || n_vcpus > MAX_VCPUS ||
	    (!has_irqs && strcmp(argv[1], "plain"))) {
		fprintf(stderr, "guest: see guest.c for how to call it\n");
		return 2;
	}
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		die("/dev/kvm");
	vm = create_vm(kvm);
	build_tables();
	set_gate(VECTOR_TIMER, on_timer);
	set_gate(VECTOR_IPI, on_ipi);
	for (i = 0; i < n_vcpus; i++)
		create_vcpu(kvm, vm, i);
	good = run_all();
	return !(good && (argc < 5 || run(argv + 4)));
}
