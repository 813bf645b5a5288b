/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters to a request to JSON and back: nothing is lost, nothing unregistered gets through. */
#include "tests/fuzz/fuzz.h"
#include "oidc/authz_request.h"
#include "oidc/authz_response.h"
#include "oidc/grant_type.h"
#include <string.h>

#define REDIRECT "https://a.example/cb?x=1"

static const char *redirects[] = {REDIRECT};
static const char *scopes[] = {"openid", "profile", "email", "national_id"};

static void check_texts(const struct authz_request *request)
{
	must(strcmp(request->redirect_uri, REDIRECT) == 0);
	must(!request->state || strlen(request->state) <= AUTHZ_STATE_MAX);
	must(!request->nonce || strlen(request->nonce) <= AUTHZ_STATE_MAX);
	must(!request->code_challenge || strlen(request->code_challenge) >= 43);
	must(request->max_age_s >= -1 && request->max_age_s <= AUTHZ_MAX_AGE_MAX);
	must(str_list_has(&request->scope, "openid"));
	must(!str_list_has(&request->scope, "phone"));
	must(!(request->prompt & AUTHZ_PROMPT_NONE) || request->prompt == AUTHZ_PROMPT_NONE);
}

static void check_round(struct arena *arena, const struct authz_request *request)
{
	struct authz_request again;
	json_t *first = authz_request_to_json(request);
	must(authz_request_from_json(arena, first, &again).err == ERR_NONE);
	json_t *second = authz_request_to_json(&again);
	must(json_equal(first, second));
	must(str_eq(request->state, again.state) && str_eq(request->nonce, again.nonce));
	json_decref(first);
	json_decref(second);
}

static void check_error(struct arena *arena, const struct authz_parsed *parsed)
{
	must(parsed->error.code != ERROR_NONE);
	must(strpbrk(parsed->error.description, "\"\\\r\n") == NULL);
	if (parsed->verdict == AUTHZ_PAGE) {
		must(parsed->page_key && !parsed->request.redirect_uri);
		return;
	}
	struct authz_response response =
		authz_response_error(&parsed->request, "https://id.example", &parsed->error);
	const char *location = authz_response_location(arena, &response);
	must(str_starts(location, REDIRECT "&error="));
	must(strpbrk(location, "\"\\\r\n <>#") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const struct client client = {.client_id = "a",
		.redirect_uris = {redirects, 1},
		.scopes = {scopes, 4},
		.grant_types = 1u << GRANT_refresh_token,
		.default_max_age_s = -1};
	const struct params *params = NULL;
	struct authz_parsed parsed;
	enum params_verdict verdict = params_parse(arena, (const char *)data, size, &params);
	bool found = str_eq(authz_request_client_id(params), "a");
	authz_request_parse(arena, params, verdict, found ? &client : NULL, &parsed);
	if (parsed.verdict == AUTHZ_GOOD) {
		must(verdict == PARAMS_OK && found);
		check_texts(&parsed.request);
		check_round(arena, &parsed.request);
	} else {
		check_error(arena, &parsed);
	}
	arena_free(arena);
	return 0;
}
