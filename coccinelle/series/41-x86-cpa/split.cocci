// SPDX-License-Identifier: GPL-2.0
/// One lock around each step, a split leaves what is to stay small, and what
/// became uniform becomes large.
// Confidence: High
// Options: --no-includes
// Tokens: \bcpa_lock\b
// Files: arch/x86/mm/pat/set_memory.c

@ locked @
symbol cpa_lock;
@@
-if (!debug_pagealloc_enabled())
-	spin_lock(&cpa_lock);
+cpa_lock();

@ unlocked @
symbol cpa_lock;
@@
-if (!debug_pagealloc_enabled())
-	spin_unlock(&cpa_lock);
+cpa_unlock();

// What follows the direct map is told of a leaf of up to 1 GiB.
@ large @
typedef pte_t;
identifier kpte, address, pte;
@@
 __set_pmd_pte(pte_t *kpte, unsigned long address, pte_t pte)
 {
	set_pte_atomic(kpte, pte);
+	direct_map_sync(address & PUD_MASK, PUD_SIZE);
	...
 }

@ kept @
identifier cpa;
symbol level, address;
@@
 __change_page_attr(struct cpa_data *cpa, ...)
 {
	...
	if (level == PG_LEVEL_4K) {
		...
		cpa->numpages = 1;
-		return 0;
+		return cpa->force_split ? cpa_keep_small(address) : 0;
	}
	...
 }

@ healed @
identifier cpa, cache;
@@
 change_page_attr_set_clr(...)
 {
	...
	cpa_flush(&cpa, cache);
+	cpa_collapse(&cpa);
	...
 }

@ back @
identifier page;
@@
 int set_direct_map_default_noflush(struct page *page)
 {
-	return __set_pages_p(page, 1);
+	int ret = __set_pages_p(page, 1);
+
+	if (!ret)
+		cpa_collapse_pages(page_to_pfn(page), 1);
+	return ret;
 }

// What comes back is as it was, or its block would never be uniform again.
@ default_prot @
@@
 __set_pages_p(...)
 {
	...
-	__pgprot(_PAGE_PRESENT | _PAGE_RW)
+	__pgprot_mask(__PAGE_KERNEL)
	...
 }

@ present @
identifier addr, numpages;
@@
 int set_memory_p(unsigned long addr, int numpages)
 {
	return change_page_attr_set(&addr, numpages,
-		__pgprot(_PAGE_PRESENT)
+		__pgprot_mask(_PAGE_PRESENT | _PAGE_GLOBAL)
		, 0);
 }

// Whole blocks can be out of the map.
@ hole @
identifier pte;
@@
 kernel_page_present(...)
 {
	...
-	return (pte_val(*pte) & _PAGE_PRESENT);
+	return pte && (pte_val(*pte) & _PAGE_PRESENT);
 }

// The address may be a decoy. That nothing is there is news to nobody.
@ decoy @
identifier vaddr;
@@
 __cpa_process_fault(..., unsigned long vaddr, ...)
 {
	<...
(
	within(
-		vaddr
+		fix_addr(vaddr)
		, ...)
|
	__pa(
-		vaddr
+		fix_addr(vaddr)
	)
)
	...>
 }

// Tables can go while someone looks at them.
@ looked @
@@
 cpa_flush(...)
 {
	...
	mb();
+	rcu_read_lock();
	for (...; ...; ...) { ... }
+	rcu_read_unlock();
	mb();
 }
