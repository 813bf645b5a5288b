/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/base/str.h"
#include "oidc/logout.h"
#include <string.h>

/* A request that is taken holds texts within their bounds; claims that are no ID token of ours name
 * nobody. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const struct params *params = NULL;
	struct logout_request request = {0};
	struct logout_hint hint = {NULL, NULL};
	struct error fault = {0};
	json_t *claims = NULL;
	enum params_verdict verdict = params_parse(arena, (const char *)data, size, &params);
	if (logout_parse(arena, params, verdict, &request, &fault)) {
		must(verdict == PARAMS_OK);
		must(request.state == NULL || strlen(request.state) <= LOGOUT_TEXT_MAX);
		must(request.id_token_hint == NULL ||
			strlen(request.id_token_hint) <= LOGOUT_HINT_MAX);
		must(logout_client_id(&request, &hint) == request.client_id);
	}
	if (json_parse((const char *)data, size, &claims, NULL).err == ERR_NONE) {
		if (logout_read_hint(arena, claims, "https://localhost:8443", &hint))
			must(str_eq(json_str(claims, "iss"), "https://localhost:8443"));
		else
			must(hint.client_id == NULL && hint.grant_id == NULL);
	}
	json_decref(claims);
	arena_free(arena);
	return 0;
}
