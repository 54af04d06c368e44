// SPDX-License-Identifier: GPL-2.0
/* RISC-V page tables with 5 levels. */
#define PT_FORMAT	riscv64_sv57
#define PT_RISCV_LEVELS	5
#include "riscv64.h"
#include "../pt_instance.h"
