/* SPDX-License-Identifier: Apache-2.0 */
/* The codec of the vault's operations: there and back, every bound, every hostile frame. */
#define _GNU_SOURCE /* memmem */
#include "tests/unit/unit.h"
#include "tests/unit/vault_wire.h"

#define UUID "01234567-89ab-4def-8123-456789abcdef"

static struct arena *arena;
static struct vault_frame frame;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vault_frame_free(&frame);
	arena_free(arena);
	return 0;
}

static const struct vault_op *op_of(enum vault_op_number number)
{
	return &vault_table[number];
}

static struct vault_password_in password_in(void)
{
	static const uint8_t device[SHA256_LEN] = {7};
	return (struct vault_password_in){.login = "somchai",
		.password = "\xe0\xb8\x81 correct horse",
		.transaction = "AAAA",
		.context = {.address = "192.0.2.1",
			.device_hash = {device, sizeof device},
			.client_id = "agency",
			.session_id = UUID}};
}

static void a_request_comes_back_as_it_was(void **state)
{
	const struct vault_password_in in = password_in();
	struct vault_password_in back = {0};
	struct vault_codec_head head;
	(void)state;
	assert_ok(vault_codec_put_request(op_of(VAULT_OP_PASSWORD), &in, &frame));
	assert_ok(vault_codec_head(&frame, &head));
	assert_int_equal(head.fingerprint, VAULT_TABLE_FINGERPRINT);
	assert_int_equal(head.number, VAULT_OP_PASSWORD);
	assert_ok(vault_codec_get_request(op_of(VAULT_OP_PASSWORD), &frame, arena, &back));
	assert_string_equal(back.login, in.login);
	assert_string_equal(back.password, in.password);
	assert_string_equal(back.transaction, in.transaction);
	assert_string_equal(back.context.address, in.context.address);
	assert_null(back.context.user_agent);
	assert_memory_equal(back.context.device_hash.data, in.context.device_hash.data, SHA256_LEN);
	assert_int_equal(back.context.device_hash.len, SHA256_LEN);
	assert_null(back.context.correlation_id);
	assert_string_equal(back.context.client_id, "agency");
	assert_string_equal(back.context.session_id, UUID);
}

static void a_list_comes_back_as_it_was(void **state)
{
	const struct vault_sign_jobs_item jobs[] = {
		{.grant_ticket = "one", .has_alg = true, .alg = JOSE_PS256, .id_token = "{}"},
		{.grant_ticket = "two",
			.has_access_token_alg = true,
			.access_token_alg = JOSE_RS256,
			.access_token = "{\"scope\":\"openid\"}"}};
	const struct vault_sign_in in = {.jobs = {jobs, COUNT(jobs)}};
	struct vault_sign_in back = {0};
	(void)state;
	assert_ok(vault_codec_put_request(op_of(VAULT_OP_SIGN), &in, &frame));
	assert_ok(vault_codec_get_request(op_of(VAULT_OP_SIGN), &frame, arena, &back));
	assert_int_equal(back.jobs.n, 2);
	assert_string_equal(back.jobs.items[0].grant_ticket, "one");
	assert_true(back.jobs.items[0].has_alg && back.jobs.items[0].alg == JOSE_PS256);
	assert_string_equal(back.jobs.items[0].id_token, "{}");
	assert_null(back.jobs.items[0].access_token);
	assert_false(back.jobs.items[0].has_access_token_alg);
	assert_string_equal(back.jobs.items[1].grant_ticket, "two");
	assert_false(back.jobs.items[1].has_alg);
	assert_int_equal(back.jobs.items[1].access_token_alg, JOSE_RS256);
	assert_string_equal(back.jobs.items[1].access_token, jobs[1].access_token);
}

static void a_reply_has_the_members_of_its_outcome(void **state)
{
	const char *amr[] = {"pwd", "otp"};
	const struct vault_factor_out factor = {.outcome = VAULT_OK,
		.ticket = "t",
		.authentication_id = UUID,
		.subject_id = UUID,
		.actor_id = UUID,
		.acr = "a",
		.amr = {amr, 2},
		.auth_time = -1};
	const struct vault_password_out wait = {
		.outcome = VAULT_WAIT, .partial = "not sent", .wait_s = 7};
	struct vault_factor_out factor_back = {0};
	struct vault_password_out wait_back = {0};
	(void)state;
	assert_ok(vault_codec_put_reply(op_of(VAULT_OP_FACTOR), &factor, &frame));
	assert_ok(vault_codec_get_reply(op_of(VAULT_OP_FACTOR), &frame, arena, &factor_back));
	assert_int_equal(factor_back.outcome, VAULT_OK);
	assert_int_equal(factor_back.amr.n, 2);
	assert_string_equal(factor_back.amr.items[1], "otp");
	assert_int_equal(factor_back.auth_time, -1);
	assert_ok(vault_codec_put_reply(op_of(VAULT_OP_PASSWORD), &wait, &frame));
	assert_ok(vault_codec_get_reply(op_of(VAULT_OP_PASSWORD), &frame, arena, &wait_back));
	assert_int_equal(wait_back.outcome, VAULT_WAIT);
	assert_int_equal(wait_back.wait_s, 7);
	assert_null(wait_back.partial);
}

/* A reply of VAULT_OK has all that is not marked null: the caller need not ask again. */
static void a_reply_without_a_member_is_not_sent(void **state)
{
	const struct vault_national_id_out out = {.outcome = VAULT_OK};
	const struct vault_national_id_out refused = {.outcome = VAULT_REFUSED};
	(void)state;
	assert_err(vault_codec_put_reply(op_of(VAULT_OP_NATIONAL_ID), &out, &frame), ERR_FORMAT);
	assert_ok(vault_codec_put_reply(op_of(VAULT_OP_NATIONAL_ID), &refused, &frame));
	assert_int_equal(wire_len(&frame), 1);
}

static void what_is_beyond_its_bound_is_not_sent(void **state)
{
	char text[1026];
	struct vault_password_in in = password_in();
	const struct vault_sign_in jobs = {.jobs = {NULL, 65}};
	(void)state;
	memset(text, 'a', sizeof text);
	text[1024] = '\0';
	in.login = text;
	assert_ok(vault_codec_put_request(op_of(VAULT_OP_PASSWORD), &in, &frame));
	text[1024] = 'a';
	text[1025] = '\0';
	assert_err(vault_codec_put_request(op_of(VAULT_OP_PASSWORD), &in, &frame), ERR_BOUNDS);
	assert_err(vault_codec_put_request(op_of(VAULT_OP_SIGN), &jobs, &frame), ERR_BOUNDS);
	in = password_in();
	in.login = "\xff";
	assert_err(vault_codec_put_request(op_of(VAULT_OP_PASSWORD), &in, &frame), ERR_FORMAT);
	in = password_in();
	in.context.session_id = "1";
	assert_err(vault_codec_put_request(op_of(VAULT_OP_PASSWORD), &in, &frame), ERR_FORMAT);
	in = password_in();
	in.context.device_hash.len = 31;
	assert_err(vault_codec_put_request(op_of(VAULT_OP_PASSWORD), &in, &frame), ERR_FORMAT);
	in = password_in();
	in.password = NULL;
	assert_err(vault_codec_put_request(op_of(VAULT_OP_PASSWORD), &in, &frame), ERR_FORMAT);
}

static struct result decode(enum vault_op_number number, const void *body, size_t len)
{
	struct vault_frame cut = wire_frame(body, len);
	void *const in = arena_alloc(arena, op_of(number)->in.size + 1);
	const struct result done = vault_codec_get_request(op_of(number), &cut, arena, in);
	vault_frame_free(&cut);
	return done;
}

/* Whatever is cut off or added, in every place, it is no request any more. */
static void no_part_of_a_request_is_one(void **state)
{
	const struct vault_password_in in = password_in();
	uint8_t longer[512];
	(void)state;
	assert_ok(vault_codec_put_request(op_of(VAULT_OP_PASSWORD), &in, &frame));
	const size_t len = wire_len(&frame);
	assert_true(len < sizeof longer);
	memcpy(longer, wire_body(&frame), len);
	longer[len] = 0;
	assert_ok(decode(VAULT_OP_PASSWORD, longer, len));
	for (size_t cut = 0; cut < len; cut++)
		assert_err(decode(VAULT_OP_PASSWORD, longer, cut), ERR_FORMAT);
	assert_err(decode(VAULT_OP_PASSWORD, longer, len + 1), ERR_FORMAT);
}

#define HEAD "\0\0\0\0\0\0" /* of a request; decoding the members does not look at it */
#define ROW(number, bytes) \
	{ \
		number, HEAD bytes, sizeof(HEAD bytes) - 1 \
	}

static void hostile_members_are_refused(void **state)
{
	static const struct {
		enum vault_op_number number;
		const char *bytes;
		size_t len;
	} rows[] = {
		ROW(VAULT_OP_NATIONAL_ID, "\0\0\0\2\xff\xff\0"),
		ROW(VAULT_OP_NATIONAL_ID, "\0\0\0\3a\0b\0"),
		ROW(VAULT_OP_NATIONAL_ID, "\0\0\0\1a\1"),
		ROW(VAULT_OP_NATIONAL_ID, "\0\0\0\1a"),
		ROW(VAULT_OP_NATIONAL_ID, "\xff\xff\xff\xff"
					  "a\0"),
		ROW(VAULT_OP_NATIONAL_ID, "\0\0\x20\1a\0"),
		ROW(VAULT_OP_NATIONAL_ID, "\0\0\0\1a\0\0"),
		ROW(VAULT_OP_SIGN, "\0\0\0\x41"),
		ROW(VAULT_OP_SIGN, "\0\0\0\1"),
		ROW(VAULT_OP_SIGN, "\xff\xff\xff\xff"),
		ROW(VAULT_OP_SIGN, "\0\0\0\1\0\0\0\1a\0\2\0\0\0\0"), /* presence 2 */
		ROW(VAULT_OP_SIGN, "\0\0\0\1\0\0\0\1a\0\1\3\0\0\0"), /* algorithm 3 */
		ROW(VAULT_OP_KEYS_ROTATE, "\0\2"), /* a bool of 2 */
		ROW(VAULT_OP_KEYS_ROTATE, "\0"),
		ROW(VAULT_OP_STATUS, "\0"),
		ROW(VAULT_OP_PREPARE_CITIZEN, "\0\0\0\x24"
					      "0123456789abcdef0123456789abcdef0123\0\0\0\0\0\0"),
	};
	(void)state;
	assert_ok(decode(VAULT_OP_NATIONAL_ID, HEAD "\0\0\0\1a\0", 12));
	assert_ok(decode(VAULT_OP_SIGN, HEAD "\0\0\0\1\0\0\0\1a\0\1\2\0\0\0\0", 22));
	assert_ok(decode(VAULT_OP_KEYS_ROTATE, HEAD "\0\1", 8));
	assert_ok(decode(VAULT_OP_STATUS, HEAD, 6));
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_err(decode(rows[i].number, rows[i].bytes, rows[i].len), ERR_FORMAT);
}

/* An operation of one member, whatever the table holds. */
static struct result decode_one(
	const struct vault_member *member, size_t size, const void *bytes, size_t len)
{
	const struct vault_op op = {.name = "one", .in = {member, 1, size}};
	struct buf body = buf_new(arena);
	buf_putn(&body, HEAD, 6);
	buf_putn(&body, bytes, len);
	struct vault_frame whole = wire_frame(body.text, body.len);
	const struct result done =
		vault_codec_get_request(&op, &whole, arena, arena_alloc(arena, size));
	vault_frame_free(&whole);
	return done;
}

/* All of them are there, and they are too many: no later check would notice. */
static void more_than_the_bound_is_refused(void **state)
{
	static const struct vault_member text = {
		.name = "a", .type = VAULT_TEXT, .on = VAULT_OK, .max = 3};
	static const struct vault_member bytes = {
		.name = "a", .type = VAULT_BYTES, .on = VAULT_OK, .max = 3};
	static const struct vault_member texts = {
		.name = "a", .type = VAULT_TEXTS, .on = VAULT_OK, .max = 1, .item_max = 3};
	(void)state;
	assert_ok(decode_one(&text, sizeof(char *), "\0\0\0\3abc\0", 8));
	assert_err(decode_one(&text, sizeof(char *), "\0\0\0\4abcd\0", 9), ERR_FORMAT);
	assert_ok(decode_one(&bytes, sizeof(struct bytes), "\0\0\0\3abc", 7));
	assert_err(decode_one(&bytes, sizeof(struct bytes), "\0\0\0\4abcd", 8), ERR_FORMAT);
	assert_ok(decode_one(&texts, sizeof(struct str_list), "\0\0\0\1\0\0\0\1a\0", 10));
	assert_err(
		decode_one(&texts, sizeof(struct str_list), "\0\0\0\2\0\0\0\1a\0\0\0\0\1a\0", 16),
		ERR_FORMAT);
}

static void a_choice_is_one_of_those_that_there_are(void **state)
{
	static const struct vault_member alg = {.name = "a", .type = VAULT_ALG, .on = VAULT_OK};
	(void)state;
	assert_ok(decode_one(&alg, sizeof(unsigned), "\2", 1));
	assert_err(decode_one(&alg, sizeof(unsigned), "\3", 1), ERR_FORMAT);
	assert_err(decode_one(&alg, sizeof(unsigned), "\xff", 1), ERR_FORMAT);
}

/* The arena ends the process at its limit, so a count must not get there. */
static void a_count_allocates_no_more_than_came(void **state)
{
	static const struct vault_member texts = {
		.name = "a", .type = VAULT_TEXTS, .on = VAULT_OK, .max = 0x10000000, .item_max = 3};
	(void)state;
	assert_err(decode_one(&texts, sizeof(struct str_list), "\x10\0\0\0\0\0\0\1a\0", 10),
		ERR_FORMAT);
}

static void hostile_replies_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {{"\7", 1}, {"\xff", 1}, {"\2\0", 2}, {"\1", 1}, {"\1\0\0\0\1a", 6},
		{"\1\0\0\0\1a\0x", 8},
		{"\1\0\0\0\x21"
		 "0123456789012345678901234567890123\0",
			39}};
	struct vault_national_id_out out = {0};
	(void)state;
	frame = wire_frame("\1\0\0\0\1a\0", 7);
	assert_ok(vault_codec_get_reply(op_of(VAULT_OP_NATIONAL_ID), &frame, arena, &out));
	assert_string_equal(out.national_id, "a");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vault_frame bad = wire_frame(rows[i].bytes, rows[i].len);
		assert_err(vault_codec_get_reply(op_of(VAULT_OP_NATIONAL_ID), &bad, arena, &out),
			ERR_FORMAT);
		vault_frame_free(&bad);
	}
}

/* Texts are looked at eight bytes at a time: a bad byte is found wherever it stands. */
static void a_bad_byte_is_found_in_every_place(void **state)
{
	(void)state;
	for (size_t at = 0; at < 40; at++) {
		uint8_t body[6 + 4 + 41] = HEAD "\0\0\0\x28";
		memset(body + 10, 'a', 40);
		assert_ok(decode(VAULT_OP_NATIONAL_ID, body, sizeof body));
		body[10 + at] = 0;
		assert_err(decode(VAULT_OP_NATIONAL_ID, body, sizeof body), ERR_FORMAT);
		body[10 + at] = 0x80;
		assert_err(decode(VAULT_OP_NATIONAL_ID, body, sizeof body), ERR_FORMAT);
		body[10 + at] = 0x01;
		assert_ok(decode(VAULT_OP_NATIONAL_ID, body, sizeof body));
	}
}

static void clearing_a_frame_wipes_it(void **state)
{
	const struct vault_password_in in = password_in();
	(void)state;
	assert_ok(vault_codec_put_request(op_of(VAULT_OP_PASSWORD), &in, &frame));
	const size_t len = frame.len;
	assert_non_null(memmem(frame.bytes, len, "correct horse", 13));
	vault_frame_clear(&frame);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(frame.bytes[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_request_comes_back_as_it_was, setup, teardown),
		cmocka_unit_test_setup_teardown(a_list_comes_back_as_it_was, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_reply_has_the_members_of_its_outcome, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_reply_without_a_member_is_not_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_beyond_its_bound_is_not_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(no_part_of_a_request_is_one, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile_members_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(more_than_the_bound_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_choice_is_one_of_those_that_there_are, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_count_allocates_no_more_than_came, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile_replies_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_bad_byte_is_found_in_every_place, setup, teardown),
		cmocka_unit_test_setup_teardown(clearing_a_frame_wipes_it, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
