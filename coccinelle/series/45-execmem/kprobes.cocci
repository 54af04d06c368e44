// SPDX-License-Identifier: GPL-2.0
/// The last page of slots need not be kept: another is soon there.
// Confidence: High
// Options: --no-includes
// Tokens: \bcollect_one_slot\b
// Files: kernel/kprobes.c

@@
symbol kip;
@@
 collect_one_slot(...)
 {
	<...
-	!list_is_singular(&kip->list)
+	IS_ENABLED(CONFIG_EXECMEM_POOL) || !list_is_singular(&kip->list)
	...>
 }
