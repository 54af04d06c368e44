/* SPDX-License-Identifier: GPL-2.0 */
/* Nobody looks: CONFIG_DEBUG_FS is off. */
#ifndef _POOL_SHIM_SEQ_FILE_H
#define _POOL_SHIM_SEQ_FILE_H


#endif /* _POOL_SHIM_SEQ_FILE_H */
