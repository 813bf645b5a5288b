/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the protocol's direct endpoints share: an arena per test, forms and clients
 * from text. */
#ifndef PRATU_TESTS_UNIT_OIDC_H
#define PRATU_TESTS_UNIT_OIDC_H

#include "tests/unit/unit.h"
#include "idp/base/params.h"
#include "oidc/client.h"
#include "oidc/error.h"

static inline int oidc_setup(void **state)
{
	*state = arena_new();
	return 0;
}

static inline int oidc_teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static inline const struct params *oidc_form(struct arena *arena, const char *text)
{
	const struct params *form = NULL;
	assert_int_equal(params_parse(arena, text, strlen(text), &form), PARAMS_OK);
	return form;
}

static inline json_t *oidc_json(const char *text)
{
	json_t *value = NULL;
	assert_ok(json_parse(text, strlen(text), &value, NULL));
	return value;
}

/* A client from its metadata; to be released by client_free. */
static inline const struct client *oidc_client(struct arena *arena, const char *metadata)
{
	AUTO_JSON json_t *object = oidc_json(metadata);
	const struct client *client = NULL;
	struct client_fault fault = {0};
	struct result result = client_parse(arena, object, &client, &fault);
	if (result.err != ERR_NONE)
		fail_msg("%s: %s", fault.path, fault.text);
	return client;
}

/* RFC 6749 s5.2: 0x20-0x7E without quote and backslash. */
static inline void oidc_assert_description(const char *text)
{
	assert_non_null(text);
	for (const char *p = text; *p; p++)
		assert_true(*p >= 0x20 && *p <= 0x7e && *p != '"' && *p != '\\');
	assert_true(strlen(text) <= ERROR_DESCRIPTION_MAX);
}

#endif
