// SPDX-License-Identifier: GPL-2.0
/* RISC-V page tables with 3 levels. */
#define PT_FORMAT	riscv64_sv39
#define PT_RISCV_LEVELS	3
#include "riscv64.h"
#include "../pt_instance.h"
