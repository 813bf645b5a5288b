/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/vault_help.h"
#include "tests/unit/vault_wire.h"
#include "idp/base/clock.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/seal_epoch.h"
#include "idp/vault/ops.h"
#include "idp/vault/ticket.h"

/* A vault whose database is away. */
static struct settings settings = {.issuer = "https://idp.example",
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
	const struct keyring_home home = {vault.pool, secrets, vault.rng, 0};
	vault.keyring = keyring_new(&home);
	vault.hasher = hasher_new(1, 1, 1);
	vault.tally = tally_new();
	vault.subs = subs_new();
	vault.factors = &factor_table;
	const struct password_peppered nobody = {{0}};
	return password_hash(&nobody, &vault.cost, vault.dummy_hash).err != ERR_NONE;
}

static int close_vault(void **state)
{
	(void)state;
	hasher_free(vault.hasher);
	keyring_free(vault.keyring);
	pool_free(vault.pool);
	tally_free(vault.tally);
	subs_free(vault.subs);
	secrets_free(secrets);
	return 0;
}

#define UUID "01234567-89ab-4def-8123-456789abcdef"
#define ENDED (-1) /* the connection */

/* How one frame was answered: an enum vault_outcome, or ENDED. For sign, of its first job. */
static int answered(enum vault_socket caller, const struct vault_frame *request)
{
	struct vault_frame reply = {0};
	struct vault_codec_head head;
	int outcome = ENDED;
	if (ops_answer(&vault, caller, request, &reply)) {
		assert_ok(vault_codec_head(request, &head));
		const struct vault_op *const op = &vault_table[head.number];
		struct arena *const arena = arena_new();
		void *const out = arena_alloc(arena, op->out.size);
		assert_ok(vault_codec_get_reply(op, &reply, arena, out));
		outcome = *(const int *)out;
		if (head.number == VAULT_OP_SIGN && outcome == VAULT_OK)
			outcome = (int)((struct vault_sign_out *)out)->results.items[0].outcome;
		arena_free(arena);
	}
	vault_frame_free(&reply);
	return outcome;
}

static int ask(enum vault_socket caller, enum vault_op_number number, const void *in)
{
	struct vault_frame request = {0};
	assert_ok(vault_codec_put_request(&vault_table[number], in, &request));
	const int outcome = answered(caller, &request);
	vault_frame_free(&request);
	return outcome;
}

static int ask_bytes(enum vault_socket caller, const void *body, size_t len)
{
	struct vault_frame request = wire_frame(body, len);
	const int outcome = answered(caller, &request);
	vault_frame_free(&request);
	return outcome;
}

/* The head of a request of that number and fingerprint, with bytes of members behind it. */
static int ask_head(uint32_t fingerprint, unsigned number, const char *bytes, size_t len)
{
	uint8_t body[64] = {(uint8_t)(fingerprint >> 24), (uint8_t)(fingerprint >> 16 & 0xff),
		(uint8_t)(fingerprint >> 8 & 0xff), (uint8_t)(fingerprint & 0xff),
		(uint8_t)(number >> 8), (uint8_t)(number & 0xff)};
	memcpy(body + 6, bytes, len);
	return ask_bytes(VAULT_WEB_SOCKET, body, 6 + len);
}

static void what_no_row_allows_ends_the_connection(void **state)
{
	(void)state;
	const uint32_t ours = VAULT_TABLE_FINGERPRINT;
	assert_int_equal(ask_head(ours, VAULT_OP_STATUS, "", 0), VAULT_OK);
	assert_int_equal(ask_head(ours ^ 1, VAULT_OP_STATUS, "", 0), ENDED);
	assert_int_equal(ask_head(0, VAULT_OP_STATUS, "", 0), ENDED);
	assert_int_equal(ask_head(ours, VAULT_OP_STATUS, "\0", 1), ENDED);
	assert_int_equal(ask_head(ours, VAULT_OPS_N, "", 0), ENDED);
	assert_int_equal(ask_head(ours, 0xffff, "", 0), ENDED);
	assert_int_equal(ask_bytes(VAULT_WEB_SOCKET, "\0\0\0\0\0", 5), ENDED);
	assert_int_equal(ask_bytes(VAULT_WEB_SOCKET, "{\"op\":\"status\"}", 15), ENDED);
	assert_int_equal(ask_head(ours, VAULT_OP_NATIONAL_ID, "\0\0\0\1t\0", 6), VAULT_REFUSED);
	assert_int_equal(ask_head(ours, VAULT_OP_NATIONAL_ID, "\0\0\0\1t\0\0", 7), ENDED);
	assert_int_equal(ask_head(ours, VAULT_OP_NATIONAL_ID, "\0\0\0\1t", 5), ENDED);
	assert_int_equal(ask_head(ours, VAULT_OP_NATIONAL_ID, "\0\0\0\1\xff\0", 6), ENDED);
	assert_int_equal(ask_head(ours, VAULT_OP_NATIONAL_ID, "", 0), ENDED);
	assert_int_equal(ask_head(ours, VAULT_OP_SIGN, "\0\0\0\x41", 4), ENDED);
}

static void each_socket_has_its_own_operations(void **state)
{
	(void)state;
	const struct vault_jwks_in nothing = {0};
	const struct vault_national_id_in national_id = {"t"};
	struct vault_bind_jobs_item job = {"t", "c", 1, "s", UUID, 1};
	const struct vault_bind_in bind = {.jobs = {&job, 1}};
	const struct vault_blind_index_in none = {"alias", "x"}, index = {"alias", "somchai"};
	const struct vault_keys_rotate_in rotate = {.now = true};
	const struct vault_prepare_citizen_in prepare = {.citizen_id = UUID};
	const struct {
		enum vault_op_number number;
		const void *in;
		int on_web, on_admin;
	} rows[] = {
		{VAULT_OP_STATUS, NULL, VAULT_OK, VAULT_OK},
		{VAULT_OP_JWKS, &nothing, VAULT_FAILED, VAULT_FAILED},
		{VAULT_OP_NATIONAL_ID, &national_id, VAULT_REFUSED, ENDED},
		{VAULT_OP_BIND, &bind, VAULT_OK, ENDED},
		{VAULT_OP_BLIND_INDEX, &none, ENDED, VAULT_REFUSED},
		{VAULT_OP_BLIND_INDEX, &index, ENDED, VAULT_FAILED},
		{VAULT_OP_KEYS_ROTATE, &rotate, ENDED, VAULT_FAILED},
		{VAULT_OP_PREPARE_CITIZEN, &prepare, ENDED, VAULT_FAILED},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(ask(VAULT_WEB_SOCKET, rows[i].number, rows[i].in), rows[i].on_web);
		assert_int_equal(
			ask(VAULT_ADMIN_SOCKET, rows[i].number, rows[i].in), rows[i].on_admin);
	}
}

static int password(const struct vault_call_context context)
{
	const struct vault_password_in in = {"somchai", "correct horse", "t", context};
	return ask(VAULT_WEB_SOCKET, VAULT_OP_PASSWORD, &in);
}

/* What the web role knows of a connection may be no IP address: the audit log has none then. */
static void an_address_that_is_none_is_left_out(void **state)
{
	(void)state;
	const struct {
		const char *text, *kept;
	} rows[] = {{"no address", NULL}, {"", NULL}, {"192.0.2.1", "192.0.2.1"},
		{"2001:db8::1", "2001:db8::1"}, {NULL, NULL}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct vault_password_in in = {.context = {.address = rows[i].text}};
		assert_true(str_eq(
			ops_context(&vault_table[VAULT_OP_PASSWORD], &in).address, rows[i].kept));
	}
	assert_null(ops_context(&vault_table[VAULT_OP_STATUS], NULL).address);
}

static int factor(int64_t exp, const char *transaction)
{
	struct arena *const arena = arena_new();
	AUTO_JSON json_t *claims = json_object();
	json_put(claims, "subject_id", UUID);
	json_put(claims, "authentication_id", UUID);
	json_put(claims, "transaction", "t");
	json_put_int(claims, "exp", exp);
	const struct vault_factor_in in = {
		.partial = ticket_make(arena, secrets, TICKET_PARTIAL, claims),
		.transaction = transaction,
		.code = "123456"};
	const int outcome = ask(VAULT_WEB_SOCKET, VAULT_OP_FACTOR, &in);
	arena_free(arena);
	return outcome;
}

static void with_the_database_away_the_answer_is_failed(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(password((struct vault_call_context){0}), VAULT_FAILED);
	/* The place in the hasher was given back each time. */
	assert_int_equal(hasher_figures(vault.hasher).within, 0);
	assert_int_equal(factor(1001, "t"), VAULT_FAILED);
}

/* What proves nothing asks no database: it is counted. */
static void a_partial_ticket_that_is_not_ours_or_too_old_is_counted(void **state)
{
	(void)state;
	struct arena *const arena = arena_new();
	const struct vault_factor_in in = {.partial = "p", .transaction = "t", .code = "123456"};
	(void)tally_take(vault.tally, arena);
	assert_int_equal(ask(VAULT_WEB_SOCKET, VAULT_OP_FACTOR, &in), VAULT_EXPIRED);
	assert_int_equal(factor(1001, "another transaction"), VAULT_EXPIRED);
	assert_int_equal(factor(1, "t"), VAULT_EXPIRED);
	const struct tally_counts counts = tally_take(vault.tally, arena);
	assert_int_equal(counts.n, 2);
	for (size_t i = 0; i < 2; i++) {
		const bool old = str_eq(counts.items[i].key.reason, "partial_expired");
		assert_string_equal(counts.items[i].key.kind, "factor");
		assert_string_equal(
			counts.items[i].key.reason, old ? "partial_expired" : "partial_foreign");
		assert_int_equal(counts.items[i].n, old ? 1 : 2);
	}
	arena_free(arena);
}

static void a_full_hasher_is_a_failure_before_anything_is_counted(void **state)
{
	(void)state;
	assert_true(hasher_enter(vault.hasher, 1));
	assert_int_equal(password((struct vault_call_context){0}), VAULT_FAILED);
	assert_int_equal(hasher_figures(vault.hasher).within, 1);
	hasher_leave(vault.hasher, 1);
}

static const char *grant(struct arena *arena)
{
	AUTO_JSON json_t *claims = json_object();
	json_put(claims, "sub", "s");
	json_put(claims, "client_id", "c");
	json_put(claims, "grant_id", "g");
	json_put_new(claims, "amr", json_array());
	json_put(claims, "scope", "openid profile");
	json_put_int(claims, "exp", 1001);
	return ticket_make(arena, secrets, TICKET_GRANT, claims);
}

/* NULL claims: that token is not asked for. */
static int sign(const char *id_token, const char *access_token)
{
	struct arena *arena = arena_new();
	const struct vault_sign_jobs_item job = {.grant_ticket = grant(arena),
		.has_alg = true,
		.id_token = id_token,
		.has_access_token_alg = true,
		.access_token = access_token,
		.jti = "00000000-0000-4000-8000-000000000000"};
	const struct vault_sign_in in = {.jobs = {&job, 1}};
	const int found = ask(VAULT_WEB_SOCKET, VAULT_OP_SIGN, &in);
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
	static const char *const bad[] = {"{\"scope\":\"openid email\"}",
		"{\"scope\":\"offline_access\"}", "{\"scope\":[\"openid\"]}", "[]", "{", "",
		"{\"scope\":\"openid\",\"scope\":\"openid\"}"};
	char claims[64];
	assert_int_equal(sign("{\"nonce\":\"n\"}", NULL), VAULT_FAILED);
	assert_int_equal(sign(NULL, "{\"scope\":\"openid\"}"), VAULT_FAILED);
	assert_int_equal(sign(NULL, NULL), VAULT_REFUSED);
	for (size_t i = 0; i < COUNT(id_token); i++) {
		(void)snprintf(claims, sizeof claims, "{\"%s\":null}", id_token[i]);
		assert_int_equal(sign(claims, NULL), VAULT_REFUSED);
	}
	for (size_t i = 0; i < COUNT(access_token); i++) {
		(void)snprintf(claims, sizeof claims, "{\"%s\":\"x\"}", access_token[i]);
		assert_int_equal(sign(NULL, claims), VAULT_REFUSED);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(sign(NULL, bad[i]), VAULT_REFUSED);
}

static void a_token_without_its_algorithm_is_not_signed(void **state)
{
	struct arena *arena = arena_new();
	const char *ticket = grant(arena);
	const struct vault_sign_jobs_item jobs[] = {
		{.grant_ticket = ticket, .id_token = "{}", .has_access_token_alg = true},
		{.grant_ticket = ticket, .access_token = "{}", .has_alg = true}};
	(void)state;
	for (size_t i = 0; i < COUNT(jobs); i++) {
		const struct vault_sign_in in = {.jobs = {&jobs[i], 1}};
		assert_int_equal(ask(VAULT_WEB_SOCKET, VAULT_OP_SIGN, &in), VAULT_REFUSED);
	}
	arena_free(arena);
}

/* One outcome for each job, in order; one that fails takes none with it. */
static void jobs_end_each_for_itself(void **state)
{
	struct arena *arena = arena_new();
	const struct vault_sign_jobs_item jobs[] = {{.grant_ticket = "foreign", .id_token = "{}"},
		{.grant_ticket = grant(arena), .has_alg = true, .id_token = "{}"},
		{.grant_ticket = grant(arena)}};
	const struct vault_sign_in in = {.jobs = {jobs, COUNT(jobs)}};
	struct vault_sign_out out = {0};
	struct op_call call = {.vault = &vault, .arena = arena, .now_s = 1000};
	(void)state;
	assert_ok(op_sign(&call, &in, &out));
	assert_int_equal(out.results.n, 3);
	assert_int_equal(out.results.items[0].outcome, VAULT_REFUSED);
	assert_int_equal(out.results.items[1].outcome, VAULT_FAILED);
	assert_int_equal(out.results.items[2].outcome, VAULT_REFUSED);
	arena_free(arena);
}

static struct vault_seal_keys_out seal_keys(struct arena *arena, int64_t now_s)
{
	struct vault_seal_keys_out out = {0};
	struct op_call call = {.vault = &vault, .arena = arena, .now_s = now_s};
	assert_ok(op_seal_keys(&call, &out));
	assert_int_equal(out.outcome, VAULT_OK);
	assert_int_equal(out.keys.n, 3);
	return out;
}

/* A transaction of an hour that can begin anew for an hour after it is opened by one of two keys.
 */
static void a_key_of_an_epoch_stays_until_its_transactions_are_of_no_use(void **state)
{
	struct arena *arena = arena_new();
	const struct vault_seal_keys_out now = seal_keys(arena, 10 * SEAL_EPOCH_S),
					 later = seal_keys(arena, 11 * SEAL_EPOCH_S - 1),
					 next = seal_keys(arena, 11 * SEAL_EPOCH_S);
	(void)state;
	assert_true(SEAL_EPOCH_S >= 3600 + 3600);
	for (size_t i = 0; i < 3; i++) {
		const struct vault_seal_keys_keys_item *item = &now.keys.items[i];
		assert_int_equal(item->epoch, 9 + (int64_t)i);
		assert_int_equal(item->key.len, KEY_LEN);
		assert_memory_equal(item->key.data, later.keys.items[i].key.data, KEY_LEN);
		assert_memory_not_equal(item->key.data, secrets->transaction, KEY_LEN);
		if (i > 0)
			assert_memory_equal(
				item->key.data, next.keys.items[i - 1].key.data, KEY_LEN);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(
				item->key.data, now.keys.items[j].key.data, KEY_LEN);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_row_allows_ends_the_connection),
		cmocka_unit_test(each_socket_has_its_own_operations),
		cmocka_unit_test(an_address_that_is_none_is_left_out),
		cmocka_unit_test(with_the_database_away_the_answer_is_failed),
		cmocka_unit_test(a_partial_ticket_that_is_not_ours_or_too_old_is_counted),
		cmocka_unit_test(a_full_hasher_is_a_failure_before_anything_is_counted),
		cmocka_unit_test(reserved_claims_and_wider_scopes_are_not_signed),
		cmocka_unit_test(a_token_without_its_algorithm_is_not_signed),
		cmocka_unit_test(jobs_end_each_for_itself),
		cmocka_unit_test(a_key_of_an_epoch_stays_until_its_transactions_are_of_no_use),
	};
	log_open("test", LOG_LEVEL_NONE);
	if (password_init().err != ERR_NONE)
		return 1;
	return cmocka_run_group_tests_name("vault/ops", tests, open_vault, close_vault);
}
