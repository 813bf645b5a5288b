/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing and opening: whose it is, how old it may be, by which key, and how long. */
#include "tests/unit/web_help.h"
#include "idp/base/enc.h"
#include "idp/web/device.h"
#include "idp/web/seal_keys.h"
#include "idp/web/transaction.h"

static const char MINE[] = "__Host-device=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP_";
static const char OTHERS[] = "__Host-device=Zbcdefghijklmnopqrstuvwxyzabcdefghijklmnop_";
static const char RENEWED[] = "__Host-device=Zbcdefghijklmnopqrstuvwxyzabcdefghijklmnop_; "
			      "__Host-device-was=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP_";

static void hold_keys(struct help *help, int64_t first_epoch, size_t n)
{
	struct seal_key items[SEAL_KEYS_MAX] = {0};
	for (size_t i = 0; i < n; i++)
		items[i] = (struct seal_key){
			first_epoch + (int64_t)i, {(uint8_t)(first_epoch + (int64_t)i), 7}};
	seal_keys_set(help->web.seal_keys, items, n);
}

static void begin(struct help *help)
{
	help_open(help);
	help->web.seal_keys = seal_keys_new();
	hold_keys(help, seal_epoch(HELP_NOW_S) - 1, 3);
	help_header(help, "Cookie", MINE);
}

static void end(struct help *help)
{
	seal_keys_free(help->web.seal_keys);
	help_close(help);
}

/* Another request of a browser with these cookies, so many seconds later. */
static void later(struct help *help, const char *cookies, int64_t seconds)
{
	help->headers[0].value = cookies;
	help->web.device = NULL;
	help->ctx.now_s = HELP_NOW_S + seconds;
	help->ctx.now_ms = help->ctx.now_s * 1000;
}

static struct transaction made(struct help *help)
{
	AUTO_JSON json_t *request = json_pack("{s:s}", "client_id", "tax");
	struct transaction transaction = transaction_new(&help->ctx, request);
	json_put(transaction.stage, "partial", "p");
	return transaction;
}

static const char *sealed(struct help *help)
{
	struct transaction transaction = made(help);
	const char *text = NULL;
	assert_ok(transaction_seal(&help->ctx, &transaction, TRANSACTION_BEGIN_MAX, &text));
	transaction_close(&transaction);
	return text;
}

static enum transaction_state state_of(struct help *help, const char *text)
{
	struct transaction out = {0};
	enum transaction_state state = TRANSACTION_LIVE;
	assert_ok(transaction_open(&help->ctx, text, &out, &state));
	if (state == TRANSACTION_UNKNOWN)
		assert_null(out.request);
	transaction_close(&out);
	return state;
}

static void what_was_sealed_is_opened(void **state)
{
	struct help help;
	enum transaction_state is = TRANSACTION_UNKNOWN;
	struct transaction out = {0};
	(void)state;
	begin(&help);
	const char *text = sealed(&help);
	assert_null(strstr(text, "tax"));
	later(&help, MINE, 1);
	assert_ok(transaction_open(&help.ctx, text, &out, &is));
	assert_int_equal(is, TRANSACTION_LIVE);
	assert_string_equal(json_str(out.request, "client_id"), "tax");
	assert_string_equal(json_str(out.stage, "partial"), "p");
	assert_int_equal(out.began_ms, HELP_NOW_S * INT64_C(1000));
	assert_true(str_is_uuid(out.id));
	transaction_close(&out);
	assert_string_not_equal(sealed(&help), text);
	end(&help);
}

/* Another browser's, or one that is only almost ours, is nobody's. */
static void it_belongs_to_one_browser(void **state)
{
	struct help help;
	(void)state;
	begin(&help);
	const char *text = sealed(&help);
	later(&help, OTHERS, 0);
	assert_int_equal(state_of(&help, text), TRANSACTION_UNKNOWN);
	later(&help, "", 0);
	assert_int_equal(state_of(&help, text), TRANSACTION_UNKNOWN);
	later(&help, RENEWED, 0);
	assert_int_equal(state_of(&help, text), TRANSACTION_LIVE);
	later(&help, MINE, 0);
	assert_int_equal(state_of(&help, text), TRANSACTION_LIVE);
	end(&help);
}

static void each_byte_counts(void **state)
{
	struct help help;
	uint8_t *bytes = NULL;
	size_t len = 0;
	(void)state;
	begin(&help);
	const char *text = sealed(&help);
	assert_ok(enc_b64url_decode(help.ctx.arena, text, &bytes, &len));
	for (size_t i = 0; i < len; i++) {
		bytes[i] ^= 1;
		const char *bent = enc_b64url(help.ctx.arena, bytes, len);
		/* Of a neighbouring epoch's number, or of a far one's. */
		assert_int_equal(state_of(&help, bent), TRANSACTION_UNKNOWN);
		bytes[i] ^= 1;
		const char *cut = enc_b64url(help.ctx.arena, bytes, i);
		assert_int_equal(state_of(&help, cut), TRANSACTION_UNKNOWN);
	}
	assert_int_equal(state_of(&help, NULL), TRANSACTION_UNKNOWN);
	assert_int_equal(state_of(&help, "!"), TRANSACTION_UNKNOWN);
	end(&help);
}

static void it_grows_too_old_and_can_still_be_read(void **state)
{
	struct help help;
	(void)state;
	begin(&help);
	const char *text = sealed(&help);
	later(&help, MINE, 899);
	assert_int_equal(state_of(&help, text), TRANSACTION_LIVE);
	later(&help, MINE, 900);
	assert_int_equal(state_of(&help, text), TRANSACTION_EXPIRED);
	later(&help, MINE, SEAL_EPOCH_S);
	assert_int_equal(state_of(&help, text), TRANSACTION_EXPIRED);
	hold_keys(&help, seal_epoch(HELP_NOW_S) + 1, 3);
	later(&help, MINE, 2 * SEAL_EPOCH_S);
	assert_int_equal(state_of(&help, text), TRANSACTION_UNKNOWN);
	end(&help);
}

/* Unknown means deny: without the key of the day nobody can tell whose it is. */
static void without_a_key_it_is_a_failure(void **state)
{
	struct help help;
	struct transaction out = {0}, transaction;
	enum transaction_state is = TRANSACTION_LIVE;
	const char *again = NULL;
	(void)state;
	begin(&help);
	const char *text = sealed(&help);
	transaction = made(&help);
	seal_keys_set(help.web.seal_keys, NULL, 0);
	assert_int_equal(transaction_open(&help.ctx, text, &out, &is).err, ERR_VAULT);
	assert_int_equal(is, TRANSACTION_UNKNOWN);
	assert_int_equal(
		transaction_seal(&help.ctx, &transaction, TRANSACTION_MAX, &again).err, ERR_VAULT);
	transaction_close(&transaction);
	end(&help);
}

/* A request's head holds an address with one of them, cookies and what browsers add. */
static void the_longest_request_fits_and_a_longer_one_is_refused(void **state)
{
	struct help help;
	char text[1025] = {0};
	const char *out = NULL;
	(void)state;
	begin(&help);
	memset(text, 'x', 1024);
	struct transaction transaction = made(&help);
	json_put(transaction.request, "state", text);
	json_put(transaction.request, "nonce", text);
	json_put(transaction.request, "login_hint", text);
	json_put(transaction.request, "claims", text);
	assert_ok(transaction_seal(&help.ctx, &transaction, TRANSACTION_BEGIN_MAX, &out));
	assert_true(strlen(out) <= TRANSACTION_BEGIN_MAX);
	assert_true(TRANSACTION_MAX + 4096 < HTTP_HEADER_MAX);
	json_put(transaction.request, "more",
		arena_printf(help.ctx.arena, "%s%s%s", text, text, text));
	assert_int_equal(transaction_seal(&help.ctx, &transaction, TRANSACTION_BEGIN_MAX, &out).err,
		ERR_BOUNDS);
	transaction_close(&transaction);
	end(&help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_is_opened),
		cmocka_unit_test(it_belongs_to_one_browser),
		cmocka_unit_test(each_byte_counts),
		cmocka_unit_test(it_grows_too_old_and_can_still_be_read),
		cmocka_unit_test(without_a_key_it_is_a_failure),
		cmocka_unit_test(the_longest_request_fits_and_a_longer_one_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
