/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/vault_help.h"
#include "idp/vault/password.h"
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct password_cost cheap = {8, 1};

static struct password_peppered pepper(const struct secrets *secrets, const char *text)
{
	struct arena *arena = arena_new();
	struct password_peppered made;
	(void)password_pepper(arena, secrets, text, &made);
	arena_free(arena);
	return made;
}

static bool fits(const struct secrets *secrets, const char *text, const char *hash)
{
	const struct password_peppered typed = pepper(secrets, text);
	bool good = false;
	assert_ok(password_verify(&typed, hash, &good));
	return good;
}

static void only_the_same_password_fits(void **state)
{
	(void)state;
	struct secrets *secrets = help_secrets(1), *other = help_secrets(2);
	const struct password_peppered set = pepper(secrets, "caf\u00e9 au lait");
	char hash[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];
	assert_ok(password_hash(&set, &cheap, hash));
	assert_ok(password_hash(&set, &cheap, again));
	assert_string_not_equal(hash, again); /* each has its salt */
	assert_true(fits(secrets, "caf\u00e9 au lait", hash));
	assert_true(fits(secrets, "cafe\u0301 au lait", hash)); /* NFC */
	assert_true(fits(secrets, "caf\u00e9 au lait", again));
	assert_false(fits(secrets, "cafe au lait", hash));
	assert_false(fits(secrets, "Caf\u00e9 au lait", hash));
	assert_false(fits(secrets, "caf\u00e9 au lait ", hash));
	assert_false(fits(secrets, "", hash));
	assert_false(fits(other, "caf\u00e9 au lait", hash)); /* another pepper */
	secrets_free(secrets);
	secrets_free(other);
}

static void the_hash_is_argon2id_at_the_cost_asked_for(void **state)
{
	(void)state;
	struct secrets *secrets = help_secrets(1);
	const struct password_peppered set = pepper(secrets, "correct horse");
	static const struct password_cost dearer = {16, 2};
	char hash[PASSWORD_HASH_SIZE];
	assert_ok(password_hash(&set, &cheap, hash));
	assert_memory_equal(hash, "$argon2id$v=19$m=8,t=1,p=1$", 27);
	assert_false(password_outdated(hash, &cheap));
	assert_true(password_outdated(hash, &dearer));
	assert_ok(password_hash(&set, &dearer, hash));
	assert_memory_equal(hash, "$argon2id$v=19$m=16,t=2,p=1$", 28);
	assert_true(password_outdated(hash, &cheap));
	assert_true(fits(secrets, "correct horse", hash));
	secrets_free(secrets);
}

static void what_is_no_hash_fits_nothing(void **state)
{
	(void)state;
	struct secrets *secrets = help_secrets(1);
	static const char *const hashes[] = {"", "$", "plain", "$argon2id$v=19$m=8,t=1,p=1$AAAA",
		"$argon2id$v=19$m=8,t=1,p=1$$", "$2b$10$abcdefghijklmnopqrstuv"};
	for (size_t i = 0; i < COUNT(hashes); i++) {
		const struct password_peppered typed = pepper(secrets, "correct horse");
		bool good = false;
		const struct result done = password_verify(&typed, hashes[i], &good);
		assert_true(done.err == ERR_NONE || done.err == ERR_CRYPTO);
		assert_false(good);
	}
	secrets_free(secrets);
}

static void a_cost_that_cannot_be_paid_is_a_failure_and_no_refusal(void **state)
{
	(void)state;
	struct secrets *secrets = help_secrets(1);
	const struct password_peppered set = pepper(secrets, "correct horse");
	static const struct password_cost absurd = {INT64_C(4) << 30, 1};
	char hash[PASSWORD_HASH_SIZE];
	assert_err(password_hash(&set, &absurd, hash), ERR_CRYPTO);
	secrets_free(secrets);
}

/* Bytes of address space that this process has. */
static rlim_t in_use(void)
{
	unsigned long pages = 0;
	FILE *statm = fopen("/proc/self/statm", "r");
	assert_non_null(statm);
	assert_int_equal(fscanf(statm, "%lu", &pages), 1);
	assert_int_equal(fclose(statm), 0);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* In a process that can map little more memory: less than one hash needs, enough for a sanitizer's
 * own. Its exit status: what was not as expected, 0 if all was. */
static int without_memory(const struct password_peppered *set, const char *hash)
{
	static const struct password_cost dear = {65536, 1};
	const rlim_t most = in_use() + ((rlim_t)16 << 20);
	const struct rlimit none = {most, most};
	char made[PASSWORD_HASH_SIZE];
	bool good = true;
	if (password_memory(&dear, 2).err != ERR_NONE)
		return 1;
	if (setrlimit(RLIMIT_AS, &none) != 0)
		return 2;
	if (password_memory(&dear, 2).err == ERR_NONE)
		return 3;
	if (password_verify(set, hash, &good).err == ERR_NONE)
		return 4;
	return password_hash(set, &dear, made).err == ERR_NONE ? 5 : 0;
}

/* libsodium sets EINVAL for it, as for a password that does not fit. */
static void out_of_memory_nothing_is_said_of_the_password(void **state)
{
	(void)state;
	static const struct password_cost dear = {65536, 1};
	struct secrets *secrets = help_secrets(1);
	const struct password_peppered set = pepper(secrets, "correct horse");
	char hash[PASSWORD_HASH_SIZE];
	int status = -1;
	assert_ok(password_hash(&set, &dear, hash));
	const pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(without_memory(&set, hash));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	secrets_free(secrets);
}

/* An older hash and what is computed besides are together the work of a new one. */
static void what_an_older_hash_saves_is_known(void **state)
{
	(void)state;
	static const struct {
		const char *hash;
		struct password_cost now, saved;
	} rows[] = {
		{"$argon2id$v=19$m=19456,t=2,p=1$", {19456, 2}, {0, 0}},
		{"$argon2id$v=19$m=19456,t=2,p=1$", {19456, 3}, {6485, 3}},
		{"$argon2id$v=19$m=19456,t=2,p=1$", {38912, 2}, {19456, 2}},
		{"$argon2id$v=19$m=8192,t=1,p=1$", {65536, 2}, {61440, 2}},
		{"$argon2id$v=19$m=19456,t=2,p=1$", {19460, 2}, {0, 0}},
		{"$argon2id$v=19$m=65536,t=3,p=1$", {19456, 2}, {0, 0}},
		{"none", {19456, 2}, {0, 0}},
	};
	static const struct password_cost nothing = {0, 0}, absurd = {INT64_C(4) << 30, 1};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *hash = arena_printf(arena, "%s%s", rows[i].hash,
			"AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
		const struct password_cost saved = password_saved(hash, &rows[i].now);
		assert_int_equal(saved.memory_kib, rows[i].saved.memory_kib);
		assert_int_equal(saved.passes, rows[i].saved.passes);
	}
	assert_ok(password_spend(&nothing));
	assert_ok(password_spend(&cheap));
	assert_err(password_spend(&absurd), ERR_CRYPTO);
	arena_free(arena);
}

static void eight_to_256_bytes_of_nfc_are_a_password(void **state)
{
	(void)state;
	struct secrets *secrets = help_secrets(1);
	struct arena *arena = arena_new();
	struct password_peppered out;
	static const struct {
		const char *unit;
		size_t times;
		enum password_shape shape;
	} rows[] = {
		{"", 0, PASSWORD_SHAPE_SHORT},
		{"a", 7, PASSWORD_SHAPE_SHORT},
		{"a", 8, PASSWORD_SHAPE_GOOD},
		{"a", 256, PASSWORD_SHAPE_GOOD},
		{"a", 257, PASSWORD_SHAPE_LONG},
		{"a", 100000, PASSWORD_SHAPE_LONG},
		{"ก", 3, PASSWORD_SHAPE_GOOD}, /* nine bytes */
		{"e\u0301", 2, PASSWORD_SHAPE_SHORT}, /* six bytes, four of NFC */
		{"e\u0301", 4, PASSWORD_SHAPE_GOOD}, /* eight of NFC */
		{"e\u0301", 128, PASSWORD_SHAPE_GOOD}, /* 384 bytes, 256 of NFC */
		{"e\u0301", 129, PASSWORD_SHAPE_LONG},
		{"\xff", 10, PASSWORD_SHAPE_NO_TEXT},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const size_t len = strlen(rows[i].unit);
		char *text = arena_alloc(arena, len * rows[i].times + 1);
		for (size_t j = 0; j < rows[i].times; j++)
			memcpy(text + j * len, rows[i].unit, len);
		assert_int_equal(password_pepper(arena, secrets, text, &out), rows[i].shape);
	}
	secrets_free(secrets);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_same_password_fits),
		cmocka_unit_test(the_hash_is_argon2id_at_the_cost_asked_for),
		cmocka_unit_test(what_is_no_hash_fits_nothing),
		cmocka_unit_test(a_cost_that_cannot_be_paid_is_a_failure_and_no_refusal),
		cmocka_unit_test(out_of_memory_nothing_is_said_of_the_password),
		cmocka_unit_test(what_an_older_hash_saves_is_known),
		cmocka_unit_test(eight_to_256_bytes_of_nfc_are_a_password),
	};
	if (password_init().err != ERR_NONE)
		return 1;
	return cmocka_run_group_tests_name("vault/password", tests, NULL, NULL);
}
