/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/op_keys.h"

static const char *document(struct op_call *call, const struct keyring_set *set)
{
	AUTO_JSON json_t *jwks = json_object();
	json_put_new(jwks, "keys", keyring_public(set, call->now_s));
	return json_text(call->arena, jwks);
}

static struct result record_publisher(struct op_call *call, const struct vault_jwks_in *in)
{
	struct keyring *keyring = call->vault->keyring;
	const struct keyring_publisher publisher = {in->process_id, in->kids};
	if (!in->process_id)
		return OK;
	return in->leaving ? keyring_leave(keyring, in->process_id)
			   : keyring_publish(keyring, &publisher, call->now_s);
}

struct result op_jwks(
	struct op_call *call, const struct vault_jwks_in *in, struct vault_jwks_out *out)
{
	struct keyring *keyring = call->vault->keyring;
	TRY(record_publisher(call, in));
	struct keyring_set *set = keyring_hold(keyring);
	if (keyring_complete(set)) {
		out->jwks = document(call, set);
		out->outcome = VAULT_OK;
	}
	keyring_release(keyring, set);
	return out->jwks ? OK : FAILED(ERR_ABSENT);
}

static const char *state_of(
	const struct keyring_set *set, const struct keyring_key *key, int64_t now_s)
{
	if (key->signs_since_s == INT64_MAX)
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
		.active_from =
			key->signs_since_s == INT64_MAX ? key->active_from_s : key->signs_since_s,
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

struct result op_keys_rotate(struct op_call *call, const struct vault_keys_rotate_in *in,
	struct vault_keys_rotate_out *out)
{
	static const enum jose_alg algs[] = {JOSE_ES256, JOSE_RS256, JOSE_PS256};
	const struct settings *settings = call->vault->settings;
	struct keyring_rotation rotation = {
		.now_s = call->now_s, .wait_s = in->now ? 0 : settings->key_rotate_publish_s};
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
