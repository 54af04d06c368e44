/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An independent reader of raw tables: written from the manuals, it shares no
 * code with the library and trusts nothing that it reads.
 */
#ifndef _HOST_DECODE_H
#define _HOST_DECODE_H

#include <linux/pg_table_sim.h>

/* Beside the PG_TABLE_ flags of a mapping: what an MMU recorded in it. */
#define MAPPING_ACCESSED	BIT(16)
#define MAPPING_DIRTY		BIT(17)
/* A member of a run. */
#define MAPPING_RUN		BIT(19)
/* An entry of a clone that points to a table of another; models only. */
#define MAPPING_ALIAS		BIT(18)
/* An entry that keeps a hole in what follows; models only. */
#define MAPPING_HOLE		BIT(20)

/**
 * struct mapping - a run of neighbouring leaves that are alike
 * @va: first address
 * @pa: physical address of @va
 * @n: how many leaves
 * @level: their level
 * @flags: their effective permissions, memory type and so on
 */
struct mapping {
	unsigned long	va;
	u64		pa;
	unsigned long	n;
	unsigned int	level;
	unsigned int	flags;
};

/**
 * struct mappings - a flat list of mappings, sorted by address
 * @run: the mappings, none of which could be merged with the next
 * @n: how many
 * @room: for how many there is memory
 */
struct mappings {
	struct mapping	*run;
	size_t		n;
	size_t		room;
};

/**
 * struct decoder - how to read one format
 * @name: the format's
 * @levels: how many levels of tables
 * @shift: log2 of what an entry of each level spans, and of all in the end
 * @va_signed: addresses are sign-extended
 * @two_roots: a root translates one half of the address space
 * @key: what entries of each level are XORed with in memory
 * @rotate: by how much they are rotated to the left before that
 * @leaf_sizes: at how many levels there can be leaves
 * @run: log2 of how many leaves a run of each level has
 * @run_base: each leaf of a run holds the physical address of the run
 * @pa_bits: how many bits physical addresses have
 * @pa_down: how far an address is shifted to the right in an entry
 * @lacks: PG_TABLE_ flags that it cannot express
 * @wt: the memory type that stands for PG_TABLE_WT
 * @device: the memory type that stands for PG_TABLE_DEVICE
 * @always_dirty: leaves are made dirty, whether writable or not
 * @ad: bits in memory that differ if a leaf was written to since it was made
 *	neither accessed nor dirty
 * @alien: a bit in memory that the library never writes like that
 * @hole: an entry that keeps a hole in what follows another table
 * @classify: what an entry is that is not empty, see &enum entry_kind
 * @touch: what the CPU makes of an entry that it uses for an access, which may
 *	be a write that is allowed; NULL if it records nothing
 * @age: a leaf whose accesses were forgotten; NULL likewise
 * @ignore: flags of mappings that nobody is to see
 * @breaks: an entry in use must be cleared and flushed before another leaf size,
 *	address or type takes its place
 */
struct decoder {
	const char	*name;
	unsigned int	levels;
	unsigned int	shift[PG_TABLE_MAX_LEVELS + 1];
	bool		va_signed;
	bool		two_roots;
	u64		key[PG_TABLE_MAX_LEVELS];
	unsigned int	rotate;
	unsigned int	leaf_sizes;
	unsigned int	run[PG_TABLE_MAX_LEVELS];
	bool		run_base;
	unsigned int	pa_bits;
	unsigned int	pa_down;
	unsigned int	lacks;
	unsigned int	wt;
	unsigned int	device;
	bool		always_dirty;
	u64		ad;
	u64		alien;
	u64		hole;
	int		(*classify)(u64 entry, unsigned int level, u64 *pa,
				    unsigned int *flags);
	u64		(*touch)(u64 entry, unsigned int level, bool write);
	u64		(*age)(u64 entry);
	unsigned int	ignore;
	bool		breaks;
};

/**
 * enum entry_kind - what an entry is
 * @ENTRY_LEAF: maps memory; flags are what it grants
 * @ENTRY_TABLE: points to a table; flags are what it lets pass
 * @ENTRY_BAD: nothing that the library should ever write
 */
enum entry_kind { ENTRY_LEAF, ENTRY_TABLE, ENTRY_BAD };

/* Permissions that every level of tables can take away. */
#define PASSING	(PG_TABLE_READ | PG_TABLE_WRITE | PG_TABLE_EXEC | PG_TABLE_USER)

/* Each decoder makes itself known by DECODER(). */
#define DECODER(name)							\
static __attribute__((constructor)) void name##_register(void)		\
{									\
	decoder_register(&decode_##name);				\
}

void decoder_register(const struct decoder *d);

const struct decoder *decoder_of(const struct pg_table_format *format);

static inline unsigned long level_size(const struct decoder *d,
				       unsigned int level)
{
	return 1UL << d->shift[level];
}

/* Bytes that a run of @level spans, or a leaf if there are no runs. */
static inline unsigned long run_size(const struct decoder *d,
				     unsigned int level)
{
	return level_size(d, level) << d->run[level];
}

/* What becomes of PG_TABLE_ flags in a format that cannot express them all. */
static inline unsigned int expressed(const struct decoder *d,
				     unsigned int flags)
{
	if (flags & PG_TABLE_WT)
		flags = (flags & ~PG_TABLE_WT) | d->wt;
	if (flags & PG_TABLE_DEVICE)
		flags = (flags & ~PG_TABLE_DEVICE) | d->device;
	return flags & ~d->lacks;
}

/* An entry as the format defines it, from what is in memory. */
static inline u64 plain_entry(const struct decoder *d, u64 raw,
			      unsigned int level)
{
	raw ^= d->key[level];
	return raw >> d->rotate | raw << (-d->rotate & 63);
}

static inline bool maps_nothing(const struct decoder *d, u64 entry)
{
	return !entry || entry == d->hole;
}

/* The reverse: what is in memory for an entry. */
static inline u64 raw_entry(const struct decoder *d, u64 entry,
			    unsigned int level)
{
	return (entry << d->rotate | entry >> (-d->rotate & 63)) ^
	       d->key[level];
}

static inline unsigned int entries_of(const struct decoder *d,
				      unsigned int level)
{
	return 1U << (d->shift[level + 1] - d->shift[level]);
}

static inline unsigned long mapping_last(const struct decoder *d,
					 const struct mapping *m)
{
	return m->va + (m->n << d->shift[m->level]) - 1;
}

void mappings_add(const struct decoder *d, struct mappings *list,
		  struct mapping m);
void mappings_free(struct mappings *list);
bool mappings_equal(const struct mappings *a, const struct mappings *b);
void mappings_print(const struct decoder *d, const struct mappings *list);

/*
 * Append what the table at @root maps to @list, between two addresses. If there
 * are two roots, it is that of the half in which @first lies. Returns how many
 * tables there are, the root included, or 0 after a message if something in them
 * is not what it should be.
 */
unsigned long decode(const struct decoder *d, struct pg_table_sim *sim,
		     const void *root, unsigned long first, unsigned long last,
		     struct mappings *list);

/*
 * Are all runs of a whole table complete and aligned? The leaves of a run must
 * not differ in what was recorded in them.
 */
bool runs_are_whole(const struct decoder *d, const struct mappings *list);

/* Is the page at @page a part of a table that can be reached from @root? */
bool decode_reaches(const struct decoder *d, struct pg_table_sim *sim,
		    const void *root, const void *page);

#endif /* _HOST_DECODE_H */
