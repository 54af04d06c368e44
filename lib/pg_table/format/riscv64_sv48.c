// SPDX-License-Identifier: GPL-2.0
/* RISC-V page tables with 4 levels. */
#define PT_FORMAT	riscv64_sv48
#define PT_RISCV_LEVELS	4
#include "riscv64.h"
#include "../pt_instance.h"
