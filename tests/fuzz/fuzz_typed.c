/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/base/str.h"
#include "idp/vault/login.h"
#include "idp/vault/password.h"
#include "otp/delivered.h"
#include "otp/nfc.h"
#include "otp/seed.h"
#include "otp/target.h"
#include "otp/typed.h"
#include <string.h>

/* The normal form of a good name is its own normal form, and is what its kind says. */
static void check_login(struct arena *arena, const char *text)
{
	const struct typed_login login = typed_login(arena, text);
	if (login.kind == TYPED_NATIONAL_ID)
		must(typed_national_id_valid(login.text));
	if (typed_kind_name(login.kind) == NULL)
		return;
	must(str_utf8_valid(login.text, strlen(login.text)));
	const struct typed_login again = typed_login(arena, login.text);
	must(again.kind == login.kind && strcmp(again.text, login.text) == 0);
}

static void check_code(struct arena *arena, const char *text)
{
	const char *code = typed_code(arena, text);
	must(strlen(code) <= strlen(text));
	must(strcmp(typed_code(arena, code), code) == 0);
}

static void check_nfc(struct arena *arena, const char *text)
{
	const char *nfc = nfc_text(arena, text);
	must((nfc != NULL) == str_utf8_valid(text, strlen(text)));
	if (nfc != NULL)
		must(strcmp(nfc_text(arena, nfc), nfc) == 0);
}

static void check_hashes(struct arena *arena, const char *text)
{
	const uint8_t key[KEY_LEN] = {1};
	struct secrets *secrets = NULL;
	struct password_peppered peppered;
	must(secrets_derive(key, &secrets).err == ERR_NONE);
	must(strlen(login_read(arena, secrets, text).typo) == 32);
	if (password_pepper(arena, secrets, text, &peppered) == PASSWORD_SHAPE_GOOD)
		must(strlen(text) >= PASSWORD_MIN);
	secrets_free(secrets);
}

static void check_seed(const char *text)
{
	uint8_t seed[SEED_MAX];
	size_t len = 0;
	if (seed_decode(text, seed, &len))
		must(len >= SEED_MIN && len <= SEED_MAX);
	else
		must(len == 0);
}

/* What is taken has its normal form already, and adds no line to a message's head. */
static void check_target(struct arena *arena, const char *text)
{
	const char *number = target_number(arena, text), *mailbox = target_mailbox(arena, text);
	must(!number || strcmp(target_number(arena, number), number) == 0);
	must(!number || strlen(number) <= TARGET_NUMBER_MAX);
	must(!mailbox || strcmp(target_mailbox(arena, mailbox), mailbox) == 0);
	must(!mailbox || strpbrk(mailbox, " \r\n<>,;:\"\\") == NULL);
	for (unsigned channels = FACTOR_SMS; channels <= (FACTOR_SMS | FACTOR_EMAIL); channels++) {
		struct bytes secret = {NULL, 0};
		if (!delivered_read(arena, channels, text, &secret))
			continue;
		const struct delivered_target target = delivered_target(arena, secret);
		must(!target.number == !(channels & FACTOR_SMS));
		must(!target.mailbox == !(channels & FACTOR_EMAIL));
		must(*delivered_hint(arena, &target) != '\0');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text = arena_strndup(arena, (const char *)data, size);
	check_login(arena, text);
	check_code(arena, text);
	check_nfc(arena, text);
	check_hashes(arena, text);
	check_seed(text);
	check_target(arena, text);
	arena_free(arena);
	return 0;
}
