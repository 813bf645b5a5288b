/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/vault/op_keys.h"

/* For caches of keys and clocks that differ. */
#define MARGIN_S 600

struct result op_jwks(struct op_call *call)
{
	struct vault *vault = call->vault;
	if (!keyring_ready(vault->keyring, call->now_s))
		FAIL(ERR_ABSENT);
	struct keyring_set *set = keyring_hold(vault->keyring);
	json_put_new(call->reply, "keys", keyring_public(set, call->now_s));
	keyring_release(vault->keyring, set);
	return ops_outcome(call, "ok");
}

static const char *state_of(
	const struct keyring_set *set, const struct keyring_key *key, int64_t now_s)
{
	if (key->active_from_s > now_s)
		return "next";
	return key == keyring_current(set, key->alg, now_s) ? "current" : "retiring";
}

static json_t *describe(const struct keyring_set *set, const struct keyring_key *key, int64_t now_s)
{
	json_t *made = json_object();
	json_put(made, "kid", jose_key_kid(key->key));
	json_put(made, "alg", jose_alg_name(key->alg));
	json_put(made, "state", state_of(set, key, now_s));
	json_put_int(made, "active_from", key->active_from_s);
	if (key->retired_at_s != INT64_MAX)
		json_put_int(made, "retired_at", key->retired_at_s);
	return made;
}

json_t *op_keys_describe(struct keyring *keyring, int64_t now_s)
{
	json_t *made = json_array();
	struct keyring_set *set = keyring_hold(keyring);
	for (size_t i = 0; i < set->n; i++)
		json_array_append_new(made, describe(set, &set->items[i], now_s));
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

struct result op_keys_rotate(struct op_call *call)
{
	static const enum jose_alg algs[] = {JOSE_ES256, JOSE_RS256, JOSE_PS256};
	const struct settings *settings = call->vault->settings;
	const char *only = ops_text(call, "alg");
	struct keyring_rotation rotation = {.now_s = call->now_s, .active_from_s = call->now_s};
	if (!json_flag(call->request, "now", false))
		rotation.active_from_s += settings->key_rotate_publish_s;
	rotation.retire_at_s = rotation.active_from_s + longest_s(settings) + MARGIN_S;
	for (size_t i = 0; i < sizeof algs / sizeof *algs; i++) {
		rotation.alg = algs[i];
		if (only == NULL || str_eq(only, jose_alg_name(algs[i])))
			TRY(keyring_rotate(call->vault->keyring, &rotation));
	}
	json_put_new(call->reply, "keys", op_keys_describe(call->vault->keyring, call->now_s));
	return ops_outcome(call, "ok");
}
