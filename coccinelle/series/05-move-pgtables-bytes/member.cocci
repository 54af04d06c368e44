// SPDX-License-Identifier: GPL-2.0
/// Take the size of the page table out of struct mm_struct.
// Confidence: High
// Tokens: struct mm_struct \{
// Files: include/linux/mm_types.h

@@
@@
struct {
	...
-	atomic_long_t pgtables_bytes;
	...
}
