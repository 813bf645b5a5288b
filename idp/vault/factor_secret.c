/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/factor_secret.h"
#include <string.h>

static struct bytes keyed_hash(const struct seal *seal, struct factor_owner owner, const char *code)
{
	const char *const label = owner.factor->hash_label;
	uint8_t *const made = arena_alloc(seal->arena, SHA256_LEN);
	const char *const text = arena_printf(seal->arena, "%s%s%s|%s", label,
		label[0] == '\0' ? "" : "|", owner.citizen_id, code);
	crypto_hmac(seal->secrets->factor_hash, text, strlen(text), made);
	return (struct bytes){made, SHA256_LEN};
}

static const char *text_of(const struct seal *seal, struct bytes value)
{
	return arena_strndup(seal->arena, (const char *)value.data, value.len);
}

struct result factor_secret_put(const struct seal *seal, struct factor_owner owner,
	struct bytes value, struct bytes *stored)
{
	const struct seal_name name = {owner.factor->kind, owner.citizen_id};
	if (owner.factor->storage == FACTOR_SEALED)
		return seal_close(seal, name, value, stored);
	*stored = keyed_hash(seal, owner, text_of(seal, value));
	return OK;
}

static bool equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && crypto_equal(a.data, b.data, a.len);
}

bool factor_secret_same(
	const struct seal *seal, struct factor_owner owner, struct bytes value, struct bytes stored)
{
	struct bytes opened = {NULL, 0};
	const struct seal_name name = {owner.factor->kind, owner.citizen_id};
	if (owner.factor->storage == FACTOR_HASHED)
		return equal(keyed_hash(seal, owner, text_of(seal, value)), stored);
	return seal_open(seal, name, stored, &opened).err == ERR_NONE && equal(opened, value);
}

struct result factor_secret_facts(const struct seal *seal, struct factor_owner owner,
	struct bytes stored, struct factor_facts *facts)
{
	const struct seal_name name = {owner.factor->kind, owner.citizen_id};
	if (owner.factor->storage == FACTOR_SEALED)
		return seal_open(seal, name, stored, &facts->secret);
	facts->secret = stored;
	facts->code_hash = keyed_hash(seal, owner, facts->code);
	return OK;
}
