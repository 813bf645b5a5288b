/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/heap.h"

#include <malloc.h>

/* A sanitizer replaces malloc, not malloc_trim, which would walk arenas that were never set up. */
#ifdef HEAP_OF_SANITIZER
void heap_trim(void)
{
}
#else
void heap_trim(void)
{
	(void)malloc_trim(0);
}
#endif
