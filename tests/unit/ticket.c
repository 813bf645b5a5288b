/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/vault_help.h"
#include "idp/base/enc.h"
#include "idp/vault/ticket.h"

#define NOW 1000

static const enum ticket_kind kinds[] = {TICKET_PARTIAL, TICKET_SIGN_IN, TICKET_GRANT};

static const char *make(struct arena *arena, const struct secrets *secrets, enum ticket_kind kind)
{
	AUTO_JSON json_t *claims = json_object();
	json_put(claims, "citizen_id", "somchai");
	json_put_int(claims, "exp", NOW + 10);
	return ticket_make(arena, secrets, kind, claims);
}

static enum ticket_verdict verdict(
	const struct secrets *secrets, enum ticket_kind kind, int64_t now_s, const char *text)
{
	AUTO_JSON json_t *claims = NULL;
	const struct ticket_check check = {secrets, kind, now_s};
	const enum ticket_verdict found = ticket_open(&check, text, &claims);
	assert_int_equal(found == TICKET_FOREIGN, claims == NULL);
	if (claims != NULL)
		assert_string_equal(json_str(claims, "citizen_id"), "somchai");
	return found;
}

static void a_ticket_opens_as_what_it_was_made(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct secrets *secrets = help_secrets(1);
	for (size_t i = 0; i < COUNT(kinds); i++)
		for (size_t j = 0; j < COUNT(kinds); j++)
			assert_int_equal(
				verdict(secrets, kinds[j], NOW, make(arena, secrets, kinds[i])),
				i == j ? TICKET_GOOD : TICKET_FOREIGN);
	secrets_free(secrets);
	arena_free(arena);
}

static void a_ticket_ends(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct secrets *secrets = help_secrets(1);
	const char *ticket = make(arena, secrets, TICKET_GRANT);
	assert_int_equal(verdict(secrets, TICKET_GRANT, NOW + 9, ticket), TICKET_GOOD);
	assert_int_equal(verdict(secrets, TICKET_GRANT, NOW + 10, ticket), TICKET_EXPIRED);
	assert_int_equal(verdict(secrets, TICKET_GRANT, INT64_MAX, ticket), TICKET_EXPIRED);
	secrets_free(secrets);
	arena_free(arena);
}

static void a_ticket_without_an_end_has_ended(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct secrets *secrets = help_secrets(1);
	AUTO_JSON json_t *claims = json_object();
	json_put(claims, "citizen_id", "somchai");
	const char *ticket = ticket_make(arena, secrets, TICKET_GRANT, claims);
	assert_int_equal(verdict(secrets, TICKET_GRANT, NOW, ticket), TICKET_EXPIRED);
	secrets_free(secrets);
	arena_free(arena);
}

static void every_flipped_bit_cut_and_addition_is_refused(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct secrets *secrets = help_secrets(1);
	const char *ticket = make(arena, secrets, TICKET_SIGN_IN);
	const size_t len = strlen(ticket);
	for (size_t bit = 0; bit < len * 8; bit++) {
		char *bent = arena_strdup(arena, ticket);
		bent[bit / 8] = (char)((unsigned char)bent[bit / 8] ^ 1u << bit % 8);
		assert_int_equal(verdict(secrets, TICKET_SIGN_IN, NOW, bent), TICKET_FOREIGN);
	}
	for (size_t n = 0; n < len; n++)
		assert_int_equal(
			verdict(secrets, TICKET_SIGN_IN, NOW, arena_strndup(arena, ticket, n)),
			TICKET_FOREIGN);
	static const char *const behind[] = {"A", "=", ".", ".AAAA", " ", "\n"};
	for (size_t i = 0; i < COUNT(behind); i++)
		assert_int_equal(verdict(secrets, TICKET_SIGN_IN, NOW,
					 arena_printf(arena, "%s%s", ticket, behind[i])),
			TICKET_FOREIGN);
	secrets_free(secrets);
	arena_free(arena);
}

static void another_vaults_ticket_is_foreign(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct secrets *ours = help_secrets(1), *theirs = help_secrets(2);
	for (size_t i = 0; i < COUNT(kinds); i++)
		assert_int_equal(verdict(ours, kinds[i], NOW, make(arena, theirs, kinds[i])),
			TICKET_FOREIGN);
	secrets_free(ours);
	secrets_free(theirs);
	arena_free(arena);
}

static void what_is_no_ticket_is_foreign(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct secrets *secrets = help_secrets(1);
	static const char *const texts[] = {"", ".", "..", "a.b", "e30.AAAA",
		"e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_int_equal(verdict(secrets, TICKET_GRANT, NOW, texts[i]), TICKET_FOREIGN);
	/* A good MAC over what is no JSON object does not help either; nor over too much of it. */
	uint8_t mac[SHA256_LEN];
	crypto_hmac(secrets->grant, "AAAA", 4, mac);
	assert_int_equal(
		verdict(secrets, TICKET_GRANT, NOW,
			arena_printf(arena, "AAAA.%s", enc_b64url(arena, mac, sizeof(mac)))),
		TICKET_FOREIGN);
	char *large = arena_alloc(arena, TICKET_LEN_MAX + 1);
	memset(large, 'A', TICKET_LEN_MAX);
	crypto_hmac(secrets->grant, large, TICKET_LEN_MAX, mac);
	assert_int_equal(
		verdict(secrets, TICKET_GRANT, NOW,
			arena_printf(arena, "%s.%s", large, enc_b64url(arena, mac, sizeof(mac)))),
		TICKET_FOREIGN);
	secrets_free(secrets);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ticket_opens_as_what_it_was_made),
		cmocka_unit_test(a_ticket_ends),
		cmocka_unit_test(a_ticket_without_an_end_has_ended),
		cmocka_unit_test(every_flipped_bit_cut_and_addition_is_refused),
		cmocka_unit_test(another_vaults_ticket_is_foreign),
		cmocka_unit_test(what_is_no_ticket_is_foreign),
	};
	return cmocka_run_group_tests_name("vault/ticket", tests, NULL, NULL);
}
