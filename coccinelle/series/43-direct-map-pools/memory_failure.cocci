// SPDX-License-Identifier: GPL-2.0
/// A memory failure that hits a page of a pool is the pool's matter. Nobody reads
/// such a page any more, and the map lacks it.
// Confidence: High
// Options: --no-includes
// Tokens: \btry_memory_failure_hugetlb\b|\bsaveable_page\b
// Files: mm/memory-failure.c kernel/power/snapshot.c

@ asked @
symbol p, pfn, flags, res, unlock_mutex;
@@
 memory_failure(...)
 {
	...
	int hugetlb = 0;
+	bool pooled;
	...
	if (TestSetPageHWPoison(p)) { ... }
+
+	res = try_memory_failure_pool(p, pfn, flags, &pooled);
+	if (pooled)
+		goto unlock_mutex;
	...
 }

@ skipped @
identifier page;
@@
 struct page *saveable_page(...)
 {
	...
-	if (PageOffline(page))
+	if (PageOffline(page) || PageHWPoison(page))
		return NULL;
	...
 }
