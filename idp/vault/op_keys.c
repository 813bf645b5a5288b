/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/op_keys.h"

/* For caches of keys and clocks that differ. */
#define MARGIN_S 600

struct result op_jwks(struct op_call *call, struct vault_jwks_out *out)
{
	struct vault *vault = call->vault;
	AUTO_JSON json_t *jwks = json_object();
	if (!keyring_ready(vault->keyring, call->now_s))
		FAIL(ERR_ABSENT);
	struct keyring_set *set = keyring_hold(vault->keyring);
	json_put_new(jwks, "keys", keyring_public(set, call->now_s));
	keyring_release(vault->keyring, set);
	out->jwks = json_text(call->arena, jwks);
	out->outcome = VAULT_OK;
	return OK;
}

static const char *state_of(
	const struct keyring_set *set, const struct keyring_key *key, int64_t now_s)
{
	if (key->active_from_s > now_s)
		return "next";
	return key == keyring_current(set, key->alg, now_s) ? "current" : "retiring";
}

static struct vault_keys_rotate_keys_item describe(
	struct op_call *call, const struct keyring_set *set, const struct keyring_key *key)
{
	const bool retires = key->retired_at_s != INT64_MAX;
	return (struct vault_keys_rotate_keys_item){
		.kid = arena_strdup(call->arena, jose_key_kid(key->key)),
		.alg = key->alg,
		.state = state_of(set, key, call->now_s),
		.active_from = key->active_from_s,
		.retired_at = retires ? key->retired_at_s : 0,
		.has_retired_at = retires,
	};
}

struct op_keys op_keys_describe(struct op_call *call)
{
	struct keyring *keyring = call->vault->keyring;
	struct keyring_set *set = keyring_hold(keyring);
	const struct op_keys made = {
		ARENA_ARRAY(call->arena, struct vault_keys_rotate_keys_item, set->n), set->n};
	for (size_t i = 0; i < set->n; i++)
		made.items[i] = describe(call, set, &set->items[i]);
	keyring_release(keyring, set);
	return made;
}

/* The longest that anything signed before may have to be verified: a token, or an ID token that a
 * citizen's session still offers as a hint when it ends. */
static int64_t longest_s(const struct settings *settings)
{
	int64_t longest = settings->session_absolute_s;
	if (settings->access_token_ttl_s > longest)
		longest = settings->access_token_ttl_s;
	return settings->id_token_ttl_s > longest ? settings->id_token_ttl_s : longest;
}

struct result op_keys_rotate(struct op_call *call, const struct vault_keys_rotate_in *in,
	struct vault_keys_rotate_out *out)
{
	static const enum jose_alg algs[] = {JOSE_ES256, JOSE_RS256, JOSE_PS256};
	const struct settings *settings = call->vault->settings;
	struct keyring_rotation rotation = {.now_s = call->now_s, .active_from_s = call->now_s};
	if (!in->now)
		rotation.active_from_s += settings->key_rotate_publish_s;
	rotation.retire_at_s = rotation.active_from_s + longest_s(settings) + MARGIN_S;
	for (size_t i = 0; i < sizeof algs / sizeof *algs; i++) {
		rotation.alg = algs[i];
		if (!in->has_alg || in->alg == algs[i])
			TRY(keyring_rotate(call->vault->keyring, &rotation));
	}
	const struct op_keys keys = op_keys_describe(call);
	out->keys.items = keys.items;
	out->keys.n = keys.n;
	out->outcome = VAULT_OK;
	return OK;
}
