// SPDX-License-Identifier: GPL-2.0
/* The running CPU's own page tables. */
#define PT_FORMAT	native
#include "native.h"
#include "../pt_instance.h"
