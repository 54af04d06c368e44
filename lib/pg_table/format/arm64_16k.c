// SPDX-License-Identifier: GPL-2.0
/* arm64 page tables with pages of 16 KiB. */
#define PT_FORMAT	arm64_16k
#define PT_ARM64_SHIFT	14
#include "arm64.h"
#include "../pt_instance.h"
