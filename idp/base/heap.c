/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/heap.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

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

void heap_wipe_free(void *bytes)
{
	if (bytes)
		explicit_bzero(bytes, malloc_usable_size(bytes));
	free(bytes);
}

void *heap_wipe_realloc(void *bytes, size_t len)
{
	const size_t had = bytes ? malloc_usable_size(bytes) : 0;
	void *const made = malloc(len > 0 ? len : 1);
	if (!made)
		return NULL;
	if (bytes)
		memcpy(made, bytes, had < len ? had : len);
	heap_wipe_free(bytes);
	return made;
}
