// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the KUnit suites of the interface tests as a host program: one line for
 * each test that failed, one for each suite, and a status other than 0 if there
 * was a failure.
 */
#include <kunit/test.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "host_shim.h"

static struct kunit_suite *suites;
static const char *running;

void kunit_register(struct kunit_suite *suite)
{
	suite->next = suites;
	suites = suite;
}

/* One block for each test is all that the fixture asks for. */
void *kunit_kzalloc(struct kunit *test, size_t size, gfp_t gfp)
{
	test->allocated = calloc(1, size);
	return test->allocated;
}

void kunit_fail(struct kunit *test, bool aborts, const char *file, int line,
		const char *format, ...)
{
	va_list args;

	if (!test->failed)
		printf("FAIL %s\n", running);
	test->failed = true;
	printf("     %s:%d: ", file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	if (aborts)
		longjmp(test->abort, 1);
}

/* The exit function runs also after an assertion has ended the test. */
static bool run_test(const struct kunit_suite *suite,
		     const struct kunit_case *test_case, const void *param)
{
	struct kunit test = { .param_value = param };

	if (!setjmp(test.abort)) {
		if (suite->init)
			suite->init(&test);
		test_case->run_case(&test);
	}
	if (!setjmp(test.abort) && suite->exit)
		suite->exit(&test);
	free(test.allocated);
	return !test.failed;
}

static void run_case(const struct kunit_suite *suite,
		     const struct kunit_case *test_case, unsigned int *passed,
		     unsigned int *failed)
{
	char name[256], desc[KUNIT_PARAM_DESC_SIZE] = "";
	const void *param = NULL;
	bool ok;

	do {
		if (test_case->generate_params) {
			param = test_case->generate_params(param, desc);
			if (!param)
				break;
		}
		snprintf(name, sizeof(name), "%s.%s %s", suite->name,
			 test_case->name, desc);
		running = name;
		ok = run_test(suite, test_case, param);
		*passed += ok;
		*failed += !ok;
	} while (param);
}

int main(void)
{
	unsigned int all_failed = 0;
	struct kunit_suite *suite;

	host_log(false);
	for (suite = suites; suite; suite = suite->next) {
		unsigned int passed = 0, failed = 0;
		struct kunit_case *test_case;

		for (test_case = suite->test_cases; test_case->run_case;
		     test_case++)
			run_case(suite, test_case, &passed, &failed);
		printf("%s kunit on the host: %s: %u passed, %u failed\n",
		       failed ? "FAIL" : "PASS", suite->name, passed, failed);
		all_failed += failed;
	}
	return all_failed > 0;
}
