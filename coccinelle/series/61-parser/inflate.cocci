// SPDX-License-Identifier: GPL-2.0
/// Let modules be inflated in a restricted context.
// Confidence: High
// Options: --no-includes
// Tokens: \bzlib_inflate\b
// Files: kernel/module/decompress.c

@inflate@
symbol s;
@@
-zlib_inflate(&s, 0)
+module_inflate(parsing, &s)

@end@
symbol s;
@@
+module_inflate_end(parsing);
 zlib_inflateEnd(&s);

@begin@
symbol s, rc, out, retval;
constant Z_OK;
statement S;
@@
 rc = zlib_inflateInit2(&s, ...);
 if (rc != Z_OK) S
+
+parsing = module_inflate_begin(&s, zlib_inflate_workspacesize());
+if (IS_ERR(parsing)) {
+	retval = PTR_ERR(parsing);
+	goto out;
+}

@declared@
symbol rc;
@@
 module_gzip_decompress(...)
 {
 	...
+	struct asi_parsing *parsing;
 	int rc;
 	...
 }
