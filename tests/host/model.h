/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The model: what tables should map, as flat sorted lists. It knows leaves,
 * aliases of other tables and reservations, and it predicts errors. What
 * follows another table is made anew after each verb, as that table less the
 * holes. It is simple and slow where the library is quick.
 */
#ifndef _HOST_MODEL_H
#define _HOST_MODEL_H

#include "decode.h"

#define MODELS		3
#define MODEL_PINS	256
#define MODEL_LINKS	256
#define MODEL_HOLES	64

/* A set of errors that are right; more than one where causes compete. */
#define MAY_FAIL(error)	(1ULL << ((error) & 63))	/* EOPNOTSUPP is 95 */

/**
 * struct pin - tables that are reserved
 * @index: which part of the address space the table spans, counted in parts
 * @level: its level
 * @n: how often; 0 for a table that is there only as long as a verb runs
 * @edges: how many followed ranges cover a part of it
 */
struct pin {
	unsigned long	index;
	unsigned int	level;
	unsigned int	n;
	unsigned int	edges;
};

/**
 * struct hole - a range that is left out of what follows
 * @first: first address
 * @last: last address
 */
struct hole {
	unsigned long	first;
	unsigned long	last;
};

/**
 * struct model - what one table should be
 * @d: the format
 * @id: which of the models it is
 * @flags: of the table's configuration
 * @leaf_sizes: of the table's configuration, never 0
 * @list: leaves, and entries that alias tables of another model: these have
 *	MAPPING_ALIAS, and in pa the id of the model that owns the table
 * @pins: reservations
 * @n_pins: how many
 * @holes: what is left out of what follows, in no order
 * @n_holes: how many
 * @made: tables that the last verb had to make; it begins with
 *	model_unshare()
 * @first, @last: all leaves and aliases that it changed
 */
struct model {
	const struct decoder	*d;
	unsigned int		id;
	unsigned int		flags;
	unsigned int		leaf_sizes;
	struct mappings		list;
	struct pin		pins[MODEL_PINS];
	unsigned int		n_pins;
	struct hole		holes[MODEL_HOLES];
	unsigned int		n_holes;
	unsigned long		made;
	unsigned long		first;
	unsigned long		last;
};

/**
 * struct link - a range that one model took from another
 * @dst: who took it
 * @src: from whom
 * @first: first address
 * @last: last address
 * @follows: changes of the source reach it
 * @cut: the range was given up again
 */
struct link {
	unsigned int	dst;
	unsigned int	src;
	unsigned long	first;
	unsigned long	last;
	bool		follows;
	bool		cut;
};

/**
 * struct world - some tables that share a memory
 * @model: the tables
 * @link: who took what from whom
 * @n_links: how many
 */
struct world {
	struct model	model[MODELS];
	struct link	link[MODEL_LINKS];
	unsigned int	n_links;
};

/**
 * struct touch - how a verb goes through aliases, which copies the tables
 * @how: which verb
 * @level: the level that is reserved
 * @src: what is cloned
 */
struct touch {
	enum {
		TOUCH_MAP, TOUCH_RESERVE, TOUCH_UNMAP, TOUCH_LEAVES,
		TOUCH_SHARE, TOUCH_COPY, TOUCH_FOLLOW, TOUCH_REPLACE,
	} how;
	unsigned int		level;
	const struct model	*src;
};

/**
 * struct edit - what to do to a range
 * @verb: what
 * @set: flags to set
 * @clear: flags to clear first
 * @level: largest level that a split leaves
 */
struct edit {
	enum { UNMAP, PROTECT, SPLIT } verb;
	unsigned int	set;
	unsigned int	clear;
	unsigned int	level;
};

void model_init(struct model *m, const struct decoder *d, unsigned int id,
		unsigned int flags, unsigned int leaf_sizes);
void model_free(struct model *m);
void model_copy(struct model *to, const struct model *from);

bool model_range_valid(const struct model *m, unsigned long va, size_t size);
unsigned long model_tables(const struct model *m, unsigned long *bytes);
void model_expand(const struct world *w, const struct model *m,
		  unsigned long first, unsigned long last,
		  struct mappings *out);

void model_unshare(const struct world *w, struct model *m, unsigned long va,
		   unsigned long last, const struct touch *touch);

u64 model_map_errors(const struct model *m, unsigned long va,
		     unsigned long last);
void model_map(struct model *m, unsigned long va, unsigned long last, u64 pa,
	       unsigned int flags);
u64 model_edit_errors(const struct model *m, unsigned long va,
		      unsigned long last, const struct edit *edit);
void model_edit(struct model *m, unsigned long va, unsigned long last,
		const struct edit *edit);
u64 model_reserve_errors(const struct model *m, unsigned long va,
			 unsigned long last, unsigned int level);
bool model_reserve(struct model *m, unsigned long va, unsigned long last,
		   unsigned int level);
int model_reserved_level(const struct model *m, unsigned long va,
			 unsigned long last);
void model_unreserve(struct model *m, unsigned long va, unsigned long last,
		     unsigned int level);
void model_collapse(const struct world *w, struct model *m, unsigned long va,
		    unsigned long last);

u64 world_clone_errors(const struct world *w, unsigned int dst,
		       unsigned int src, unsigned long va,
		       unsigned long last, bool follows);
u64 world_replace_errors(const struct world *w, unsigned int dst,
			 unsigned int src, unsigned long va,
			 unsigned long last);
void world_clone(struct world *w, unsigned int dst, unsigned int src,
		 unsigned long va, unsigned long last, bool runs);
void world_follow(struct world *w, unsigned int dst, unsigned int src,
		  unsigned long va, unsigned long last);
struct link *world_followed(struct world *w, unsigned int dst,
			    unsigned long va, unsigned long last);
bool world_covers(const struct world *w, unsigned int dst, unsigned long va,
		  unsigned long last);
unsigned long model_hole_tables(const struct model *m, unsigned long va,
				unsigned long last, bool fill);
bool world_hole(struct world *w, unsigned int dst, unsigned long va,
		unsigned long last, bool fill);
u64 world_copy_errors(const struct world *w, unsigned int dst,
		      unsigned int src, unsigned long va, unsigned long last);
void world_copy(struct world *w, unsigned int dst, unsigned int src,
		unsigned long va, unsigned long last);
void world_settle(struct world *w);
void world_cut(struct world *w, unsigned int dst, unsigned long va,
	       unsigned long last);
bool world_busy(const struct world *w, unsigned int src);
void world_forget(struct world *w, unsigned int id);

#endif /* _HOST_MODEL_H */
