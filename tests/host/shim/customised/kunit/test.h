/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of KUnit as the interface tests use, so that the files of tests/kunit
 * are host programs too. tests/host/kunit.c runs what registers here.
 */
#ifndef _KUNIT_TEST_H
#define _KUNIT_TEST_H

#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>
#include <setjmp.h>
#include <stdio.h>

#define KUNIT_PARAM_DESC_SIZE	128

struct kunit {
	void		*priv;
	const void	*param_value;
	bool		failed;
	jmp_buf		abort;
	void		*allocated;
};

struct kunit_case {
	void		(*run_case)(struct kunit *test);
	const char	*name;
	const void	*(*generate_params)(const void *prev, char *desc);
};

struct kunit_suite {
	const char		*name;
	int			(*init)(struct kunit *test);
	void			(*exit)(struct kunit *test);
	struct kunit_case	*test_cases;
	struct kunit_suite	*next;
};

void kunit_register(struct kunit_suite *suite);
void *kunit_kzalloc(struct kunit *test, size_t size, gfp_t gfp);
__printf(5, 6) void kunit_fail(struct kunit *test, bool aborts,
			       const char *file, int line, const char *format,
			       ...);

#define kunit_test_suite(suite)						\
static __attribute__((constructor)) void register_##suite(void)		\
{									\
	kunit_register(&(suite));						\
}									\
static_assert(1)

#define KUNIT_CASE(test)	{ .run_case = test, .name = #test }
#define KUNIT_CASE_PARAM(test, params) \
	{ .run_case = test, .name = #test, .generate_params = params }

#define KUNIT_CHECK(test, ok, aborts, ...) do {				\
	if (!(ok))							\
		kunit_fail(test, aborts, __FILE__, __LINE__,		\
			   __VA_ARGS__);				\
} while (0)

#define KUNIT_COMPARE(test, left, op, right, aborts) do {		\
	typeof(left) __left = (left);					\
	typeof(right) __right = (right);				\
									\
	KUNIT_CHECK(test, __left op __right, aborts,			\
		    "expected %s " #op " %s, but %#llx and %#llx",	\
		    #left, #right, (u64)__left, (u64)__right);		\
} while (0)

#define KUNIT_EXPECT_EQ(test, l, r)	KUNIT_COMPARE(test, l, ==, r, false)
#define KUNIT_EXPECT_LE(test, l, r)	KUNIT_COMPARE(test, l, <=, r, false)
#define KUNIT_EXPECT_GE(test, l, r)	KUNIT_COMPARE(test, l, >=, r, false)
#define KUNIT_ASSERT_EQ(test, l, r)	KUNIT_COMPARE(test, l, ==, r, true)

#define KUNIT_EXPECT_EQ_MSG(test, l, r, ...) \
	KUNIT_CHECK(test, (l) == (r), false, #l " == " #r ": " __VA_ARGS__)
#define KUNIT_EXPECT_GT_MSG(test, l, r, ...) \
	KUNIT_CHECK(test, (l) > (r), false, #l " > " #r ": " __VA_ARGS__)
#define KUNIT_EXPECT_TRUE_MSG(test, ok, ...) \
	KUNIT_CHECK(test, ok, false, #ok ": " __VA_ARGS__)
#define KUNIT_EXPECT_TRUE(test, ok) \
	KUNIT_CHECK(test, ok, false, "%s", #ok)
#define KUNIT_EXPECT_NULL(test, pointer) \
	KUNIT_CHECK(test, !(pointer), false, "%s is not NULL", #pointer)
#define KUNIT_ASSERT_NOT_NULL(test, pointer) \
	KUNIT_CHECK(test, pointer, true, "%s is NULL", #pointer)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pointer) \
	KUNIT_CHECK(test, !IS_ERR_OR_NULL(pointer), true, \
		    "%s is an error or NULL", #pointer)
#define KUNIT_EXPECT_STREQ(test, l, r) \
	KUNIT_CHECK(test, !strcmp(l, r), false, "%s and %s differ", #l, #r)

#endif /* _KUNIT_TEST_H */
