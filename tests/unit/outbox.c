/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/vault_help.h"
#include "idp/io/outbox.h"

#define MESSAGE_ID "01932b1e-0000-7000-8000-000000000001"

static const struct outbox_text sms = {
	"+66812345678", NULL, "123456 คือรหัส\n@login.example #123456"};
static const uint8_t key[KEY_LEN] = {1}, other_key[KEY_LEN] = {2};

static struct outbox_seal seal_in(struct arena *arena)
{
	return (struct outbox_seal){arena, MESSAGE_ID, 7, key};
}

static struct bytes closed(struct arena *arena, const struct outbox_text *text)
{
	uint8_t next = 0;
	const struct rng rng = help_rng(&next);
	const struct outbox_seal seal = seal_in(arena);
	struct bytes sealed = {NULL, 0};
	assert_ok(outbox_close(&seal, &rng, text, &sealed));
	return sealed;
}

static void a_message_opens_as_it_was_sealed(void **state)
{
	struct arena *const arena = arena_new();
	const struct outbox_seal seal = seal_in(arena);
	const struct outbox_text mail = {"a@b.example", "รหัส", "one\ntwo"};
	struct outbox_text opened = {0};
	(void)state;
	assert_ok(outbox_open(&seal, closed(arena, &sms), &opened));
	assert_string_equal(opened.to, sms.to);
	assert_null(opened.subject);
	assert_string_equal(opened.body, sms.body);
	assert_ok(outbox_open(&seal, closed(arena, &mail), &opened));
	assert_string_equal(opened.to, mail.to);
	assert_string_equal(opened.subject, mail.subject);
	assert_string_equal(opened.body, mail.body);
	arena_free(arena);
}

/* I7: a row that was given the content of another does not open, nor by another key. */
static void a_message_opens_as_no_other(void **state)
{
	struct arena *const arena = arena_new();
	const struct bytes sealed = closed(arena, &sms);
	uint8_t *const damaged = arena_memdup(arena, sealed.data, sealed.len);
	struct outbox_text opened = {0};
	struct outbox_seal seals[] = {seal_in(arena), seal_in(arena), seal_in(arena)};
	const struct outbox_seal right = seal_in(arena);
	(void)state;
	seals[0].message_id = "01932b1e-0000-7000-8000-000000000002";
	seals[1].epoch = 8;
	seals[2].key = other_key;
	for (size_t i = 0; i < COUNT(seals); i++)
		assert_int_equal(outbox_open(&seals[i], sealed, &opened).err, ERR_CRYPTO);
	damaged[sealed.len - 1] ^= 1;
	assert_int_equal(
		outbox_open(&right, (struct bytes){damaged, sealed.len}, &opened).err, ERR_CRYPTO);
	assert_int_equal(outbox_open(&right, (struct bytes){NULL, 0}, &opened).err, ERR_CRYPTO);
	assert_null(opened.to);
	arena_free(arena);
}

static void what_is_too_long_or_empty_is_not_sealed(void **state)
{
	struct arena *const arena = arena_new();
	char *const to = arena_alloc(arena, OUTBOX_TO_MAX + 2),
		    *const subject = arena_alloc(arena, OUTBOX_SUBJECT_MAX + 2),
		    *const body = arena_alloc(arena, OUTBOX_BODY_MAX + 2);
	const struct outbox_text texts[] = {{to, NULL, "b"}, {"a", subject, "b"}, {"a", NULL, body},
		{NULL, NULL, "b"}, {"", NULL, "b"}, {"a", NULL, NULL}};
	const struct outbox_seal seal = seal_in(arena);
	const struct rng rng = rng_system();
	struct bytes sealed = {NULL, 0};
	(void)state;
	memset(to, 'a', OUTBOX_TO_MAX + 1);
	memset(subject, 'a', OUTBOX_SUBJECT_MAX + 1);
	memset(body, 'a', OUTBOX_BODY_MAX + 1);
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_int_equal(outbox_close(&seal, &rng, &texts[i], &sealed).err, ERR_BOUNDS);
	to[OUTBOX_TO_MAX] = '\0';
	(void)closed(arena, &texts[0]);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_opens_as_it_was_sealed),
		cmocka_unit_test(a_message_opens_as_no_other),
		cmocka_unit_test(what_is_too_long_or_empty_is_not_sealed),
	};
	return cmocka_run_group_tests_name("io/outbox", tests, NULL, NULL);
}
