// SPDX-License-Identifier: GPL-2.0
/// The parser only notes where the vector is.
// Confidence: High
// Options: --no-includes
// Tokens: \bacpi_mp_setup_reset\b
// Files: arch/x86/kernel/acpi/madt_wakeup.c

@ header @
@@
-#include <linux/memblock.h>
+#include <linux/pg_table.h>

@ header_asm @
@@
-#include <asm/init.h>
+#include <asm/madt_table.h>

@ gone @
type T;
identifier f =~ "^init_transition_pgtable$|^(alloc|free)_pgt_page$";
@@
-static T f(...) { ... }

@ noted @
identifier mp_wake;
@@
-		if (acpi_mp_setup_reset(mp_wake->reset_vector)) { ... }
+		acpi_mp_reset_vector_paddr = mp_wake->reset_vector;
