/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of address-space isolation: a context is loaded, is left, or lacks
 * what somebody touches.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM asi

#if !defined(_TRACE_ASI_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_ASI_H

#include <linux/asi.h>
#include <linux/tracepoint.h>

TRACE_DEFINE_ENUM(ASI_LEAVE_CALL);
TRACE_DEFINE_ENUM(ASI_LEAVE_FAULT);
TRACE_DEFINE_ENUM(ASI_LEAVE_SWITCH);
TRACE_DEFINE_ENUM(ASI_LEAVE_USER);
TRACE_DEFINE_ENUM(ASI_LEAVE_OTHER);

#define show_asi_leave(why)				\
	__print_symbolic(why,				\
			 { ASI_LEAVE_CALL, "call" },	\
			 { ASI_LEAVE_FAULT, "fault" },	\
			 { ASI_LEAVE_SWITCH, "switch" },\
			 { ASI_LEAVE_USER, "user" },	\
			 { ASI_LEAVE_OTHER, "other" })

TRACE_EVENT(asi_enter,
	    TP_PROTO(const struct asi_class *class),
	    TP_ARGS(class),
	    TP_STRUCT__entry(__string(class, class->name)),
	    TP_fast_assign(__assign_str(class);),
	    TP_printk("class=%s", __get_str(class))
);

TRACE_EVENT(asi_leave,
	    TP_PROTO(const struct asi_class *class, enum asi_leave why),
	    TP_ARGS(class, why),
	    TP_STRUCT__entry(__string(class, class->name)
			     __field(unsigned int, why)),
	    TP_fast_assign(__assign_str(class);
			   __entry->why = why;),
	    TP_printk("class=%s why=%s", __get_str(class),
		      show_asi_leave(__entry->why))
);

TRACE_EVENT(asi_fault,
	    TP_PROTO(const struct asi_class *class, unsigned long address,
		     unsigned long ip, unsigned int depth, bool section),
	    TP_ARGS(class, address, ip, depth, section),
	    TP_STRUCT__entry(__string(class, class->name)
			     __field(unsigned long, address)
			     __field(unsigned long, ip)
			     __field(unsigned int, depth)
			     __field(bool, section)),
	    TP_fast_assign(__assign_str(class);
			   __entry->address = address;
			   __entry->ip = ip;
			   __entry->depth = depth;
			   __entry->section = section;),
	    TP_printk("class=%s address=0x%lx caller=%pS depth=%u section=%d",
		      __get_str(class), __entry->address, (void *)__entry->ip,
		      __entry->depth, __entry->section)
);

#endif /* _TRACE_ASI_H */

#include <trace/define_trace.h>
