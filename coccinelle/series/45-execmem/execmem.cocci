// SPDX-License-Identifier: GPL-2.0
/// Code lies in the pool, where there is room.
// Confidence: High
// Options: --no-includes
// Tokens: \bits_alloc\b|\bexecmem_alloc\b|\bbpf_prog_pack_alloc\b
// Files: mm/execmem.c kernel/bpf/core.c arch/x86/kernel/alternative.c

@ setup @
symbol info, execmem_info;
@@
 __execmem_init(void)
 {
	...
	execmem_info = info;
+	execmem_pool_setup(&info->ranges[EXECMEM_DEFAULT]);
 }

@ alloc @
identifier type, size, range;
@@
 void *execmem_alloc(enum execmem_type type, size_t size)
 {
	struct execmem_range *range = ...;
+	void *ptr = execmem_pool_alloc(type, size);

+	if (ptr)
+		return ptr;
	return __execmem_alloc(range, size);
 }

@ freed @
identifier ptr;
@@
 void execmem_free(void *ptr)
 {
	...
-	vfree(ptr);
+	if (!execmem_pool_free(ptr))
+		vfree(ptr);
 }

@ packed @
symbol pack_mutex, ptr, size, was_classic;
@@
 bpf_prog_pack_alloc(...)
 {
	...
	void *ptr = NULL;

+	ptr = alloc_pooled(size, was_classic);
+	if (ptr)
+		return ptr;
	mutex_lock(&pack_mutex);
	...
 }

@ unpacked @
symbol pack_mutex, ptr;
@@
 bpf_prog_pack_free(...)
 {
	... when != mutex_lock(&pack_mutex)
+	if (execmem_pool_free(ptr))
+		return;
	mutex_lock(&pack_mutex);
	...
 }

// Pages of thunks become writable again for each thunk: they have their own.
@ thunks @
@@
 its_alloc(...)
 {
	<...
-	EXECMEM_MODULE_TEXT
+	EXECMEM_MODULE_DATA
	...>
 }
