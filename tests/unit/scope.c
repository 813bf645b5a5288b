/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "oidc/scope.h"

static size_t count(const char *const *list)
{
	size_t n = 0;
	while (list[n])
		n++;
	return n;
}

static void known_and_unknown(void **state)
{
	(void)state;
	for (const char *const *name = scope_all(); *name; name++)
		assert_true(scope_known(*name));
	assert_int_equal(count(scope_all()), 7);
	assert_false(scope_known("OpenID"));
	assert_false(scope_known("profil"));
	assert_false(scope_known(""));
}

/* OIDC Core s5.4 */
static void each_scope_has_its_claims(void **state)
{
	(void)state;
	assert_int_equal(count(scope_claims("profile")), 14);
	assert_string_equal(scope_claims("profile")[0], "name");
	assert_string_equal(scope_claims("profile")[13], "updated_at");
	assert_int_equal(count(scope_claims("email")), 2);
	assert_int_equal(count(scope_claims("phone")), 2);
	assert_int_equal(count(scope_claims("address")), 1);
	assert_int_equal(count(scope_claims("national_id")), 1);
	assert_int_equal(count(scope_claims("openid")), 0);
	assert_int_equal(count(scope_claims("offline_access")), 0);
	assert_int_equal(count(scope_claims("unheard_of")), 0);
}

static void each_claim_has_its_scope(void **state)
{
	(void)state;
	assert_string_equal(scope_of_claim("birthdate"), "profile");
	assert_string_equal(scope_of_claim("phone_number_verified"), "phone");
	assert_string_equal(scope_of_claim("national_id"), "national_id");
	assert_null(scope_of_claim("sub"));
	assert_null(scope_of_claim("password"));
	assert_null(scope_of_claim("name#th"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_and_unknown),
		cmocka_unit_test(each_scope_has_its_claims),
		cmocka_unit_test(each_claim_has_its_scope),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
