/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of the page-table library: one per verb, with its result, and one
 * for each time that a CPU loads a context.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM pg_table

#if !defined(_TRACE_PG_TABLE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_PG_TABLE_H

#include <linux/pg_table.h>
#include <linux/tracepoint.h>

TRACE_DEFINE_ENUM(PG_TABLE_SHARE);
TRACE_DEFINE_ENUM(PG_TABLE_FOLLOW);
TRACE_DEFINE_ENUM(PG_TABLE_COPY);
TRACE_DEFINE_ENUM(PG_TABLE_CLONE_REPLACE);

#define show_pg_table_clone_mode(mode)			\
	__print_symbolic(mode,				\
			 { PG_TABLE_SHARE, "share" },	\
			 { PG_TABLE_FOLLOW, "follow" },	\
			 { PG_TABLE_COPY, "copy" },	\
			 { PG_TABLE_CLONE_REPLACE, "replace" })

TRACE_EVENT(pg_table_map,
	    TP_PROTO(const struct pg_table *pgt, unsigned long va, phys_addr_t pa,
		     size_t size, pgprot_t prot, int ret),
	    TP_ARGS(pgt, va, pa, size, prot, ret),
	    TP_STRUCT__entry(__string(name, pg_table_name(pgt))
			     __field(unsigned long, va)
			     __field(u64, pa)
			     __field(unsigned long, size)
			     __field(u64, prot)
			     __field(int, ret)),
	    TP_fast_assign(__assign_str(name);
			   __entry->va = va;
			   __entry->pa = pa;
			   __entry->size = size;
			   __entry->prot = pgprot_val(prot);
			   __entry->ret = ret;),
	    TP_printk("name=%s va=0x%lx pa=0x%llx size=0x%lx prot=0x%llx ret=%d",
		      __get_str(name), __entry->va, __entry->pa,
		      __entry->size, __entry->prot, __entry->ret)
);

TRACE_EVENT(pg_table_unmap,
	    TP_PROTO(const struct pg_table *pgt, unsigned long va, size_t size,
		     int ret),
	    TP_ARGS(pgt, va, size, ret),
	    TP_STRUCT__entry(__string(name, pg_table_name(pgt))
			     __field(unsigned long, va)
			     __field(unsigned long, size)
			     __field(int, ret)),
	    TP_fast_assign(__assign_str(name);
			   __entry->va = va;
			   __entry->size = size;
			   __entry->ret = ret;),
	    TP_printk("name=%s va=0x%lx size=0x%lx ret=%d",
		      __get_str(name), __entry->va, __entry->size,
		      __entry->ret)
);

TRACE_EVENT(pg_table_protect,
	    TP_PROTO(const struct pg_table *pgt, unsigned long va, size_t size,
		     pgprot_t set, pgprot_t clear, int ret),
	    TP_ARGS(pgt, va, size, set, clear, ret),
	    TP_STRUCT__entry(__string(name, pg_table_name(pgt))
			     __field(unsigned long, va)
			     __field(unsigned long, size)
			     __field(u64, set)
			     __field(u64, clear)
			     __field(int, ret)),
	    TP_fast_assign(__assign_str(name);
			   __entry->va = va;
			   __entry->size = size;
			   __entry->set = pgprot_val(set);
			   __entry->clear = pgprot_val(clear);
			   __entry->ret = ret;),
	    TP_printk("name=%s va=0x%lx size=0x%lx set=0x%llx clear=0x%llx ret=%d",
		      __get_str(name), __entry->va, __entry->size,
		      __entry->set, __entry->clear, __entry->ret)
);

TRACE_EVENT(pg_table_split,
	    TP_PROTO(const struct pg_table *pgt, unsigned long va, size_t size,
		     unsigned int level, int ret),
	    TP_ARGS(pgt, va, size, level, ret),
	    TP_STRUCT__entry(__string(name, pg_table_name(pgt))
			     __field(unsigned long, va)
			     __field(unsigned long, size)
			     __field(unsigned int, level)
			     __field(int, ret)),
	    TP_fast_assign(__assign_str(name);
			   __entry->va = va;
			   __entry->size = size;
			   __entry->level = level;
			   __entry->ret = ret;),
	    TP_printk("name=%s va=0x%lx size=0x%lx level=%u ret=%d",
		      __get_str(name), __entry->va, __entry->size,
		      __entry->level, __entry->ret)
);

TRACE_EVENT(pg_table_clone,
	    TP_PROTO(const struct pg_table *dst, const struct pg_table *src,
		     unsigned long va, size_t size,
		     enum pg_table_clone_mode mode, int ret),
	    TP_ARGS(dst, src, va, size, mode, ret),
	    TP_STRUCT__entry(__string(name, pg_table_name(dst))
			     __string(source, pg_table_name(src))
			     __field(unsigned long, va)
			     __field(unsigned long, size)
			     __field(unsigned int, mode)
			     __field(int, ret)),
	    TP_fast_assign(__assign_str(name);
			   __assign_str(source);
			   __entry->va = va;
			   __entry->size = size;
			   __entry->mode = mode;
			   __entry->ret = ret;),
	    TP_printk("name=%s source=%s va=0x%lx size=0x%lx mode=%s ret=%d",
		      __get_str(name), __get_str(source), __entry->va,
		      __entry->size, show_pg_table_clone_mode(__entry->mode),
		      __entry->ret)
);

TRACE_EVENT(pg_table_enter,
	    TP_PROTO(const struct pg_table *pgt),
	    TP_ARGS(pgt),
	    TP_STRUCT__entry(__string(name, pg_table_name(pgt))),
	    TP_fast_assign(__assign_str(name);),
	    TP_printk("name=%s",
		      __get_str(name))
);

#endif /* _TRACE_PG_TABLE_H */

#include <trace/define_trace.h>
