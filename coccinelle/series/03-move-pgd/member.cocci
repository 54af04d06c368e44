// SPDX-License-Identifier: GPL-2.0
/// Take the root of the page table out of struct mm_struct.
///
/// The members sit in an anonymous structure inside of mm_struct, and a rule
/// that begins with "struct mm_struct {" does not look into it.
// Confidence: High
// Tokens: struct mm_struct \{
// Files: include/linux/mm_types.h

@@
@@
struct {
	...
-	pgd_t *pgd;
	...
}
