/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/seal_image.h"
#include "idp/base/str.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void close_file(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

/* By its first bytes; NULL: neither SVG nor PNG. */
static const char *type_of(const char *image, size_t len)
{
	static const char png[] = "\x89PNG\r\n\x1a\n";
	if (len >= sizeof png - 1 && memcmp(image, png, sizeof png - 1) == 0)
		return "image/png";
	return str_starts(image, "<svg") || str_starts(image, "<?xml") ? "image/svg+xml" : NULL;
}

struct seal_image seal_image_read(struct arena *arena, const char *path)
{
	__attribute__((cleanup(close_file))) FILE *file = fopen(path, "re");
	struct seal_image seal = {.fault = "expected SVG or PNG of at most 64 KiB"};
	if (!file)
		return (struct seal_image){.fault = strerror(errno)};
	char *image = arena_alloc(arena, SEAL_IMAGE_MAX + 2);
	seal.len = fread(image, 1, SEAL_IMAGE_MAX + 1, file);
	if (ferror(file))
		return (struct seal_image){.fault = strerror(errno)};
	seal.type = type_of(image, seal.len);
	if (seal.len <= SEAL_IMAGE_MAX && seal.type) {
		seal.bytes = image;
		seal.fault = NULL;
	}
	return seal;
}
