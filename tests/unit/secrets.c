/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/vault_help.h"
#include "idp/base/log.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

/* A key file with that text and mode; its path in a static buffer. */
static const char *key_file(const char *text, mode_t mode)
{
	static char path[64];
	(void)snprintf(path, sizeof(path), "/tmp/pratu-key-XXXXXX");
	const int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
	return path;
}

static enum err loaded(const char *text, mode_t mode)
{
	struct secrets *secrets = NULL;
	const char *path = key_file(text, mode);
	const enum err err = secrets_load(path, &secrets).err;
	assert_int_equal(err == ERR_NONE, secrets != NULL);
	secrets_free(secrets);
	(void)unlink(path);
	return err;
}

static void a_private_file_of_64_hex_digits_is_a_key(void **state)
{
	(void)state;
	assert_int_equal(loaded(HEX, 0600), ERR_NONE);
	assert_int_equal(loaded(HEX "\n", 0400), ERR_NONE);
	assert_int_equal(loaded(HEX "\r\n", 0600), ERR_NONE);
}

static void a_file_that_others_may_read_is_refused(void **state)
{
	(void)state;
	static const mode_t modes[] = {0640, 0604, 0644, 0660, 0700, 0666, 0620, 0602, 04600};
	for (size_t i = 0; i < COUNT(modes); i++)
		assert_int_equal(loaded(HEX "\n", modes[i]), ERR_CONFIG);
}

static void anything_else_in_the_file_is_refused(void **state)
{
	(void)state;
	assert_int_equal(loaded("", 0600), ERR_CONFIG);
	assert_int_equal(loaded("\n" HEX, 0600), ERR_CONFIG);
	assert_int_equal(loaded(HEX "0", 0600), ERR_CONFIG);
	assert_int_equal(loaded(HEX "00", 0600), ERR_CONFIG);
	assert_int_equal(loaded(&HEX[1], 0600), ERR_CONFIG);
	assert_int_equal(loaded(&HEX[2], 0600), ERR_CONFIG);
	assert_int_equal(loaded("g" HEX, 0600), ERR_CONFIG);
	assert_int_equal(
		loaded("zz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0600),
		ERR_CONFIG);
}

static void what_is_no_file_is_refused(void **state)
{
	(void)state;
	struct secrets *secrets = NULL;
	assert_err(secrets_load("/tmp/pratu-no-such-key", &secrets), ERR_CONFIG);
	assert_err(secrets_load("/tmp", &secrets), ERR_CONFIG);
	assert_err(secrets_load("/dev/zero", &secrets), ERR_CONFIG);
	assert_null(secrets);
}

/* `pratu init` gives the file to the user that the vault, started as root, becomes later. */
static void root_may_read_another_users_file_and_nobody_else(void **state)
{
	(void)state;
	struct secrets *secrets = NULL;
	const char *path = key_file(HEX "\n", 0600);
	if (geteuid() != 0) {
		assert_int_equal(chmod(path, 0000), 0);
		assert_err(secrets_load(path, &secrets), ERR_CONFIG);
		(void)unlink(path);
		return;
	}
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_ok(secrets_load(path, &secrets));
	assert_int_equal(chown(path, 0, 0), 0);
	assert_int_equal(seteuid(65534), 0);
	struct secrets *theirs = NULL;
	const enum err err = secrets_load(path, &theirs).err;
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(err, ERR_CONFIG);
	assert_null(theirs);
	secrets_free(secrets);
	(void)unlink(path);
}

static void each_purpose_has_its_own_key(void **state)
{
	(void)state;
	struct secrets *one = help_secrets(1), *same = help_secrets(1), *other = help_secrets(2);
	const uint8_t *keys[] = {one->seal, one->blind_index, one->pepper, one->factor_hash,
		one->partial, one->ticket, one->grant, one->throttle, one->login, one->transaction,
		one->challenge, one->outbox, one->report};
	static const uint8_t zero[KEY_LEN] = {0};
	for (size_t i = 0; i < COUNT(keys); i++) {
		assert_memory_not_equal(keys[i], zero, KEY_LEN);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(keys[i], keys[j], KEY_LEN);
	}
	assert_int_equal(COUNT(keys) * KEY_LEN + SECRETS_ID_LEN + 1, sizeof(struct secrets));
	assert_memory_equal(one, same, sizeof(struct secrets));
	assert_memory_not_equal(one->seal, other->seal, KEY_LEN);
	assert_string_not_equal(one->id, other->id);
	assert_int_equal(strlen(one->id), SECRETS_ID_LEN);
	secrets_free(one);
	secrets_free(same);
	secrets_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_private_file_of_64_hex_digits_is_a_key),
		cmocka_unit_test(a_file_that_others_may_read_is_refused),
		cmocka_unit_test(anything_else_in_the_file_is_refused),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(root_may_read_another_users_file_and_nobody_else),
		cmocka_unit_test(each_purpose_has_its_own_key),
	};
	log_open("test", LOG_LEVEL_NONE);
	return cmocka_run_group_tests_name("vault/secrets", tests, NULL, NULL);
}
