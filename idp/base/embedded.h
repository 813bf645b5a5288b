/* SPDX-License-Identifier: Apache-2.0 */
/* A file that the build put into the binary (deploy/build/embed.py). */
#ifndef PRATU_BASE_EMBEDDED_H
#define PRATU_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
	const char *name; /* without folder */
	const char *text; /* NUL-terminated */
	size_t len;
};

#endif
