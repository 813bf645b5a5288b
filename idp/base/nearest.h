/* SPDX-License-Identifier: Apache-2.0 */
/* Which word was probably meant by one that is not known, for "did you mean ...?". Pure. */
#ifndef PRATU_BASE_NEAREST_H
#define PRATU_BASE_NEAREST_H

#include <stddef.h>

#define NEAREST_MAX 64 /* bytes; longer texts have no nearest word */

/* Insertions, deletions, replacements and swaps of neighbours that turn one text into the other
 * (optimal string alignment); both at most NEAREST_MAX bytes. */
size_t nearest_distance(const char *one, const char *other);
/* The word with the least distance to text, the first of several; NULL: none is nearer than a third
 * of text's length. words: ended by NULL. Borrowed. */
const char *nearest_word(const char *text, const char *const *words);

#endif
