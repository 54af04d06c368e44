// SPDX-License-Identifier: GPL-2.0
/* x86-64 page tables with 4 levels. */
#define PT_FORMAT	x86_64
#define PT_X86_LEVELS	4
#include "x86_64.h"
#include "../pt_instance.h"
