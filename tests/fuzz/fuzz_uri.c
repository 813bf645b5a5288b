/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/base/str.h"
#include "oidc/uri.h"
#include <string.h>

/* What parses is clean ASCII within its bounds, and its origin is the origin of itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text = arena_strndup(arena, (const char *)data, size);
	struct uri uri = {NULL, NULL, 0, false, false};
	const char *origin = uri_origin(arena, text);
	if (uri_parse(arena, text, &uri)) {
		must(strlen(text) <= URI_MAX);
		for (const char *c = text; *c != '\0'; c++)
			must(*c > 0x20 && *c < 0x7f && *c != '"' && *c != '<' && *c != '\\');
		must(uri.port >= -1 && uri.port <= 65535);
		must(strpbrk(uri.host, "/@?#") == NULL);
		must(uri_is_web(&uri) || !str_eq(uri.scheme, "https") || str_empty(uri.host));
	} else {
		must(uri.scheme == NULL && origin == NULL);
	}
	if (origin != NULL && !str_empty(uri.host))
		must(str_eq(uri_origin(arena, origin), origin));
	arena_free(arena);
	return 0;
}
