/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of bits, as far as the pool has them. */
#ifndef _POOL_SHIM_BITMAP_H
#define _POOL_SHIM_BITMAP_H

#include <linux/bits.h>
#include <linux/types.h>
#include <string.h>

#define BITS_TO_LONGS(n)	(((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, n)	unsigned long name[BITS_TO_LONGS(n)]

static inline bool test_bit(unsigned long i, const unsigned long *map)
{
	return map[i / BITS_PER_LONG] >> (i % BITS_PER_LONG) & 1;
}

static inline void __set_bit(unsigned long i, unsigned long *map)
{
	map[i / BITS_PER_LONG] |= BIT(i % BITS_PER_LONG);
}

static inline void __clear_bit(unsigned long i, unsigned long *map)
{
	map[i / BITS_PER_LONG] &= ~BIT(i % BITS_PER_LONG);
}

static inline bool __test_and_set_bit(unsigned long i, unsigned long *map)
{
	bool was = test_bit(i, map);

	__set_bit(i, map);
	return was;
}

static inline bool __test_and_clear_bit(unsigned long i, unsigned long *map)
{
	bool was = test_bit(i, map);

	__clear_bit(i, map);
	return was;
}

static inline void bitmap_copy(unsigned long *to, const unsigned long *from,
			       unsigned int n)
{
	memcpy(to, from, BITS_TO_LONGS(n) * sizeof(long));
}

static inline void bitmap_zero(unsigned long *map, unsigned int n)
{
	memset(map, 0, BITS_TO_LONGS(n) * sizeof(long));
}

static inline void bitmap_andnot(unsigned long *to, const unsigned long *a,
				 const unsigned long *b, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(n); i++)
		to[i] = a[i] & ~b[i];
}

/* The bits of word @word that are among the @n from @first on. */
static inline unsigned long bits_in_word(unsigned long word,
					 unsigned long first, unsigned long n)
{
	unsigned long start = word * BITS_PER_LONG, end = first + n, mask = ~0UL;

	if (first > start)
		mask &= ~0UL << (first - start);
	if (end < start + BITS_PER_LONG)
		mask &= BIT(end - start) - 1;
	return mask;
}

static inline void bitmap_set(unsigned long *map, unsigned int first,
			      unsigned int n)
{
	unsigned long word = first / BITS_PER_LONG;

	for (; word * BITS_PER_LONG < first + n; word++)
		map[word] |= bits_in_word(word, first, n);
}

static inline void bitmap_clear(unsigned long *map, unsigned int first,
				unsigned int n)
{
	unsigned long word = first / BITS_PER_LONG;

	for (; word * BITS_PER_LONG < first + n; word++)
		map[word] &= ~bits_in_word(word, first, n);
}

/* The first bit from @i on that is set, of @size bits; @size for none. */
static inline unsigned long find_next_bit(const unsigned long *map,
					  unsigned long size, unsigned long i)
{
	unsigned long word;

	while (i < size) {
		word = map[i / BITS_PER_LONG] >> (i % BITS_PER_LONG);
		if (word)
			return i + __builtin_ctzl(word) < size ?
			       i + __builtin_ctzl(word) : size;
		i = (i / BITS_PER_LONG + 1) * BITS_PER_LONG;
	}
	return size;
}

static inline bool bitmap_intersects(const unsigned long *a,
				     const unsigned long *b, unsigned int n)
{
	unsigned long i = 0;

	while ((i = find_next_bit(a, n, i)) < n) {
		if (find_next_bit(b, i + 1, i) == i)
			return true;
		i++;
	}
	return false;
}

static inline bool bitmap_empty(const unsigned long *map, unsigned int n)
{
	return find_next_bit(map, n, 0) == n;
}

/* The same for a bit that is not set. */
static inline unsigned long find_next_zero_bit(const unsigned long *map,
					       unsigned long size,
					       unsigned long i)
{
	unsigned long word;

	while (i < size) {
		word = ~map[i / BITS_PER_LONG] >> (i % BITS_PER_LONG);
		if (word)
			return i + __builtin_ctzl(word) < size ?
			       i + __builtin_ctzl(word) : size;
		i = (i / BITS_PER_LONG + 1) * BITS_PER_LONG;
	}
	return size;
}

#define for_each_set_bit(i, map, size)				\
	for ((i) = find_next_bit(map, size, 0); (i) < (size);	\
	     (i) = find_next_bit(map, size, (i) + 1))

#endif /* _POOL_SHIM_BITMAP_H */
