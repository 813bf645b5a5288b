/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/authz_rig.h"
#include "oidc/authz_level.h"

#define LOA1 "urn:pratu:loa:1"
#define LOA2 "urn:pratu:loa:2"
#define LOA3 "urn:pratu:loa:3"
#define ESSENTIAL(values) \
	"claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C%22values%22%3A%" \
	"5B" values "%5D%7D%7D%7D"

/* A sign-in of acr, for a request, by a session that has another (NULL: none). */
struct row {
	const char *more, *has, *acr;
	bool answers;
};

static void which_sign_in_answers_a_request(void **state)
{
	static const struct row rows[] = {
		{"", NULL, LOA1, true},
		{"acr_values=" LOA2, NULL, LOA1, true}, /* a wish */
		{"acr_values=" LOA2, LOA1, LOA2, true},
		{"acr_values=" LOA2, LOA1, LOA1, false}, /* no step up */
		{ESSENTIAL("%22" LOA2 "%22"), NULL, LOA2, true},
		{ESSENTIAL("%22" LOA2 "%22"), NULL, LOA1, false},
		{ESSENTIAL("%22" LOA2 "%22"), LOA1, LOA2, true},
		{ESSENTIAL("%22" LOA2 "%22"), LOA1, LOA1, false},
		{ESSENTIAL("%22" LOA1 "%22"), LOA2, LOA1, true}, /* that very one (s5.5.1.1) */
		{ESSENTIAL("%22" LOA1 "%22"), NULL, LOA2, false},
		{ESSENTIAL("%22" LOA1 "%22%2C%22" LOA2 "%22"), NULL, LOA1, true},
		{ESSENTIAL("%22" LOA1 "%22%2C%22" LOA2 "%22"), NULL, LOA2, true},
	};
	const struct client client = rig_client();
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new();
		struct authz_parsed parsed;
		rig_parse_with(arena, &client, rows[i].more, &parsed);
		assert_int_equal(parsed.verdict, AUTHZ_GOOD);
		if (authz_level_answers(&parsed.request, rows[i].has, rows[i].acr) !=
			rows[i].answers)
			fail_msg("row %zu", i);
		arena_free(arena);
	}
}

static void every_level_but_the_highest_can_be_earned(void **state)
{
	const char *one[] = {LOA1}, *two[] = {"gold", LOA2}, *three[] = {LOA3};
	(void)state;
	assert_true(authz_level_any_attainable(&(struct str_list){one, 1}));
	assert_true(authz_level_any_attainable(&(struct str_list){two, 2}));
	assert_false(authz_level_any_attainable(&(struct str_list){three, 1}));
	assert_false(authz_level_any_attainable(&(struct str_list){NULL, 0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_sign_in_answers_a_request),
		cmocka_unit_test(every_level_but_the_highest_can_be_earned),
	};
	return cmocka_run_group_tests_name("oidc/authz_level", tests, NULL, NULL);
}
