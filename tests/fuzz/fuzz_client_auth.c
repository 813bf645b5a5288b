/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/base/str.h"
#include "oidc/client_auth.h"
#include <string.h>

/* First line: the Authorization header (empty: none). The rest: the form. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text = arena_strndup(arena, (const char *)data, size);
	const char *end = strchr(text, '\n');
	const char *header =
		end && end != text ? arena_strndup(arena, text, (size_t)(end - text)) : NULL;
	const char *body = end ? end + 1 : text;
	const struct params *form = NULL;
	struct client_auth_presented got = {0};
	(void)params_parse(arena, body, strlen(body), &form);
	const struct client_auth_input in = {header, form};
	struct error error = client_auth_read(arena, &in, &got);
	if (error.code == ERROR_NONE) {
		must(!str_empty(got.client_id));
		must(str_utf8_valid(got.client_id, strlen(got.client_id)));
		must((got.secret != NULL) ==
			(got.method == CLIENT_AUTH_BASIC || got.method == CLIENT_AUTH_POST));
		must((got.assertion != NULL) == (got.method == CLIENT_AUTH_PRIVATE_KEY_JWT));
		static const char *const no_urls[] = {NULL};
		struct client_auth_facts facts = {
			.issuer = "https://idp.example", .audiences = no_urls, .now_s = 1};
		must(client_auth_decide(arena, &got, &facts).error.code == ERROR_INVALID_CLIENT);
	} else {
		must(error.code == ERROR_INVALID_CLIENT || error.code == ERROR_INVALID_REQUEST);
		must(strpbrk(error.description, "\"\\\r\n") == NULL);
	}
	arena_free(arena);
	return 0;
}
