/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "oidc/grant_type.h"
#include "oidc/pkce.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct token_request_form in = {.is_form = true};
	struct token_request request;
	in.verdict = params_parse(arena, (const char *)data, size, &in.form);
	struct error error = token_request_check_form(arena, &in);
	must((error.code == ERROR_NONE) == (in.verdict == PARAMS_OK));
	error = token_request_read(arena, in.form, &request);
	if (error.code != ERROR_NONE) {
		must(strpbrk(error.description, "\"\\\r\n") == NULL);
	} else {
		must(!str_empty(request.presented));
		must(strlen(request.presented) <= TOKEN_REQUEST_VALUE_MAX);
		must(request.type == &grant_refresh_token || !str_empty(request.redirect_uri));
		must(!request.code_verifier || pkce_verifier_valid(request.code_verifier));
	}
	arena_free(arena);
	return 0;
}
