/* SPDX-License-Identifier: GPL-2.0 */
/* Nobody listens to tracepoints here. */
#ifndef _TRACE_PG_TABLE_H
#define _TRACE_PG_TABLE_H

#define trace_pg_table_map(...)		do { } while (0)
#define trace_pg_table_unmap(...)	do { } while (0)
#define trace_pg_table_protect(...)	do { } while (0)
#define trace_pg_table_clone(...)	do { } while (0)
#define trace_pg_table_split(...)	do { } while (0)

#endif /* _TRACE_PG_TABLE_H */
