/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/nfc.h"
#include <string.h>
#include <utf8proc.h>

static utf8proc_int32_t as_is(utf8proc_int32_t point, void *arg)
{
	(void)arg;
	return point;
}

static utf8proc_int32_t lowered(utf8proc_int32_t point, void *arg)
{
	(void)arg;
	return utf8proc_tolower(point);
}

static char *map(struct arena *arena, const char *text, utf8proc_custom_func each)
{
	const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text;
	const utf8proc_ssize_t len = (utf8proc_ssize_t)strlen(text);
	utf8proc_ssize_t n = utf8proc_decompose_custom(bytes, len, NULL, 0, options, each, NULL);
	if (n < 0)
		return NULL;
	/* Re-encoded in place, with a NUL behind. */
	utf8proc_int32_t *points = ARENA_ARRAY(arena, utf8proc_int32_t, (size_t)n + 1);
	n = utf8proc_decompose_custom(bytes, len, points, n, options, each, NULL);
	if (n < 0 || utf8proc_reencode(points, n, options) < 0)
		return NULL;
	return (char *)points;
}

char *nfc_text(struct arena *arena, const char *text)
{
	return map(arena, text, as_is);
}

char *nfc_lower(struct arena *arena, const char *text)
{
	return map(arena, text, lowered);
}
