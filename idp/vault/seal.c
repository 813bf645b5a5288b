/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/seal.h"
#include <string.h>

#define VERSION 1

static struct bytes aad(const struct seal *seal, struct seal_name name)
{
	const char *text = arena_printf(
		seal->arena, "%s|%d|%s|%s", name.purpose, VERSION, name.owner, seal->secrets->id);
	return (struct bytes){(const uint8_t *)text, strlen(text)};
}

struct result seal_close(
	const struct seal *seal, struct seal_name name, struct bytes plain, struct bytes *sealed)
{
	uint8_t nonce[CRYPTO_NONCE_LEN];
	const struct bytes in[2] = {plain, aad(seal, name)};
	struct bytes body = {NULL, 0};
	rng_bytes(seal->rng, nonce, sizeof nonce);
	TRY(crypto_seal(seal->arena, seal->secrets->seal, nonce, in, &body));
	uint8_t *whole = arena_alloc(seal->arena, body.len + 1);
	whole[0] = VERSION;
	memcpy(whole + 1, body.data, body.len);
	*sealed = (struct bytes){whole, body.len + 1};
	return OK;
}

struct result seal_open(
	const struct seal *seal, struct seal_name name, struct bytes sealed, struct bytes *plain)
{
	if (!sealed.data || sealed.len < 1 || sealed.data[0] != VERSION)
		FAIL(ERR_CRYPTO);
	const struct bytes in[2] = {{sealed.data + 1, sealed.len - 1}, aad(seal, name)};
	return crypto_open(seal->arena, seal->secrets->seal, in, plain);
}
