// SPDX-License-Identifier: GPL-2.0
/// The image is cloned in one way only, and all else at once.
// Confidence: High
// Options: --no-includes
// Tokens: \bPTI_LEVEL_KERNEL_IMAGE\b
// Files: arch/x86/mm/pti.c

@ again @
@@
 pti_clone_kernel_text(...)
 {
	<...
	pti_clone_pgtable(...,
-		false
+		true
	)
	...>
 }

@ image @
expression start, end, late;
@@
-pti_clone_pgtable(start, end, PTI_LEVEL_KERNEL_IMAGE, late)
+pti_clone_image(start, end, late)

@ shared @
@@
 pti_init(...)
 {
	...
-	pti_setup_espfix64();
-	pti_setup_vsyscall();
 }
