// SPDX-License-Identifier: GPL-2.0
/* LoongArch page tables with pages of 16 KiB and 3 levels. */
#define PT_FORMAT	loongarch64
#include "loongarch64.h"
#include "../pt_instance.h"
