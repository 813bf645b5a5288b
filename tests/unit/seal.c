/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/vault_help.h"
#include "idp/vault/seal.h"

static const struct seal_name somchais_seed = {"totp", "somchai"};
static const struct bytes plain = {(const uint8_t *)"a seed of 20 bytes..", 20};

struct bench {
	struct arena *arena;
	struct secrets *secrets;
	uint8_t next;
	struct rng rng;
	struct seal seal;
};

static int open_bench(void **state)
{
	static struct bench bench;
	bench = (struct bench){.arena = arena_new(), .secrets = help_secrets(1)};
	bench.rng = help_rng(&bench.next);
	bench.seal = (struct seal){bench.arena, bench.secrets, &bench.rng};
	*state = &bench;
	return 0;
}

static int close_bench(void **state)
{
	struct bench *bench = *state;
	secrets_free(bench->secrets);
	arena_free(bench->arena);
	return 0;
}

static struct bytes sealed_by(const struct bench *bench)
{
	struct bytes sealed = {NULL, 0};
	assert_ok(seal_close(&bench->seal, somchais_seed, plain, &sealed));
	return sealed;
}

static enum err opened(const struct seal *seal, struct seal_name name, struct bytes sealed)
{
	struct bytes out = {NULL, 0};
	const enum err err = seal_open(seal, name, sealed, &out).err;
	if (err == ERR_NONE) {
		assert_int_equal(out.len, plain.len);
		assert_memory_equal(out.data, plain.data, plain.len);
	} else {
		assert_null(out.data);
	}
	return err;
}

static void a_sealed_value_opens_for_its_owner(void **state)
{
	const struct bench *bench = *state;
	const struct bytes sealed = sealed_by(bench);
	assert_int_equal(sealed.data[0], 1);
	assert_int_equal(opened(&bench->seal, somchais_seed, sealed), ERR_NONE);
	const struct bytes again = sealed_by(bench);
	assert_int_equal(again.len, sealed.len);
	assert_memory_not_equal(again.data, sealed.data, sealed.len);
}

static void moved_to_another_owner_or_purpose_it_does_not_open(void **state)
{
	const struct bench *bench = *state;
	const struct bytes sealed = sealed_by(bench);
	static const struct seal_name others[] = {{"totp", "malee"}, {"totp", "somchai "},
		{"national_id", "somchai"}, {"tot", "psomchai"}, {"", ""}};
	for (size_t i = 0; i < COUNT(others); i++)
		assert_int_equal(opened(&bench->seal, others[i], sealed), ERR_CRYPTO);
}

static void another_key_file_does_not_open_it(void **state)
{
	const struct bench *bench = *state;
	struct secrets *others = help_secrets(2);
	const struct seal theirs = {bench->arena, others, NULL};
	assert_int_equal(opened(&theirs, somchais_seed, sealed_by(bench)), ERR_CRYPTO);
	/* Nor the right key under another key's name. */
	struct secrets *renamed = help_secrets(1);
	renamed->id[0] ^= 1;
	const struct seal misnamed = {bench->arena, renamed, NULL};
	assert_int_equal(opened(&misnamed, somchais_seed, sealed_by(bench)), ERR_CRYPTO);
	secrets_free(others);
	secrets_free(renamed);
}

static void every_flipped_bit_and_cut_is_refused(void **state)
{
	const struct bench *bench = *state;
	const struct bytes sealed = sealed_by(bench);
	for (size_t bit = 0; bit < sealed.len * 8; bit++) {
		uint8_t *bent = arena_memdup(bench->arena, sealed.data, sealed.len);
		bent[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(
			opened(&bench->seal, somchais_seed, (struct bytes){bent, sealed.len}),
			ERR_CRYPTO);
	}
	for (size_t len = 0; len < sealed.len; len++)
		assert_int_equal(
			opened(&bench->seal, somchais_seed, (struct bytes){sealed.data, len}),
			ERR_CRYPTO);
	assert_int_equal(opened(&bench->seal, somchais_seed, (struct bytes){NULL, 0}), ERR_CRYPTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_sealed_value_opens_for_its_owner, open_bench, close_bench),
		cmocka_unit_test_setup_teardown(moved_to_another_owner_or_purpose_it_does_not_open,
			open_bench, close_bench),
		cmocka_unit_test_setup_teardown(
			another_key_file_does_not_open_it, open_bench, close_bench),
		cmocka_unit_test_setup_teardown(
			every_flipped_bit_and_cut_is_refused, open_bench, close_bench),
	};
	return cmocka_run_group_tests_name("vault/seal", tests, NULL, NULL);
}
