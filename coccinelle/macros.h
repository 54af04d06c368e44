// SPDX-License-Identifier: GPL-2.0
/*
 * What spatch must not stumble over: with these unknown it gives up the whole
 * declaration, and the members in it are never seen.
 */
#define ____cacheline_aligned_in_smp
#define __randomize_layout
#define MMAP_LOCK_INITIALIZER(mm)
#define INIT_MM_CONTEXT(mm)
