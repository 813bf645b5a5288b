/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/key_check.h"
#include "idp/vault/keystore.h"
#include <string.h>

struct result key_check(const char *key_file, const char *kid, struct bytes sealed)
{
	struct secrets *secrets = NULL;
	struct bytes plain = {NULL, 0};
	TRY(secrets_load(key_file, &secrets));
	const struct seal seal = {arena_new(), secrets, NULL};
	const struct result opened =
		seal_open(&seal, (struct seal_name){KEYSTORE_PURPOSE, kid}, sealed, &plain);
	if (plain.data)
		explicit_bzero((void *)(uintptr_t)plain.data, plain.len);
	arena_free(seal.arena);
	secrets_free(secrets);
	return opened;
}
