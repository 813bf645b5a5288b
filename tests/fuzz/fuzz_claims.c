/* SPDX-License-Identifier: Apache-2.0 */
/* The `claims` parameter: what is understood survives its JSON and never reaches a protocol claim.
 */
#include "tests/fuzz/fuzz.h"
#include "oidc/claims.h"
#include <string.h>

static void check_put(const struct claims_grant *grant, enum claims_place place)
{
	json_t *stored = json_pack("{s:s, s:s, s:s, s:s, s:s}", "sub", "x", "acr", "x", "name", "n",
		"name#th", "t", "national_id", "x");
	json_t *out = json_object();
	struct claims_source source = {stored, NULL, 0};
	claims_put(out, place, grant, &source);
	must(!json_object_get(out, "sub") && !json_object_get(out, "acr"));
	must(!json_object_get(out, "national_id"));
	must(json_object_size(out) <= 2);
	json_decref(out);
	json_decref(stored);
}

static void check(struct arena *arena, struct claims_grant *grant)
{
	struct claims_request again;
	struct str_list scopes = str_split(arena, "openid profile", ' ');
	const char *fault = NULL;
	json_t *first = claims_to_json(&grant->request);
	must(claims_from_json(arena, first, &again, &fault));
	json_t *second = claims_to_json(&again);
	must(json_equal(first, second));
	struct claims_request cut = claims_permitted(arena, &grant->request, &scopes);
	must(!claims_find(&cut, CLAIMS_USERINFO, "email"));
	struct str_list all = claims_names(arena, grant),
			beyond = claims_beyond_scope(arena, grant);
	must(beyond.n <= all.n && !str_list_has(&all, "sub"));
	check_put(grant, CLAIMS_ID_TOKEN);
	check_put(grant, CLAIMS_USERINFO);
	json_decref(first);
	json_decref(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	char *text = arena_strndup(arena, (const char *)data, size);
	struct claims_grant grant = {.scope = str_split(arena, "openid", ' ')};
	const char *fault = NULL;
	bool good = claims_parse(arena, text, &grant.request, &fault);
	must(good == (fault == NULL));
	if (good)
		check(arena, &grant);
	arena_free(arena);
	return 0;
}
