/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/base/str.h"
#include "idp/io/http_parse.h"
#include <string.h>

/* A path that was taken leads nowhere else, however it is read again. */
static void check_path(const char *path)
{
	const size_t len = strlen(path);
	must(str_utf8_valid(path, len));
	must(strpbrk(path, "\\\r\n\t") == NULL);
	if (str_eq(path, "*"))
		return;
	must(path[0] == '/');
	must(strstr(path, "//") == NULL);
	must(strstr(path, "/./") == NULL && strstr(path, "/../") == NULL);
	must(len < 2 || strcmp(path + len - 2, "/.") != 0);
	must(len < 3 || strcmp(path + len - 3, "/..") != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *target = arena_strndup(arena, (const char *)data, size), *path = NULL,
		   *query = NULL;
	const struct http_refusal refusal = http_parse_target(arena, target, &path, &query);
	must((refusal.status == 0) == (path != NULL) && (path == NULL) == (query == NULL));
	if (path != NULL) {
		check_path(path);
		must(strstr(query, "%00") == NULL);
		must(strpbrk(query, " #\r\n") == NULL);
	}
	arena_free(arena);
	return 0;
}
