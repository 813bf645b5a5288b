/* SPDX-License-Identifier: Apache-2.0 */
/* What the build put into the binary (deploy/build/embed.py): files, and the pages' texts. */
#ifndef PRATU_BASE_EMBEDDED_H
#define PRATU_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
	const char *name; /* without folder */
	const char *text; /* NUL-terminated */
	size_t len;
	const char *tag; /* the first 16 hex digits of its SHA-256: changes when the content does */
};

/* One text of a language; a language's texts are sorted by key, bytewise. */
struct embedded_text {
	const char *key, *text;
};

#endif
