// SPDX-License-Identifier: GPL-2.0
/* x86-64 page tables with 5 levels. */
#define PT_FORMAT	x86_64_la57
#define PT_X86_LEVELS	5
#include "x86_64.h"
#include "../pt_instance.h"
