// SPDX-License-Identifier: GPL-2.0
/// The library makes the table.
// Confidence: High
// Options: --no-includes
// Tokens: \bset_up_temporary_mappings\b
// Files: arch/x86/power/hibernate_64.c

@ header @
@@
-#include <asm/init.h>
+#include <asm/hibernate_table.h>

@ gone @
type T;
identifier f =~ "^set_up_temporary_(text_mapping|mappings)$|^alloc_pgt_page$";
@@
-static T f(...) { ... }

@ created @
@@
-set_up_temporary_mappings()
+hibernate_table_create()

@ destroyed @
identifier error;
@@
	error = relocate_restore_code();
-	if (error)
+	if (error) {
+		hibernate_table_destroy();
		return error;
+	}
