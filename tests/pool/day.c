// SPDX-License-Identifier: GPL-2.0
/*
 * A day of guests that start and stop. Their memory is outside of the direct
 * map: most of it by whole blocks, the rest page by page.
 *
 * Few want to run at night and many in the afternoon, when others need memory,
 * too, so that there are no free blocks for a while.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/direct_map_pool.h>
#include <linux/err.h>
#include <linux/mermap.h>
#include <linux/workqueue.h>

#include "sim.h"

/* A guest gets memory by pieces, in turn with others. */
#define PIECES_A_MINUTE	32
/* So many guests run one after the other. */
#define LIVES_A_DAY	6
/* Sizes are powers of two. */
#define GUEST_SIZES	7
#define GUEST_MEAN	(((1 << GUEST_SIZES) - 1.0) / GUEST_SIZES)
#define BULK		256
#define SAMPLE_MINUTES	5
#define POOL_GFP	(GFP_KERNEL | __GFP_ACCOUNT | __GFP_ZERO)

/**
 * struct guest - a guest
 * @next: the next one
 * @pieces: how many it still gets
 * @stop: when it ends
 * @pages: its single pages
 * @n_pages: how many
 * @room: for how many there is room
 * @blocks: its blocks
 * @n_blocks: how many
 */
struct guest {
	struct guest	*next;
	unsigned long	pieces;
	unsigned int	stop;
	struct page	**pages;
	unsigned long	n_pages;
	unsigned long	room;
	struct page	**blocks;
	unsigned long	n_blocks;
};

/* What one kind of allocation took. */
struct cost {
	u64		ns;
	unsigned long	n;
};

/**
 * struct day - a day's state
 * @config: see there
 * @pool: the pool, unless the kernel is a stock one
 * @guests: those that run
 * @n_guests: how many
 * @started: how many did so far
 * @refused: how many there was no memory for
 * @used: pages that they have
 * @others: single pages that others have
 * @n_others: how many
 * @single: what single pages took
 * @bulk: what pages took that came several at once
 * @block: what blocks took
 */
struct day {
	const struct day_config	*config;
	struct direct_map_pool	*pool;
	struct guest		*guests;
	unsigned long		n_guests;
	unsigned long		started;
	unsigned long		refused;
	unsigned long		used;
	struct page		**others;
	unsigned long		n_others;
	struct cost		single, bulk, block;
};

static double uniform(void)
{
	return (sim_random(PLAN) >> 11) / (double)(1UL << 53);
}

static void *must(void *ptr)
{
	if (!ptr) {
		perror("pool-sim");
		exit(1);
	}
	return ptr;
}

/* Memory of a guest, from the pool or on stock. */
static struct page *get_pages(struct day *day, unsigned int order)
{
	struct page *page;

	if (!day->config->stock)
		return direct_map_pool_alloc(day->pool, order, POOL_GFP, 0);
	page = alloc_pages_node(0, GFP_KERNEL, order);
	if (page && order)
		stock_unmap_block(page_to_pfn(page));
	else if (page)
		stock_unmap_page(page_to_pfn(page));
	return page;
}

static unsigned int get_bulk(struct day *day, struct page **pages)
{
	unsigned int n;

	if (!day->config->stock)
		return direct_map_pool_alloc_bulk(day->pool, BULK, pages,
						  POOL_GFP, 0);
	for (n = 0; n < BULK; n++) {
		pages[n] = get_pages(day, 0);
		if (!pages[n])
			break;
	}
	return n;
}

static void put_pages(struct day *day, struct page *page, unsigned int order)
{
	unsigned int i;

	machine_hand_back(page, order);
	day->used -= 1UL << order;
	if (!day->config->stock) {
		direct_map_pool_free(day->pool, page, order);
		run_work();
		return;
	}
	if (order)
		stock_map_block(page_to_pfn(page));
	else
		stock_map_page(page_to_pfn(page));
	for (i = 0; i < 1U << order; i++) {
		mermap_clear(page_to_pfn(page + i), 1);
		page[i].flags = 0;
		__free_page(page + i);
	}
}

/* A user has seen its pages. */
static void accept(struct day *day, struct page **pages, unsigned int n,
		   unsigned int order)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		machine_hand_out(pages[i], order, !day->config->stock);
	day->used += (unsigned long)n << order;
}

static struct page **room_for(struct guest *guest, unsigned long n)
{
	if (guest->n_pages + n > guest->room) {
		guest->room = (guest->n_pages + n) * 2;
		guest->pages = must(realloc(guest->pages, guest->room *
					    sizeof(*guest->pages)));
	}
	return guest->pages + guest->n_pages;
}

static bool grow_singles(struct day *day, struct guest *guest, unsigned int n)
{
	struct page **pages = room_for(guest, n);
	u64 start = sim_now();
	unsigned int i;

	for (i = 0; i < n; i++) {
		pages[i] = get_pages(day, 0);
		if (!pages[i])
			break;
	}
	day->single.ns += sim_now() - start;
	day->single.n += i;
	accept(day, pages, i, 0);
	guest->n_pages += i;
	return i == n;
}

static bool grow_bulk(struct day *day, struct guest *guest)
{
	struct page **pages = room_for(guest, BULK);
	u64 start = sim_now();
	unsigned int n = get_bulk(day, pages);

	day->bulk.ns += sim_now() - start;
	day->bulk.n += n;
	accept(day, pages, n, 0);
	guest->n_pages += n;
	return n == BULK;
}

/* A block, or as many pages if there is none. */
static bool grow_block(struct day *day, struct guest *guest)
{
	u64 start = sim_now();
	struct page *page = get_pages(day, BLOCK_ORDER);

	if (!page)
		return grow_bulk(day, guest) && grow_bulk(day, guest);
	day->block.ns += sim_now() - start;
	day->block.n++;
	guest->blocks[guest->n_blocks++] = page;
	accept(day, &page, 1, BLOCK_ORDER);
	return true;
}

/* Guests end in the midst of blocks, so that they share some. */
static bool grow_piece(struct day *day, struct guest *guest)
{
	unsigned int i;
	bool ok = grow_singles(day, guest, BLOCK_PAGES / 2 +
			       sim_random(REST) % BLOCK_PAGES);

	ok = ok && grow_bulk(day, guest) && grow_bulk(day, guest);
	for (i = 0; ok && i < day->config->piece - 2; i++)
		ok = grow_block(day, guest);
	guest->pieces--;
	return ok;
}

/* Minutes that a guest runs in the mean. */
static double life(const struct day *day)
{
	return day->config->minutes / LIVES_A_DAY;
}

static void start_guest(struct day *day, unsigned int minute)
{
	unsigned long blocks = day->config->unit <<
			       (sim_random(PLAN) % GUEST_SIZES);
	struct guest *guest = must(calloc(1, sizeof(*guest)));

	guest->pieces = blocks / day->config->piece;
	guest->blocks = must(calloc(blocks, sizeof(*guest->blocks)));
	guest->stop = minute + 1 - log(1 - uniform()) * life(day);
	guest->next = day->guests;
	day->guests = guest;
	day->n_guests++;
	day->started++;
}

/* A guest's end: @link is where its predecessor knows it. */
static void stop_guest(struct day *day, struct guest **link)
{
	struct guest *guest = *link;
	unsigned long i;

	for (i = 0; i < guest->n_pages; i++)
		put_pages(day, guest->pages[i], 0);
	for (i = 0; i < guest->n_blocks; i++)
		put_pages(day, guest->blocks[i], BLOCK_ORDER);
	*link = guest->next;
	free(guest->pages);
	free(guest->blocks);
	free(guest);
	day->n_guests--;
}

static void stop_guests(struct day *day, unsigned int minute)
{
	struct guest **link = &day->guests;

	while (*link) {
		if ((*link)->stop <= minute)
			stop_guest(day, link);
		else
			link = &(*link)->next;
	}
}

/* Every guest that is not complete gets a piece, or ends if there is none. */
static bool grow_guests(struct day *day)
{
	struct guest **link = &day->guests;
	bool more = false;

	while (*link) {
		if ((*link)->pieces && !grow_piece(day, *link)) {
			day->refused++;
			stop_guest(day, link);
			continue;
		}
		more |= (*link)->pieces;
		link = &(*link)->next;
	}
	return more;
}

/* From 0.1 at four in the morning to 1 at four in the afternoon. */
static double demand(double hour)
{
	return 0.55 - 0.45 * cos((hour - 4) * M_PI / 12);
}

static void start_guests(struct day *day, unsigned int minute)
{
	double hour = minute * 24.0 / day->config->minutes;
	double rate = demand(hour) * day->config->guest_blocks /
		      (GUEST_MEAN * day->config->unit * life(day));

	/* How many arrive in a minute is distributed as Poisson says. */
	for (rate += log(1 - uniform()); rate > 0; rate += log(1 - uniform()))
		start_guest(day, minute);
}

/* Others use memory by blocks, and most of it in the afternoon. */
static void set_bulk(struct day *day, unsigned int minute)
{
	double hour = minute * 24.0 / day->config->minutes;
	double left = 1.2 - 0.8 * exp(-(hour - 16.5) * (hour - 16.5) / 2);

	machine_set_bulk(day->config->n_blocks -
			 left * day->config->guest_blocks);
}

static struct page *get_other(void)
{
	gfp_t movable = sim_random(REST) % 8 ? __GFP_MOVABLE : 0;

	return alloc_pages_node(0, GFP_KERNEL | movable, 0);
}

/* Four pages are taken for each that stays: memory is not as after boot. */
static void start_others(struct day *day)
{
	unsigned long i, k, n = 4 * day->config->guest_blocks;

	day->others = must(calloc(n, sizeof(*day->others)));
	for (i = 0; i < n; i++)
		day->others[i] = must(get_other());
	for (; n > day->config->guest_blocks; n--) {
		k = sim_random(REST) % n;
		__free_page(day->others[k]);
		day->others[k] = day->others[n - 1];
	}
	day->n_others = n;
}

/* Some go, and as many come. */
static void change_others(struct day *day)
{
	unsigned long i, k;

	for (i = 0; i < day->config->guest_blocks / 256; i++) {
		k = sim_random(REST) % day->config->guest_blocks;
		if (day->others[k])
			__free_page(day->others[k]);
		day->others[k] = get_other();
	}
}

static void stop_others(struct day *day)
{
	unsigned long i;

	for (i = 0; i < day->n_others; i++) {
		if (day->others[i])
			__free_page(day->others[i]);
	}
	free(day->others);
}

static void sample(struct day *day, unsigned int minute)
{
	const struct map_stats *map = &machine->map;

	if (!day->config->print)
		return;
	printf("%s[%u, %ld, %ld, %ld, %lu, %lu, %lu, %lu, %lu]",
	       minute ? ",\n" : "", minute, map->leaves[0], map->leaves[1],
	       map->leaves[2], day->used, machine_free_blocks(), day->n_guests,
	       map->flushes, map->splits[1] - map->collapses[1]);
}

static void live_through(struct day *day)
{
	unsigned int minute, i;

	for (minute = 0; minute < day->config->minutes; minute++) {
		if (minute % SAMPLE_MINUTES == 0)
			sample(day, minute);
		set_bulk(day, minute);
		change_others(day);
		stop_guests(day, minute);
		start_guests(day, minute);
		for (i = 0; i < PIECES_A_MINUTE && grow_guests(day); i++)
			;
	}
	sample(day, minute);
	while (day->guests)
		stop_guest(day, &day->guests);
	if (day->pool)
		direct_map_pool_shrink(day->pool);
	sample(day, minute + 1);
}

static double mean(const struct cost *cost)
{
	return cost->n ? (double)cost->ns / cost->n : 0;
}

static void print_results(const struct day *day, unsigned long lost,
			  unsigned long changed)
{
	const struct map_stats *map = &machine->map;

	printf("],\n\"guests\": %lu, \"refused\": %lu, \"errors\": %lu,\n",
	       day->started, day->refused, machine->errors);
	printf("\"lost\": %lu, \"changed\": %lu, \"wasted\": %lu,\n", lost,
	       changed, map->wasted);
	printf("\"splits\": [%lu, %lu], \"collapses\": [%lu, %lu],\n",
	       map->splits[1], map->splits[2], map->collapses[1],
	       map->collapses[2]);
	printf("\"pages\": %lu, \"flushes\": %lu,\n",
	       day->single.n + day->bulk.n + day->block.n * BLOCK_PAGES,
	       map->flushes);
	printf("\"ns\": {\"single\": %.1f, \"bulk\": %.1f, \"block\": %.1f}}\n",
	       mean(&day->single), mean(&day->bulk), mean(&day->block));
}

static struct direct_map_pool *make_pool(void)
{
	const struct direct_map_pool_config config = {
		.name = "guests",
		.max_idle = 8 * BLOCK_PAGES,
		.zero_on_free = true,
	};

	return direct_map_pool_create(&config);
}

/* What of the map is not as it was: leaves that came or went. */
static unsigned long changed_leaves(const struct map_stats *before)
{
	unsigned long n = 0, level;

	for (level = 0; level < 3; level++)
		n += labs(machine->map.leaves[level] - before->leaves[level]);
	return n;
}

unsigned long run_day(const struct day_config *config)
{
	struct day day = { .config = config };
	struct map_stats before;
	unsigned long lost, bad;

	machine_create(config->n_blocks, 1);
	before = machine->map;
	machine_set_bulk(config->n_blocks - 1.2 * config->guest_blocks);
	if (!config->stock)
		day.pool = make_pool();
	if (config->print)
		printf("{\"samples\": [");
	start_others(&day);
	live_through(&day);
	stop_others(&day);
	/* What is not free now has no owner. */
	lost = machine->n_used + machine->n_charged + day.used;
	bad = changed_leaves(&before);
	if (config->print)
		print_results(&day, lost, bad);
	bad += lost + machine->errors + machine->map.wasted;
	/* There were times without a free block, or it tells nothing. */
	bad += !machine->map.splits[1];
	if (day.pool)
		bad += !!direct_map_pool_destroy(day.pool);
	machine_destroy(machine);
	return bad;
}
