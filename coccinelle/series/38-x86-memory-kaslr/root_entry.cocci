// SPDX-License-Identifier: GPL-2.0
/// The direct map shares no root entry with what lies behind it.
// Confidence: High
// Options: --no-includes
// Tokens: \bkernel_randomize_memory\b
// Files: arch/x86/mm/kaslr.c

@ space @
symbol remain_entropy, vaddr_end, vaddr_start;
@@
 remain_entropy = vaddr_end - vaddr_start;
+/* The end of the direct map is rounded up by less. */
+remain_entropy -= PGDIR_SIZE;

@ end depends on space @
symbol vaddr, i, kaslr_regions, remain_entropy, entropy;
@@
+/* What follows the direct map is not in its last root entry. */
+vaddr = round_up(vaddr, kaslr_regions[i].end ? PGDIR_SIZE : PUD_SIZE);
 remain_entropy -= entropy;
