// SPDX-License-Identifier: GPL-2.0
/* arm64 page tables with pages of 4 KiB. */
#define PT_FORMAT	arm64_4k
#define PT_ARM64_SHIFT	12
#include "arm64.h"
#include "../pt_instance.h"
