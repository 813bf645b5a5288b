/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/arena.h"
#include "idp/base/log.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the first chunk and of a later one, their heads included; and the step of an allocation.
 * The first holds what a connection needs that is only sending its request: thousands may do so at
 * once. With ARENA_EXACT (set for the sanitizers) each allocation is a chunk of exactly its size,
 * so that one byte too far is seen. */
#ifdef ARENA_EXACT
#define FIRST_LEN sizeof(struct chunk)
#define CHUNK_LEN sizeof(struct chunk)
#define STEP 1u
#else
#define FIRST_LEN 1536u
#define CHUNK_LEN 8192u
#define STEP _Alignof(max_align_t)
#endif

struct chunk {
	struct chunk *next;
	size_t used, cap; /* of data */
	max_align_t data[];
};

struct arena {
	struct chunk *newest;
	size_t total; /* bytes asked from malloc */
	size_t usual; /* bytes of the next chunk, its head included */
};

/* Nothing half made may go on: see the header. */
static _Noreturn void die(const char *why)
{
	log_die("arena", why);
}

struct arena *arena_new(void)
{
	struct arena *arena = calloc(1, sizeof(*arena));
	if (!arena)
		die("out of memory");
	arena->usual = FIRST_LEN;
	return arena;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	for (struct chunk *chunk = arena->newest; chunk;) {
		struct chunk *next = chunk->next;
		explicit_bzero(chunk->data, chunk->used);
		free(chunk);
		chunk = next;
	}
	free(arena);
}

static struct chunk *chunk_add(struct arena *arena, size_t len)
{
	const size_t usual = arena->usual - sizeof(struct chunk);
	size_t cap = len > usual ? len : usual;
	if (arena->total + cap > ARENA_LIMIT)
		die("over its limit");
	struct chunk *chunk = calloc(1, sizeof(*chunk) + cap);
	if (!chunk)
		die("out of memory");
	chunk->cap = cap;
	arena->total += cap;
	arena->usual = CHUNK_LEN;
	/* A big one goes behind the newest, so that the newest's free space is not lost. */
	if (len > usual / 2 && arena->newest) {
		chunk->next = arena->newest->next;
		arena->newest->next = chunk;
	} else {
		chunk->next = arena->newest;
		arena->newest = chunk;
	}
	return chunk;
}

void *arena_alloc(struct arena *arena, size_t len)
{
	if (len > ARENA_LIMIT)
		die("over its limit");
	size_t rounded = ((len == 0 ? 1 : len) + STEP - 1) & ~(size_t)(STEP - 1);
	struct chunk *chunk = arena->newest;
	if (!chunk || chunk->cap - chunk->used < rounded)
		chunk = chunk_add(arena, rounded);
	void *bytes = (char *)chunk->data + chunk->used;
	chunk->used += rounded;
	return bytes;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	if (!text)
		return NULL;
	char *copy = arena_alloc(arena, len + 1);
	memcpy(copy, text, len);
	return copy;
}

void *arena_memdup(struct arena *arena, const void *bytes, size_t len)
{
	if (!bytes)
		return NULL;
	void *copy = arena_alloc(arena, len);
	memcpy(copy, bytes, len);
	return copy;
}

/* Space for an allocation of this length and of any smaller one. */
static size_t space_left(const struct arena *arena)
{
	const struct chunk *const chunk = arena->newest;
	return chunk ? (chunk->cap - chunk->used) & ~(size_t)(STEP - 1) : 0;
}

/* At once into the space that is left, where it fits. */
char *arena_printf(struct arena *arena, const char *format, ...)
{
	const size_t left = space_left(arena);
	char *const space = left > 0 ? (char *)arena->newest->data + arena->newest->used : NULL;
	va_list args;
	va_start(args, format);
	int len = vsnprintf(space, left, format, args);
	va_end(args);
	if (len < 0)
		die("a format that cannot be printed");
	if ((size_t)len < left)
		return arena_alloc(arena, (size_t)len + 1);
	if (space)
		explicit_bzero(space, left); /* what is allocated next is zero, and wiped */
	char *text = arena_alloc(arena, (size_t)len + 1);
	va_start(args, format);
	(void)vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}
