// SPDX-License-Identifier: GPL-2.0
/// Take the lock of the page table out of struct mm_struct.
// Confidence: High
// Tokens: struct mm_struct \{
// Files: include/linux/mm_types.h

@@
@@
struct {
	...
-	spinlock_t page_table_lock;
	...
}
