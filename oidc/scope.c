/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/scope.h"
#include <stddef.h>
#include <string.h>

#define CLAIMS_MAX 16

struct scope_row {
	const char *name;
	const char *claims[CLAIMS_MAX]; /* ended by NULL */
};

static const struct scope_row rows[] = {
	{SCOPE_OPENID, {NULL}},
	{"profile", {"name", "family_name", "given_name", "middle_name", "nickname",
			    "preferred_username", "profile", "picture", "website", "gender",
			    "birthdate", "zoneinfo", "locale", "updated_at", NULL}},
	{"email", {"email", "email_verified", NULL}},
	{"phone", {"phone_number", "phone_number_verified", NULL}},
	{"address", {"address", NULL}},
	{SCOPE_NATIONAL_ID, {"national_id", NULL}},
	{SCOPE_OFFLINE, {NULL}},
};

#define ROWS (sizeof rows / sizeof rows[0])

static const struct scope_row *find(const char *scope)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(rows[i].name, scope) == 0)
			return &rows[i];
	}
	return NULL;
}

const char *const *scope_all(void)
{
	static const char *const names[] = {SCOPE_OPENID, "profile", "email", "phone", "address",
		SCOPE_NATIONAL_ID, SCOPE_OFFLINE, NULL};
	_Static_assert(sizeof names / sizeof names[0] == ROWS + 1, "every scope is listed");
	return names;
}

bool scope_known(const char *scope)
{
	return find(scope) != NULL;
}

const char *const *scope_claims(const char *scope)
{
	const struct scope_row *row = find(scope);
	return row ? row->claims : rows[0].claims;
}

const char *scope_of_claim(const char *claim)
{
	for (size_t i = 0; i < ROWS; i++) {
		for (const char *const *name = rows[i].claims; *name; name++) {
			if (strcmp(*name, claim) == 0)
				return rows[i].name;
		}
	}
	return NULL;
}
