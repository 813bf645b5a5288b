/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that lives as long as one request. Everything is released at once. Allocation never
 * returns NULL: inputs are bounded at the edge, so an arena that passes its limit is a bug or an
 * exhausted machine, and the process ends (its supervisor starts it again) instead of going on half
 * made.
 */
#ifndef PRATU_BASE_ARENA_H
#define PRATU_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct arena;

#define ARENA_LIMIT (16u << 20) /* bytes */

/* A new arena. Owned by the caller; release with arena_free. Never NULL. */
struct arena *arena_new(void) __attribute__((returns_nonnull));
/* Release all of it, wiping what was used. NULL-safe. */
void arena_free(struct arena *arena);
/* len zeroed bytes, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t len) __attribute__((returns_nonnull));
/* Copies: of a C string; of len bytes with a NUL added; of len raw bytes. NULL gives NULL. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
void *arena_memdup(struct arena *arena, const void *bytes, size_t len);
/* printf into the arena. */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3), returns_nonnull));

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, n) ((type *)arena_alloc((arena), sizeof(type) * (n)))

#endif
