/* SPDX-License-Identifier: Apache-2.0 */
/* The heap of the process. Any layer may call it; it never changes what an allocation holds
 * that is in use. */
#ifndef PRATU_BASE_HEAP_H
#define PRATU_BASE_HEAP_H

#include <stddef.h>

/* Give pages that no allocation uses back to the kernel. Takes the heap's locks, and 0.01 to 1.3 ms
 * by how much there is: not for each request. A build whose allocator is a sanitizer's does
 * nothing. */
void heap_trim(void);

/* malloc's family for libraries whose memory holds secrets: what is freed, or left behind by a
 * realloc, is wiped. NULL-safe as theirs. */
void heap_wipe_free(void *bytes);
void *heap_wipe_realloc(void *bytes, size_t len);

#endif
