/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/vault/ops.h"
#include <string.h>

/* A vault whose database is away: what gets past the table and the tickets ends there. */
static struct vault *vault_get(void)
{
	static struct settings settings = {.issuer = "https://door.example", .mode = MODE_SANDBOX};
	static struct vault vault;
	const uint8_t key[KEY_LEN] = {1};
	struct secrets *secrets = NULL;
	if (vault.secrets != NULL)
		return &vault;
	log_open("fuzz", LOG_LEVEL_NONE);
	must(password_init().err == ERR_NONE && secrets_derive(key, &secrets).err == ERR_NONE);
	vault = (struct vault){.settings = &settings,
		.clock = clock_system(),
		.rng = rng_system(),
		.secrets = secrets,
		.cost = {8, 1}};
	vault.pool = pool_new("host=/nonexistent", "fuzz", 1);
	const struct keyring_home home = {vault.pool, secrets, vault.rng};
	vault.keyring = keyring_new(&home);
	vault.hasher = hasher_new(1, 1);
	must(vault.hasher != NULL);
	return &vault;
}

/* Either the connection ends, or there is an answer with one of the known outcomes; and never a
 * secret's door: no key is loaded and no ticket is ours, so nothing is ever signed, bound or
 * opened. */
static void ask(enum op_caller caller, const json_t *request)
{
	static const char *const opening[] = {"bind", "sign", "national_id", "totp", "password"};
	AUTO_JSON json_t *reply = NULL;
	if (!ops_answer(vault_get(), caller, request, &reply)) {
		must(reply == NULL);
		return;
	}
	const char *outcome = json_str(reply, "outcome");
	must(outcome != NULL);
	for (size_t i = 0; i < sizeof opening / sizeof *opening; i++)
		if (str_eq(json_str(request, "op"), opening[i]))
			must(str_eq(outcome, "refused") || str_eq(outcome, "failed"));
}

/* The bytes of one frame's body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_JSON json_t *request = NULL;
	if (json_parse((const char *)data, size, &request, NULL).err != ERR_NONE)
		return 0;
	ask(OP_WEB, request);
	ask(OP_ADMIN, request);
	return 0;
}
