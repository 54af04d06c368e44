// SPDX-License-Identifier: GPL-2.0
/* The format that no CPU has, for tests. */
#define PT_FORMAT	fake
#include "fake.h"
#include "../pt_instance.h"
