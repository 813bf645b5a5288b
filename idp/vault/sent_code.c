/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/sent_code.h"
#include "queries_vault.h"
#include <inttypes.h>
#include <string.h>

#define CODES 1000000u /* 10 to the power of CHALLENGE_DIGITS */
#define FAIR_BELOW (UINT32_MAX - UINT32_MAX % CODES) /* a multiple of it */

const char *sent_code_new(const struct op_call *call)
{
	uint32_t number = 0;
	do
		rng_bytes(&call->vault->rng, (uint8_t *)&number, sizeof number);
	while (number >= FAIR_BELOW);
	return arena_printf(call->arena, "%0*" PRIu32, CHALLENGE_DIGITS, number % CODES);
}

static struct bytes keyed(const struct op_call *call, const char *text)
{
	uint8_t *const made = arena_alloc(call->arena, SHA256_LEN);
	crypto_hmac(call->vault->secrets->challenge, text, strlen(text), made);
	return (struct bytes){made, SHA256_LEN};
}

struct bytes sent_code_hash(const struct op_call *call, const char *challenge_id, const char *code)
{
	return keyed(call, arena_printf(call->arena, "code|%s|%s", challenge_id, code));
}

struct bytes sent_code_name(const struct op_call *call, const char *what, const char *value)
{
	return keyed(call, arena_printf(call->arena, "%s|%s", what, value));
}

struct result sent_code_take(const struct op_call *call, struct db *db,
	const char *authentication_id, const char *kind, struct sent_code *out)
{
	const struct q_vault_challenge_take_in in = {authentication_id, kind, CHALLENGE_TRIES};
	const struct q_vault_challenge_take_row *row = NULL;
	TRY(q_vault_challenge_take(db, call->arena, &in, &row));
	*out = (struct sent_code){NULL, {NULL, 0}, 0};
	if (row)
		*out = (struct sent_code){row->challenge_id, row->code_hash, row->tries};
	return OK;
}
