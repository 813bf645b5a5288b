/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/enc.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/vault/ops.h"
#include "idp/vault/ticket.h"
#include <string.h>

/*
 * Signing asks no database: the grant ticket and the keys in memory are all it needs. Whether the
 * grant was revoked or its session ended meanwhile is not in the ticket; the web role, which spends
 * a code or a refresh token by a statement, reads it there. The claims about the sign-in are from
 * the ticket alone.
 */

/* One job. */
struct signing {
	const struct vault_sign_jobs_item *job;
	struct vault_sign_results_item *out;
	const struct keyring_set *keys;
	const json_t *grant; /* the ticket's claims */
	const json_t *id_token, *access_token; /* the claims that are asked for, or NULL */
};

static const char *const id_token_reserved[] = {"iss", "sub", "aud", "exp", "nbf", "iat",
	"auth_time", "acr", "amr", "azp", "at_hash", "c_hash", "sid", NULL};
static const char *const access_token_reserved[] = {"iss", "sub", "aud", "client_id", "exp", "nbf",
	"iat", "jti", "auth_time", "acr", "amr", "grant_id", NULL};

static bool holds_any(const json_t *claims, const char *const *names)
{
	for (; *names; names++)
		if (json_object_get(claims, *names))
			return true;
	return false;
}

/* Only scopes that the grant has. */
static bool scope_granted(struct op_call *call, const struct signing *signing)
{
	const struct str_list granted =
		str_split(call->arena, json_str(signing->grant, "scope"), ' ');
	const struct str_list scopes =
		str_split(call->arena, json_str(signing->access_token, "scope"), ' ');
	const json_t *scope = json_object_get(signing->access_token, "scope");
	if (scope && !json_is_string(scope))
		return false;
	for (size_t i = 0; i < scopes.n; i++)
		if (!str_list_has(&granted, scopes.items[i]))
			return false;
	return true;
}

/* Each token that is asked for has its alg, an access token its jti; at least one is asked for. */
static bool well_asked(struct op_call *call, const struct signing *signing)
{
	const json_t *id_token = signing->id_token, *access_token = signing->access_token;
	if (!id_token && !access_token)
		return false;
	if (id_token && !signing->job->has_alg)
		return false;
	if (access_token && (!signing->job->has_access_token_alg || !signing->job->jti))
		return false;
	return !holds_any(id_token, id_token_reserved) &&
	       !holds_any(access_token, access_token_reserved) && scope_granted(call, signing);
}

/* No token outlives its grant. */
static int64_t expiry(const struct op_call *call, const struct signing *signing, int64_t ttl_s)
{
	const int64_t grant_exp_s = json_int(signing->grant, "exp", 0);
	return call->now_s + ttl_s < grant_exp_s ? call->now_s + ttl_s : grant_exp_s;
}

/* The claims that both tokens have, and behind them those that were asked for. */
static json_t *claims_new(const struct op_call *call, const struct signing *signing,
	const json_t *asked, int64_t ttl_s)
{
	const json_t *grant = signing->grant;
	json_t *claims = json_object();
	json_put(claims, "iss", call->vault->settings->issuer);
	json_put(claims, "sub", json_str(grant, "sub"));
	json_put_int(claims, "exp", expiry(call, signing, ttl_s));
	json_put_int(claims, "iat", call->now_s);
	json_put_int(claims, "auth_time", json_int(grant, "auth_time", 0));
	json_put(claims, "acr", json_str(grant, "acr"));
	json_put_new(claims, "amr", json_deep_copy(json_object_get(grant, "amr")));
	json_object_update(claims, (json_t *)(uintptr_t)asked);
	return claims;
}

/* Sign with the current key of in.alg. */
static struct result sign(const struct op_call *call, const struct signing *signing,
	struct jose_sign in, const char **out)
{
	const struct keyring_key *key = keyring_current(signing->keys, in.alg, call->now_s);
	if (!key || !keyring_fresh(call->vault->keyring))
		FAIL(ERR_ABSENT);
	in.key = key->key;
	return jose_sign(call->arena, &in, out);
}

/* RFC 9068 s2.2. Its audience is the issuer itself: userinfo. */
static struct result access_token(struct op_call *call, struct signing *signing)
{
	const struct settings *settings = call->vault->settings;
	AUTO_JSON json_t *claims =
		claims_new(call, signing, signing->access_token, settings->access_token_ttl_s);
	json_put(claims, "aud", settings->issuer);
	json_put(claims, "client_id", json_str(signing->grant, "client_id"));
	json_put(claims, "jti", signing->job->jti);
	json_put(claims, "grant_id", json_str(signing->grant, "grant_id"));
	const struct jose_sign in = {
		.typ = "at+jwt", .claims = claims, .alg = signing->job->access_token_alg};
	TRY(sign(call, signing, in, &signing->out->access_token));
	signing->out->expires_in = json_int(claims, "exp", 0) - call->now_s;
	return OK;
}

/* The left half of the hash, which is SHA-256 for each of our algorithms. OIDC Core s3.1.3.6. */
static const char *at_hash(struct arena *arena, const char *token)
{
	return enc_b64url(arena, crypto_sha256_text(arena, token), SHA256_LEN / 2);
}

/* OIDC Core s2. */
static struct result id_token(struct op_call *call, const struct signing *signing)
{
	const char *client_id = json_str(signing->grant, "client_id");
	AUTO_JSON json_t *claims =
		claims_new(call, signing, signing->id_token, call->vault->settings->id_token_ttl_s);
	json_put(claims, "aud", client_id);
	json_put(claims, "azp", client_id);
	json_put(claims, "sid", json_str(signing->grant, "grant_id"));
	if (signing->out->access_token)
		json_put(claims, "at_hash", at_hash(call->arena, signing->out->access_token));
	const struct jose_sign in = {.typ = "JWT", .claims = claims, .alg = signing->job->alg};
	return sign(call, signing, in, &signing->out->id_token);
}

static struct result sign_both(struct op_call *call, struct signing *signing)
{
	if (signing->access_token)
		TRY(access_token(call, signing));
	if (signing->id_token)
		TRY(id_token(call, signing));
	signing->out->outcome = VAULT_OK;
	return OK;
}

/* NULL text gives NULL. */
static struct result parse_claims(const char *text, json_t **out)
{
	if (!text)
		return OK;
	TRY(json_parse(text, strlen(text), out, NULL));
	return json_is_object(*out) ? OK : FAILED(ERR_FORMAT);
}

static struct result sign_job(struct op_call *call, struct signing *signing)
{
	AUTO_JSON json_t *grant = NULL;
	AUTO_JSON json_t *id_claims = NULL;
	AUTO_JSON json_t *access_claims = NULL;
	const struct ticket_check check = {call->vault->secrets, TICKET_GRANT, call->now_s};
	signing->out->outcome = VAULT_REFUSED;
	if (ticket_open(&check, signing->job->grant_ticket, &grant) != TICKET_GOOD)
		return OK;
	const bool parsed =
		parse_claims(signing->job->id_token, &id_claims).err == ERR_NONE &&
		parse_claims(signing->job->access_token, &access_claims).err == ERR_NONE;
	signing->grant = grant;
	signing->id_token = id_claims;
	signing->access_token = access_claims;
	if (parsed && well_asked(call, signing))
		return sign_both(call, signing);
	log_warn("vault.sign", "error", "no claims, reserved claims, or a scope beyond the grant");
	return OK;
}

/* A job that fails is logged and takes none of the others with it. */
static void sign_all(struct op_call *call, const struct vault_sign_in *in,
	const struct keyring_set *keys, struct vault_sign_results_item *results)
{
	for (size_t i = 0; i < in->jobs.n; i++) {
		struct signing signing = {
			.job = &in->jobs.items[i], .out = &results[i], .keys = keys};
		const struct result done = sign_job(call, &signing);
		if (done.err == ERR_NONE)
			continue;
		log_error("vault.failed", "op", "sign", "error", result_name(done.err), "where",
			done.where);
		results[i] = (struct vault_sign_results_item){.outcome = VAULT_FAILED};
	}
}

struct result op_sign(
	struct op_call *call, const struct vault_sign_in *in, struct vault_sign_out *out)
{
	struct vault_sign_results_item *const results =
		ARENA_ARRAY(call->arena, struct vault_sign_results_item, in->jobs.n);
	struct keyring_set *const keys = keyring_hold(call->vault->keyring);
	sign_all(call, in, keys, results);
	keyring_release(call->vault->keyring, keys);
	out->results.items = results;
	out->results.n = in->jobs.n;
	out->outcome = VAULT_OK;
	return OK;
}
