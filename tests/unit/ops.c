/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/vault_help.h"
#include "idp/base/clock.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/vault/op_types.h"
#include "idp/vault/ops.h"
#include "idp/vault/ticket.h"

/* A vault whose database is away. */
static struct settings settings = {.issuer = "https://door.example",
	.access_token_ttl_s = 300,
	.id_token_ttl_s = 300,
	.session_absolute_s = 3600};
static struct vault vault;
static struct secrets *secrets;

static int64_t fixed_now(void *arg)
{
	(void)arg;
	return 1000;
}

static int open_vault(void **state)
{
	(void)state;
	secrets = help_secrets(1);
	vault = (struct vault){.settings = &settings,
		.clock = {fixed_now, NULL},
		.rng = rng_system(),
		.secrets = secrets,
		.cost = {8, 1}};
	vault.pool = pool_new("host=/nonexistent", "test", 2);
	const struct keyring_home home = {vault.pool, secrets, vault.rng};
	vault.keyring = keyring_new(&home);
	vault.hasher = hasher_new(1, 1);
	const struct password_peppered nobody = {{0}};
	return password_hash(&nobody, &vault.cost, vault.dummy_hash).err != ERR_NONE;
}

static int close_vault(void **state)
{
	(void)state;
	hasher_free(vault.hasher);
	keyring_free(vault.keyring);
	pool_free(vault.pool);
	secrets_free(secrets);
	return 0;
}

/* The outcome of a request, or NULL if it ended the connection. Static storage. */
static const char *outcome(enum op_caller caller, const char *text)
{
	static const char *const known[] = {
		"ok", "refused", "failed", "wait", "blocked", "expired"};
	AUTO_JSON json_t *request = NULL;
	AUTO_JSON json_t *reply = NULL;
	assert_ok(json_parse(text, strlen(text), &request, NULL));
	if (!ops_answer(&vault, caller, request, &reply)) {
		assert_null(reply);
		return NULL;
	}
	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eq(known[i], json_str(reply, "outcome")))
			return known[i];
	fail();
	return NULL;
}

static void what_no_row_allows_ends_the_connection(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"{}",
		"[]",
		"{\"op\":null}",
		"{\"op\":1}",
		"{\"op\":\"\"}",
		"{\"op\":\"Status\"}",
		"{\"op\":\"seal\"}",
		"{\"op\":\"status\",\"x\":1}",
		"{\"op\":\"status\",\"x\":null}",
		"{\"op\":\"jwks\",\"op2\":\"jwks\"}",
		"{\"op\":\"bind\"}",
		"{\"op\":\"bind\",\"ticket\":\"t\",\"client_id\":\"c\",\"scope\":\"s\"}",
		"{\"op\":\"bind\",\"ticket\":\"t\",\"client_id\":\"c\",\"scope\":\"s\",\"expires_"
		"at\":null}",
		"{\"op\":\"bind\",\"ticket\":\"t\",\"client_id\":\"c\",\"scope\":\"s\",\"expires_"
		"at\":1.5}",
		"{\"op\":\"bind\",\"ticket\":\"t\",\"client_id\":\"c\",\"scope\":\"s\",\"expires_"
		"at\":\"1\"}",
		"{\"op\":\"bind\",\"ticket\":[\"t\"],\"client_id\":\"c\",\"scope\":\"s\",\"expires_"
		"at\":1}",
		"{\"op\":\"sign\",\"grant_ticket\":\"t\",\"alg\":\"none\"}",
		"{\"op\":\"sign\",\"grant_ticket\":\"t\",\"alg\":\"HS256\"}",
		"{\"op\":\"sign\",\"grant_ticket\":\"t\",\"id_token\":[]}",
		"{\"op\":\"national_id\",\"grant_ticket\":null}",
	};
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_null(outcome(OP_WEB, bad[i]));
}

static void each_socket_has_its_own_operations(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *on_web, *on_admin;
	} rows[] = {
		{"{\"op\":\"status\"}", "ok", "ok"},
		{"{\"op\":\"jwks\"}", "failed", "failed"},
		{"{\"op\":\"national_id\",\"grant_ticket\":\"t\"}", "refused", NULL},
		{"{\"op\":\"bind\",\"ticket\":\"t\",\"client_id\":\"c\",\"scope\":\"s\",\"expires_"
		 "at\":1}",
			"refused", NULL},
		{"{\"op\":\"blind_index\",\"kind\":\"alias\",\"value\":\"x\"}", NULL, "refused"},
		{"{\"op\":\"blind_index\",\"kind\":\"alias\",\"value\":\"somchai\"}", NULL,
			"failed"},
		{"{\"op\":\"keys_rotate\",\"now\":true}", NULL, "failed"},
		{"{\"op\":\"keys_rotate\",\"now\":1}", NULL, NULL},
		{"{\"op\":\"prepare_citizen\",\"citizen_id\":\"01234567-89ab-4def-8123-"
		 "456789abcdef\"}",
			NULL, "failed"},
		{"{\"op\":\"prepare_citizen\",\"citizen_id\":\"01234567-89AB-4def-8123-"
		 "456789abcdef\"}",
			NULL, NULL},
		{"{\"op\":\"prepare_citizen\",\"citizen_id\":\"1\"}", NULL, NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *on_web = outcome(OP_WEB, rows[i].text);
		const char *on_admin = outcome(OP_ADMIN, rows[i].text);
		assert_true(str_eq(on_web, rows[i].on_web));
		assert_true(str_eq(on_admin, rows[i].on_admin));
	}
}

#define PASSWORD(context) \
	"{\"op\":\"password\",\"login\":\"somchai\",\"password\":\"correct horse\"," \
	"\"transaction\":\"t\",\"context\":" context "}"

static void the_context_is_checked_to_the_last_member(void **state)
{
	(void)state;
	static const char *const bad[] = {PASSWORD("null"), PASSWORD("[]"), PASSWORD("\"\""),
		PASSWORD("{\"x\":null}"), PASSWORD("{\"address\":1}"),
		PASSWORD("{\"device_hash\":\"AAAA\"}"), PASSWORD("{\"device_hash\":\"*\"}"),
		PASSWORD("{\"session_id\":\"1\"}"), PASSWORD("{\"user_agent\":[]}")};
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_null(outcome(OP_WEB, bad[i]));
	assert_string_equal(outcome(OP_WEB, PASSWORD("{}")), "failed");
	assert_string_equal(
		outcome(OP_WEB, PASSWORD("{\"address\":null,\"session_id\":null}")), "failed");
}

static void the_context_keeps_what_the_record_can_hold(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct op_context context = {0};
	char agent[2 * OP_TYPES_AGENT_MAX + 2] = "x";
	for (size_t i = 0; i < OP_TYPES_AGENT_MAX / 2 + 10; i++)
		strcat(agent, "\u00e9");
	AUTO_JSON json_t *value = json_object();
	json_put(value, "address", "no address");
	json_put(value, "user_agent", agent);
	json_put(value, "device_hash", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	assert_true(op_types_context(arena, value, &context));
	assert_null(context.address);
	assert_int_equal(context.device_hash.len, SHA256_LEN);
	assert_in_range(strlen(context.user_agent), OP_TYPES_AGENT_MAX - 1, OP_TYPES_AGENT_MAX);
	assert_true(str_utf8_valid(context.user_agent, strlen(context.user_agent)));
	json_put(value, "address", "2001:db8::1");
	assert_true(op_types_context(arena, value, &context));
	assert_string_equal(context.address, "2001:db8::1");
	char name[OP_TYPES_NAME_MAX + 2];
	memset(name, 'n', sizeof(name));
	name[OP_TYPES_NAME_MAX] = '\0';
	json_put(value, "client_id", name);
	assert_true(op_types_context(arena, value, &context));
	name[OP_TYPES_NAME_MAX] = 'n';
	name[OP_TYPES_NAME_MAX + 1] = '\0';
	json_put(value, "client_id", name);
	assert_false(op_types_context(arena, value, &context));
	arena_free(arena);
}

static void with_the_database_away_the_answer_is_failed(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_string_equal(outcome(OP_WEB, PASSWORD("{}")), "failed");
	/* The place in the hasher was given back each time. */
	assert_int_equal(hasher_figures(vault.hasher).within, 0);
	assert_string_equal(
		outcome(OP_WEB, "{\"op\":\"totp\",\"partial\":\"p\",\"transaction\":\"t\","
				"\"code\":\"123456\",\"context\":{}}"),
		"failed");
}

static void a_full_house_is_a_failure_before_anything_is_counted(void **state)
{
	(void)state;
	assert_true(hasher_enter(vault.hasher));
	assert_string_equal(outcome(OP_WEB, PASSWORD("{}")), "failed");
	assert_int_equal(hasher_figures(vault.hasher).within, 1);
	hasher_leave(vault.hasher);
}

static const char *signing(const char *rest)
{
	AUTO_JSON json_t *claims = json_object();
	json_put(claims, "sub", "s");
	json_put(claims, "client_id", "c");
	json_put(claims, "grant_id", "g");
	json_put_new(claims, "amr", json_array());
	json_put(claims, "scope", "openid profile");
	json_put_int(claims, "exp", 1001);
	struct arena *arena = arena_new();
	const char *text = arena_printf(arena, "{\"op\":\"sign\",\"grant_ticket\":\"%s\"%s}",
		ticket_make(arena, secrets, TICKET_GRANT, claims), rest);
	const char *found = outcome(OP_WEB, text);
	arena_free(arena);
	return found;
}

/* Well asked, it fails only for want of a key; the rest is refused before one is looked for. */
static void reserved_claims_and_wider_scopes_are_not_signed(void **state)
{
	(void)state;
	static const char *const id_token[] = {"iss", "sub", "aud", "exp", "nbf", "iat",
		"auth_time", "acr", "amr", "azp", "at_hash", "c_hash", "sid"};
	static const char *const access_token[] = {"iss", "sub", "aud", "client_id", "exp", "nbf",
		"iat", "jti", "auth_time", "acr", "amr", "grant_id"};
	char rest[200];
	assert_string_equal(signing(",\"alg\":\"ES256\",\"id_token\":{\"nonce\":\"n\"}"), "failed");
	assert_string_equal(signing(",\"access_token_alg\":\"ES256\",\"access_token\":"
				    "{\"scope\":\"openid\"}"),
		"failed");
	for (size_t i = 0; i < COUNT(id_token); i++) {
		(void)snprintf(rest, sizeof(rest), ",\"alg\":\"ES256\",\"id_token\":{\"%s\":null}",
			id_token[i]);
		assert_string_equal(signing(rest), "refused");
	}
	for (size_t i = 0; i < COUNT(access_token); i++) {
		(void)snprintf(rest, sizeof(rest),
			",\"access_token_alg\":\"ES256\",\"access_token\":{\"%s\":\"x\"}",
			access_token[i]);
		assert_string_equal(signing(rest), "refused");
	}
	static const char *const bad[] = {
		"",
		",\"alg\":\"ES256\"",
		",\"id_token\":{}",
		",\"alg\":\"ES256\",\"access_token\":{}",
		",\"access_token_alg\":\"ES256\",\"access_token\":{\"scope\":\"openid email\"}",
		",\"access_token_alg\":\"ES256\",\"access_token\":{\"scope\":\"offline_access\"}",
		",\"access_token_alg\":\"ES256\",\"access_token\":{\"scope\":[\"openid\"]}",
	};
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_string_equal(signing(bad[i]), "refused");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_row_allows_ends_the_connection),
		cmocka_unit_test(each_socket_has_its_own_operations),
		cmocka_unit_test(the_context_is_checked_to_the_last_member),
		cmocka_unit_test(the_context_keeps_what_the_record_can_hold),
		cmocka_unit_test(with_the_database_away_the_answer_is_failed),
		cmocka_unit_test(a_full_house_is_a_failure_before_anything_is_counted),
		cmocka_unit_test(reserved_claims_and_wider_scopes_are_not_signed),
	};
	log_open("test", LOG_LEVEL_NONE);
	if (password_init().err != ERR_NONE)
		return 1;
	return cmocka_run_group_tests_name("vault/ops", tests, open_vault, close_vault);
}
