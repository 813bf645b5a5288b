/* SPDX-License-Identifier: Apache-2.0 */
/* The operator's seal as a file: what GET /seal answers, and `pratu doctor` checks. */
#ifndef PRATU_IO_SEAL_IMAGE_H
#define PRATU_IO_SEAL_IMAGE_H

#include "idp/base/arena.h"
#include <stddef.h>

#define SEAL_IMAGE_MAX 65536 /* bytes */

struct seal_image {
	const char *bytes; /* in the arena; NULL: there is none, and fault says why */
	size_t len;
	const char *type; /* image/svg+xml or image/png */
	const char *fault;
};

/* Read the file at path. */
struct seal_image seal_image_read(struct arena *arena, const char *path);

#endif
