// SPDX-License-Identifier: GPL-2.0
/// A page of secret memory may be as large as what a PMD maps. Without the lock
/// it must be told from others just as a small one.
// Confidence: High
// Options: --no-includes
// Tokens: \bgup_fast_folio_allowed\b
// Files: mm/gup.c

@@
expression folio;
@@
 IS_ENABLED(CONFIG_SECRETMEM) &&
-!folio_test_large(folio)
+(!folio_test_large(folio) ||
+ folio_test_pmd_mappable(folio))
