/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/authz_level.h"

/* attainable: a sign-in of today can earn it. */
static const struct level {
	const char *acr;
	bool attainable;
} levels[] = {
	{"urn:pratu:loa:1", true},
	{"urn:pratu:loa:2", true},
	{"urn:pratu:loa:3", false},
};
#define LEVELS (sizeof levels / sizeof levels[0])

/* 1 and up; 0 for an acr that is none of ours. */
static size_t rank(const char *acr)
{
	for (size_t i = 0; i < LEVELS; i++) {
		if (str_eq(levels[i].acr, acr))
			return i + 1;
	}
	return 0;
}

static bool attainable(const char *acr)
{
	const size_t at = rank(acr);
	return at && levels[at - 1].attainable;
}

const struct str_list *authz_level_essential(const struct authz_request *request)
{
	const struct claims_ask *ask = claims_find(&request->claims, CLAIMS_ID_TOKEN, "acr");
	return ask && ask->essential && ask->values.n ? &ask->values : NULL;
}

bool authz_level_any_attainable(const struct str_list *values)
{
	for (size_t i = 0; i < values->n; i++) {
		if (attainable(values->items[i]))
			return true;
	}
	return false;
}

bool authz_level_unmet(const struct authz_request *request, const char *acr)
{
	const struct str_list *const essential = authz_level_essential(request);
	return essential && !str_list_has(essential, acr);
}

bool authz_level_wished(const struct authz_request *request, const char *acr)
{
	const size_t has = rank(acr);
	bool higher = false;
	for (size_t i = 0; i < request->acr_values.n; i++) {
		const size_t wish = rank(request->acr_values.items[i]);
		if (wish && wish <= has)
			return false;
		higher = higher || attainable(request->acr_values.items[i]);
	}
	return higher;
}

bool authz_level_answers(const struct authz_request *request, const char *has, const char *acr)
{
	if (authz_level_essential(request))
		return !authz_level_unmet(request, acr);
	return !has || rank(acr) > rank(has);
}
