// SPDX-License-Identifier: GPL-2.0
/// What is mapped stays as it was; by whom changes.
// Confidence: High
// Options: --no-includes
// Tokens: \binit_transition_pgtable\b
// Files: arch/x86/kernel/machine_kexec_64.c

@ header @
@@
-#include <asm/init.h>
+#include <asm/kexec_table.h>

@ carrier @
@@
-struct init_pgtable_data {
-	struct x86_mapping_info *info;
-	pgd_t *level4p;
-};

@ region @
identifier res, arg, d;
@@
 mem_region_callback(struct resource *res, void *arg)
 {
-	struct init_pgtable_data *d = arg;
-
-	return kernel_ident_mapping_init(d->info, d->level4p, res->start, res->end + 1);
+	return kexec_table_map(arg, res->start, res->end + 1);
 }

@ acpi @
identifier info, pgd, d;
@@
 map_acpi_tables(struct x86_mapping_info *info, pgd_t *pgd)
 {
-	struct init_pgtable_data d;
	...
-	d.info = info;
-	d.level4p = pgd;
	<...
-	&d
+	image
	...>
 }

@ tables @
identifier f =~ "^map_(acpi_tables|efi_systab)$";
identifier info, pgd;
@@
 f(
-struct x86_mapping_info *info, pgd_t *pgd
+struct kimage *image
 ) { ... }

@ call @
identifier f =~ "^map_(acpi_tables|efi_systab)$";
expression info, pgd;
@@
 f(
-info, pgd
+image
 )

@ gone @
type T;
identifier f =~ "^(free|init)_transition_pgtable$|^alloc_pgt_page$";
@@
-static T f(...) { ... }

@ created @
identifier image, control_page, result, i;
@@
 init_pgtable(struct kimage *image, unsigned long control_page)
 {
-	struct x86_mapping_info info = { ... };
	...
-	image->arch.pgd = alloc_pgt_page(image);
-	if (!image->arch.pgd)
-		return -ENOMEM;
-	if (cc_platform_has(...)) { ... }
-	if (direct_gbpages)
-		info.direct_gbpages = true;
-	for (i = 0; i < nr_pfn_mapped; i++) { ... }
+	result = kexec_table_create(image, control_page);
+	if (result)
+		return result;
	...
-	result = map_acpi_tables(image);
-	if (result)
-		return result;
-	return init_transition_pgtable(...);
+	return map_acpi_tables(image);
 }

@ mapped @
expression info, pgd, start, end;
@@
-kernel_ident_mapping_init(info, pgd, start, end)
+kexec_table_map(image, start, end)

@ destroyed @
@@
-free_transition_pgtable
+kexec_table_destroy
 (...)
