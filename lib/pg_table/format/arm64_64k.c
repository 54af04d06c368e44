// SPDX-License-Identifier: GPL-2.0
/* arm64 page tables with pages of 64 KiB. */
#define PT_FORMAT	arm64_64k
#define PT_ARM64_SHIFT	16
#include "arm64.h"
#include "../pt_instance.h"
