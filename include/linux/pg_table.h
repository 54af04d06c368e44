/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page tables as objects: create, map, unmap, protect, clone, split, reserve.
 *
 * Language: an *entry* is one slot of a *table*, which is one page of entries.
 * A *leaf* is an entry that maps memory. *Level* 0 holds the smallest pages. A
 * *run* is what some CPUs let neighbouring leaves form, to be cached as one: the
 * contiguous hint of arm64, NAPOT of RISC-V. An *item* is a run, or a leaf that
 * is in none. A *range* is half-open: [va, va + size). A table is *owned* by the
 * page table that allocated it, *borrowed* where a clone aliases it, and
 * *adopted* where other code made it. A *gather* collects what must be flushed
 * and then freed. A *context* is an address space that the kernel itself runs in.
 *
 * Errors, everywhere: -EINVAL for a range that is empty, misaligned, wrapping
 * or out of bounds; -EEXIST where something is mapped already; -ENOENT where
 * nothing is mapped; -ENOMEM; -EPERM for what a table does not allow; -EBUSY
 * for what is in use; -EOPNOTSUPP for what the CPU cannot do. A call that
 * fails has changed nothing.
 */
#ifndef _LINUX_PG_TABLE_H
#define _LINUX_PG_TABLE_H

#include <linux/bits.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/pg_table_types.h>
#ifdef __KERNEL__
#include <linux/container_of.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/mm_types.h>
#include <linux/pgtable.h>
#endif

/* Protection flags that every format understands, see pg_table_prot(). */
#define PG_TABLE_READ		BIT(0)
#define PG_TABLE_WRITE		BIT(1)
#define PG_TABLE_EXEC		BIT(2)
#define PG_TABLE_USER		BIT(3)
#define PG_TABLE_GLOBAL		BIT(4)
#define PG_TABLE_ENCRYPTED	BIT(5)
/* Memory types: at most one of them, write-back where there is none. */
#define PG_TABLE_WB		0
#define PG_TABLE_WC		BIT(8)
#define PG_TABLE_WT		BIT(9)
#define PG_TABLE_UC		BIT(10)
#define PG_TABLE_DEVICE		BIT(11)
#define PG_TABLE_TYPE_MASK	(PG_TABLE_WC | PG_TABLE_WT | PG_TABLE_UC | \
				 PG_TABLE_DEVICE)

/* As @clear of pg_table_protect(): the new protection replaces the old one. */
#define PG_TABLE_PROT_ALL	__pgprot(~0UL)

#define PG_TABLE_MAX_LEVELS	5
#define PG_TABLE_NAME_LEN	32

/**
 * enum pg_table_config_flags - what a table may do
 * @PG_TABLE_USER_HALF: ranges may lie in the user half
 * @PG_TABLE_KERNEL_HALF: ranges may lie in the kernel half; with neither flag
 *	both halves are allowed. But where each half has a root of its own, as on
 *	arm64, a table is for one of them: the user half, if neither flag says so
 * @PG_TABLE_ALLOW_WX: leaves may be writable and executable at once
 * @PG_TABLE_KEEP_SMALL: small leaves are wanted: no runs are made of them, and
 *	they are never to be collapsed
 * @PG_TABLE_EXCLUSIVE: there is one editor at a time, so verbs take no lock
 * @PG_TABLE_FOREIGN: adopted, and others write it too: it can be read and
 *	cloned from, never edited by the library
 * @PG_TABLE_IN_PLACE: the root is adopted, and so are tables below it, which
 *	the library edits but neither counts nor frees; only what lies in the
 *	table's bounds is its own. It can be followed, but not shared. Needs a
 *	root, @PG_TABLE_EXCLUSIVE, and bounds that lie in one half
 * @PG_TABLE_ATOMIC: made and destroyed where nobody may sleep; in no list, so
 *	that pg_table_for_each() does not find it, nor debugfs. Needs
 *	@PG_TABLE_EXCLUSIVE, and a memory that gives a root without sleeping
 */
enum pg_table_config_flags {
	PG_TABLE_USER_HALF	= BIT(0),
	PG_TABLE_KERNEL_HALF	= BIT(1),
	PG_TABLE_ALLOW_WX	= BIT(2),
	PG_TABLE_KEEP_SMALL	= BIT(3),
	PG_TABLE_EXCLUSIVE	= BIT(4),
	PG_TABLE_FOREIGN	= BIT(5),
	PG_TABLE_IN_PLACE	= BIT(6),
	PG_TABLE_ATOMIC		= BIT(7),
};

/**
 * enum pg_table_clone_mode - how a clone relates to its source
 * @PG_TABLE_SHARE: entries are copied as they stand, so that tables below
 *	them are shared: what the source does inside these tables shows in the
 *	clone, what it does to the copied entries themselves does not. An edit
 *	of the clone copies the tables on its way first, never the source's
 * @PG_TABLE_FOLLOW: as SHARE, and the clone stays true: whatever the source
 *	changes, each address of the range maps in the clone what it maps in
 *	the source, but in holes, where the clone unmapped it
 * @PG_TABLE_COPY: the clone gets tables of its own that map the same, and
 *	nothing connects the two afterwards
 * @PG_TABLE_CLONE_REPLACE: a flag for SHARE: what the clone has in the range
 *	is replaced, entry by entry
 */
enum pg_table_clone_mode {
	PG_TABLE_SHARE,
	PG_TABLE_FOLLOW,
	PG_TABLE_COPY,
	PG_TABLE_CLONE_REPLACE	= BIT(8),
};

struct pg_table_format;
struct pg_table_gather;
struct pg_table_ops;

/**
 * struct pg_table_config - what to create
 * @name: shown in debugfs and in messages, copied
 * @format: the MMU format; NULL for the running CPU's own
 * @ops: where tables come from; NULL for the kernel's page allocator, or on
 *	the host for a simulated physical memory of default size
 * @root: an existing root table to adopt; NULL to allocate one
 * @va_first: lowest address that may be edited
 * @va_last: highest address that may be edited; 0 for no bounds
 * @flags: see &enum pg_table_config_flags
 * @leaf_sizes: how many leaf sizes map may use, smallest first; 0 for all
 */
struct pg_table_config {
	const char			*name;
	const struct pg_table_format	*format;
	const struct pg_table_ops	*ops;
	void				*root;
	unsigned long			va_first;
	unsigned long			va_last;
	unsigned int			flags;
	unsigned int			leaf_sizes;
};

/**
 * struct pg_table_page - what the library knows of one table page
 * @next: links a page that is not reachable from a root
 * @pins: reservations of the table and of the tables below it, and ends of
 *	ranges that follow another table, in it and below
 * @own_pins: reservations of the table itself
 * @level: level of the table's entries
 * @owner: the page table that allocated the page; NULL if adopted
 * @live: entries in use, plus @pins; once it is zero the table is dead, and
 *	whoever made it zero frees it
 * @borrows: entries of clones that point to the table
 *
 * One exists for each page of a &struct pg_table_ops memory. In the kernel it
 * overlays struct ptdesc, where @owner is a word that is zero for every table
 * that the library did not make: ownership is one load. While the page waits
 * for a grace period to pass all up to @owner is struct rcu_head.
 */
struct pg_table_page {
	struct pg_table_page	*next;
	u32			pins;
	u32			own_pins : 28;
	u32			level : 4;
	struct pg_table		*owner;
	atomic_t		live;
	atomic_t		borrows;
};

/**
 * struct pg_table_ops - a memory that holds tables, and its TLB
 * @alloc: gives one naturally aligned table of @size bytes whose content is
 *	undefined, or NULL; may sleep as @gfp says
 * @free: takes a table back; called after the flush. Editors and readers of the
 *	table that are under RCU can still look at it; afterwards this sets the
 *	owner of its struct pg_table_page to NULL
 * @disown: undoes what @alloc did to the table beyond getting it, for others
 *	will free it; NULL for nothing
 * @flush: makes every CPU forget the range and table walks of a gather in the
 *	given table; NULL where nothing caches
 * @memory: where physical address 0 would be; the memory is linear
 * @pages: struct pg_table_page of physical page 0
 * @page_stride: distance of two struct pg_table_page, in bytes
 * @page_shift: log2 of the page size that @pages counts in
 * @plain: the memory is not encrypted where others are, so entries that point to
 *	its tables must not say that it is
 */
struct pg_table_ops {
	void *(*alloc)(struct pg_table *pgt, size_t size, gfp_t gfp);
	void (*free)(struct pg_table *pgt, void *table, size_t size);
	void (*disown)(struct pg_table *pgt, void *table);
	void (*flush)(struct pg_table *pgt,
		      const struct pg_table_gather *gather);
	void		*memory;
	void		*pages;
	unsigned int	page_stride;
	unsigned int	page_shift;
	bool		plain;
};

/**
 * struct pg_table_gather - what must be flushed and then freed
 * @pgt: the table that was edited
 * @first: lowest address to flush
 * @last: highest address to flush; below @first if there is none
 * @edited_first: lowest address of a leaf that was removed or changed
 * @edited_last: highest address of one
 * @levels: bit n is set if a leaf of level n was removed or changed
 * @tables: tables were unlinked, so cached table walks must go too
 * @unlinks: counted in the table's @unlinking
 * @freed: the unlinked tables
 * @pending: links gathers that were not flushed yet
 */
struct pg_table_gather {
	struct pg_table		*pgt;
	unsigned long		first;
	unsigned long		last;
	unsigned long		edited_first;
	unsigned long		edited_last;
	unsigned int		levels;
	bool			tables;
	bool			unlinks;
	struct pg_table_page	*freed;
	struct list_head	pending;
};

/**
 * struct pg_table_leaf - one leaf or run, as lookup and walk report it
 * @va: first address that it maps
 * @pa: physical address of @va
 * @size: bytes that it maps
 * @prot: its protection, in the format's bits; of a run with what the CPU
 *	recorded in any of its leaves
 * @level: its level
 */
struct pg_table_leaf {
	unsigned long	va;
	phys_addr_t	pa;
	size_t		size;
	pgprot_t	prot;
	unsigned int	level;
};

/**
 * struct pg_table_walk_ops - what pg_table_walk() calls, in order of address
 * @leaf: a leaf, or a run as a whole
 * @table: a table, before what is in it; @va and @size are what it spans,
 *	@page is NULL if the table is adopted
 * @hole: an entry that keeps a hole in what follows another table
 *
 * Each may be NULL. A result other than 0 ends the walk, which returns it.
 */
struct pg_table_walk_ops {
	int (*leaf)(const struct pg_table_leaf *leaf, void *arg);
	int (*table)(unsigned long va, size_t size, unsigned int level,
		     const struct pg_table_page *page, void *arg);
	int (*hole)(unsigned long va, size_t size, void *arg);
};

/**
 * struct pg_table_stats - what a table consists of
 * @tables: tables that it owns, the root included
 * @borrowed: entries that point to tables of others
 * @adopted: entries that point to tables which the library did not make
 * @pins: reservations, and tables that are kept for the ends of what follows
 * @bytes: memory of the owned tables below the root
 * @mapped: bytes mapped by the leaves of owned tables
 * @leaves: leaves in owned tables, by level
 * @runs: runs that some of these leaves form
 * @wx: leaves among them that are writable and executable
 * @holes: bytes that are left out of what follows other tables
 */
struct pg_table_stats {
	unsigned long	tables;
	unsigned long	borrowed;
	unsigned long	adopted;
	unsigned long	pins;
	unsigned long	bytes;
	unsigned long	mapped;
	unsigned long	leaves[PG_TABLE_MAX_LEVELS];
	unsigned long	runs;
	unsigned long	wx;
	unsigned long	holes;
};

extern const struct pg_table_format pg_table_x86_64;
extern const struct pg_table_format pg_table_x86_64_la57;
extern const struct pg_table_format pg_table_arm64_4k;
extern const struct pg_table_format pg_table_arm64_16k;
extern const struct pg_table_format pg_table_arm64_64k;
extern const struct pg_table_format pg_table_riscv64_sv39;
extern const struct pg_table_format pg_table_riscv64_sv48;
extern const struct pg_table_format pg_table_riscv64_sv57;
extern const struct pg_table_format pg_table_loongarch64;
extern const struct pg_table_format pg_table_fake;
#ifdef __KERNEL__
extern const struct pg_table_format pg_table_native;
#endif

struct pg_table *pg_table_create(const struct pg_table_config *config);
int pg_table_init(struct pg_table *pgt, const struct pg_table_config *config);
int pg_table_destroy(struct pg_table *pgt);
int pg_table_fini(struct pg_table *pgt);

int pg_table_map(struct pg_table *pgt, unsigned long va, phys_addr_t pa,
		 size_t size, pgprot_t prot, gfp_t gfp);
int pg_table_unmap(struct pg_table *pgt, unsigned long va, size_t size,
		   gfp_t gfp);
int pg_table_unmap_gather(struct pg_table *pgt, unsigned long va, size_t size,
			  gfp_t gfp, struct pg_table_gather *gather);
int pg_table_protect(struct pg_table *pgt, unsigned long va, size_t size,
		     pgprot_t set, pgprot_t clear, gfp_t gfp);
int pg_table_protect_gather(struct pg_table *pgt, unsigned long va,
			    size_t size, pgprot_t set, pgprot_t clear,
			    gfp_t gfp, struct pg_table_gather *gather);
int pg_table_split(struct pg_table *pgt, unsigned long va, size_t size,
		   unsigned int level, gfp_t gfp);
int pg_table_split_gather(struct pg_table *pgt, unsigned long va, size_t size,
			  unsigned int level, gfp_t gfp,
			  struct pg_table_gather *gather);
int pg_table_collapse(struct pg_table *pgt, unsigned long va, size_t size);
int pg_table_collapse_gather(struct pg_table *pgt, unsigned long va,
			     size_t size, struct pg_table_gather *gather);
int pg_table_clone(struct pg_table *dst, struct pg_table *src,
		   unsigned long va, size_t size,
		   enum pg_table_clone_mode mode, gfp_t gfp);
int pg_table_reserve(struct pg_table *pgt, unsigned long va, size_t size,
		     unsigned int level, gfp_t gfp);
int pg_table_unreserve(struct pg_table *pgt, unsigned long va, size_t size);
int pg_table_unreserve_gather(struct pg_table *pgt, unsigned long va,
			      size_t size, struct pg_table_gather *gather);
int pg_table_seal(struct pg_table *pgt);
bool pg_table_disown(struct pg_table *pgt, void *table);
void pg_table_sync(struct pg_table *src, unsigned long va, size_t size);

void pg_table_gather_init(struct pg_table_gather *gather,
			  struct pg_table *pgt);
void pg_table_gather_flush(struct pg_table_gather *gather);

int pg_table_lookup(struct pg_table *pgt, unsigned long va,
		    struct pg_table_leaf *leaf);
int pg_table_walk(struct pg_table *pgt, unsigned long va, size_t size,
		  const struct pg_table_walk_ops *ops, void *arg);
int pg_table_verify(struct pg_table *pgt);
void pg_table_get_stats(struct pg_table *pgt, struct pg_table_stats *stats);
int pg_table_reach(struct pg_table *pgt,
		   int (*emit)(phys_addr_t pa, phys_addr_t last, void *arg),
		   void *arg);

pgprot_t pg_table_prot(const struct pg_table_format *format,
		       unsigned int flags);
unsigned int pg_table_prot_flags(const struct pg_table_format *format,
				 pgprot_t prot);
const char *pg_table_format_name(const struct pg_table_format *format);
unsigned int pg_table_format_levels(const struct pg_table_format *format);
unsigned int pg_table_format_leaf_sizes(const struct pg_table_format *format);
unsigned int pg_table_level_shift(const struct pg_table_format *format,
				  unsigned int level);

/**
 * struct pg_table_counters - what happened to a context
 * @enters: times that a CPU loaded it
 * @nmis: non-maskable interrupts that arrived while it was loaded
 * @mces: machine checks that arrived while it was loaded
 * @pokes: writes to kernel text through it
 */
struct pg_table_counters {
	atomic_long_t	enters;
	atomic_long_t	nmis;
	atomic_long_t	mces;
	atomic_long_t	pokes;
};

/**
 * struct pg_table_desc - what the library knows of a table
 * @pgt: the table
 * @config: as given at creation; its name points to @name
 * @name: copy of the name
 * @format: the format
 * @ops: the memory
 * @page_size: bytes of the smallest leaf
 * @user_last: last address of the lower half that may be edited
 * @kernel_first: first address of the upper half that may be edited
 * @pa_last: highest physical address that a leaf can hold
 * @sealed: no more changes
 * @frozen: reasons for editors to take the lock and look closer: clones and
 *	sources, gathers that were not flushed, a seal
 * @unlinking: calls that unlinked tables which others' ranges share, and did
 *	not flush yet
 * @embedded: the &struct pg_table is a member of an mm_struct
 * @loaded: CPUs that run on it
 * @clones: links to the clones that took ranges from this table
 * @sources: links to the tables that this one took ranges from
 * @source: the only one of these tables; NULL if there are several, or none
 * @gathers: gathers that were not flushed yet
 * @depth: inside how many locks of its sources its own is held
 * @visited: by which walk over sources or clones the table was seen last
 * @all: links all tables that the library knows
 * @counters: see &struct pg_table_counters
 * @cpus: CPUs that may have the context in their TLB
 */
struct pg_table_desc {
	struct pg_table			*pgt;
	struct pg_table_config		config;
	char				name[PG_TABLE_NAME_LEN];
	const struct pg_table_format	*format;
	const struct pg_table_ops	*ops;
	unsigned long			page_size;
	unsigned long			user_last;
	unsigned long			kernel_first;
	u64				pa_last;
	bool				sealed;
	bool				embedded;
	atomic_t			loaded;
	atomic_t			frozen;
	atomic_t			unlinking;
	struct list_head		clones;
	struct list_head		sources;
	struct pg_table			*source;
	struct list_head		gathers;
	unsigned int			depth;
	unsigned long			visited;
	struct list_head		all;
	struct pg_table_counters	counters;
#ifdef __KERNEL__
	cpumask_t			cpus;
#endif
};

/* The name of a table, for messages; that of a process has none. */
static inline const char *pg_table_name(const struct pg_table *pgt)
{
	return pgt->desc ? pgt->desc->name : "-";
}

/*
 * The tables that pg_table_create() and pg_table_init() made, for debugfs: for
 * each calls @fn until a result other than 0.
 */
int pg_table_for_each(int (*fn)(struct pg_table *pgt, void *arg), void *arg);

#ifdef __KERNEL__
/* Is the table a member of an mm_struct? Not if it is a context's. */
static __always_inline bool pg_table_has_mm(const struct pg_table *pgt)
{
	return !IS_ENABLED(CONFIG_PG_TABLE_NATIVE) || !pgt->desc ||
	       pgt->desc->embedded;
}

/* The mm_struct that a table is a member of, or NULL. */
static inline struct mm_struct *pg_table_mm(struct pg_table *pgt)
{
	if (!pg_table_has_mm(pgt))
		return NULL;
	return container_of(pgt, struct mm_struct, pgt);
}

/* The CPUs that have the table loaded, or may still have it in their TLB. */
static inline struct cpumask *pg_table_cpumask(struct pg_table *pgt)
{
	struct mm_struct *mm = pg_table_mm(pgt);

	return mm ? mm_cpumask(mm) : &pgt->desc->cpus;
}

#ifdef CONFIG_PG_TABLE_NATIVE
void pg_table_set_kernel_memory(struct pg_table_ops *ops);
int pg_table_follow_kernel(struct pg_table *pgt);
int pg_table_enter(struct pg_table *pgt, struct pg_table_state *state);
void pg_table_exit(struct pg_table_state *state);
#else
static inline int pg_table_enter(struct pg_table *pgt,
				 struct pg_table_state *state)
{
	return -EOPNOTSUPP;
}

static inline void pg_table_exit(struct pg_table_state *state)
{
}
#endif
#endif /* __KERNEL__ */

#endif /* _LINUX_PG_TABLE_H */
