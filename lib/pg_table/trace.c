// SPDX-License-Identifier: GPL-2.0
/* The code behind the tracepoints. */
#define CREATE_TRACE_POINTS
#include <trace/events/pg_table.h>
