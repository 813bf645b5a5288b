/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/client_assertion.h"
#include <string.h>

#define TIME_MAX INT64_C(253402300799) /* the year 9999 */

/* RFC 7519 s2: a NumericDate may have a fraction. -1: not there; -2: no time. */
static int64_t numeric_date(const json_t *claims, const char *name)
{
	const json_t *value = json_object_get(claims, name);
	if (!value)
		return -1;
	if (json_is_integer(value)) {
		json_int_t number = json_integer_value(value);
		return number >= 0 && number <= TIME_MAX ? number : -2;
	}
	double number = json_is_real(value) ? json_real_value(value) : -1.0;
	return number >= 0.0 && number <= (double)TIME_MAX ? (int64_t)number : -2;
}

static bool audience_ours(const struct client_auth_facts *facts, const json_t *value)
{
	const char *text = json_string_value(value);
	if (!text)
		return false;
	if (str_eq(text, facts->issuer))
		return true;
	for (size_t i = 0; facts->audiences[i]; i++)
		if (str_eq(text, facts->audiences[i]))
			return true;
	return false;
}

/* An assertion that is meant for somebody else as well could be passed on by them, so each audience
 * must be ours. */
static bool audiences_ours(const struct client_auth_facts *facts, const json_t *aud)
{
	size_t n = json_array_size(aud);
	if (!json_is_array(aud))
		return audience_ours(facts, aud);
	for (size_t i = 0; i < n; i++)
		if (!audience_ours(facts, json_array_get(aud, i)))
			return false;
	return n > 0;
}

static struct client_auth_decision check_times(
	struct arena *arena, const json_t *claims, const struct client_auth_facts *facts)
{
	int64_t exp = numeric_date(claims, "exp"), iat = numeric_date(claims, "iat");
	int64_t nbf = numeric_date(claims, "nbf"), now = facts->now_s;
	struct client_auth_decision good = {0};
	if (exp < 0 || iat == -2 || nbf == -2)
		return client_auth_refuse(error_make(arena, ERROR_INVALID_CLIENT,
						  "client_assertion: exp is missing, or exp, iat "
						  "or nbf is not a number of unix seconds."),
			"assertion_malformed");
	if (exp + CLIENT_AUTH_SKEW_S <= now)
		return client_auth_refuse(
			error_make(arena, ERROR_INVALID_CLIENT,
				"client_assertion has expired: the time is %lld, received exp "
				"%lld; %d s of difference are accepted.",
				(long long)now, (long long)exp, CLIENT_AUTH_SKEW_S),
			"assertion_expired");
	if (iat > now + CLIENT_AUTH_SKEW_S || nbf > now + CLIENT_AUTH_SKEW_S)
		return client_auth_refuse(
			error_make(arena, ERROR_INVALID_CLIENT,
				"client_assertion is not valid yet: the time is "
				"%lld, received iat %lld, nbf %lld (-1: none); "
				"%d s of difference are accepted.",
				(long long)now, (long long)iat, (long long)nbf, CLIENT_AUTH_SKEW_S),
			"assertion_early");
	if (iat >= 0 && iat < now - CLIENT_AUTH_MAX_AGE_S - CLIENT_AUTH_SKEW_S)
		return client_auth_refuse(
			error_make(arena, ERROR_INVALID_CLIENT,
				"client_assertion may be at most %d seconds old: the time is %lld, "
				"received iat %lld; %d s of difference are accepted.",
				CLIENT_AUTH_MAX_AGE_S, (long long)now, (long long)iat,
				CLIENT_AUTH_SKEW_S),
			"assertion_old");
	if (iat < 0 && exp > now + CLIENT_AUTH_MAX_AGE_S + CLIENT_AUTH_SKEW_S)
		return client_auth_refuse(
			error_make(arena, ERROR_INVALID_CLIENT,
				"client_assertion has no iat, so exp may be at most %d seconds "
				"ahead: the time is %lld, received exp %lld; %d s of difference "
				"are accepted.",
				CLIENT_AUTH_MAX_AGE_S, (long long)now, (long long)exp,
				CLIENT_AUTH_SKEW_S),
			"assertion_old");
	int64_t end =
		iat >= 0 && iat + CLIENT_AUTH_MAX_AGE_S < exp ? iat + CLIENT_AUTH_MAX_AGE_S : exp;
	good.jti_until_s = end + CLIENT_AUTH_SKEW_S + 1;
	return good;
}

static struct client_auth_decision check_claims(
	struct arena *arena, const json_t *claims, const struct client_auth_facts *facts)
{
	const char *jti = json_str(claims, "jti");
	const char *client_id = facts->client->client_id;
	if (!str_eq(json_str(claims, "iss"), client_id) ||
		!str_eq(json_str(claims, "sub"), client_id))
		return client_auth_refuse(
			error_make(arena, ERROR_INVALID_CLIENT,
				"client_assertion: iss and sub must be the "
				"client_id. Received iss %s; registered: %s.",
				error_shown(arena, json_str(claims, "iss")), client_id),
			"assertion_issuer");
	const json_t *aud = json_object_get(claims, "aud");
	if (!audiences_ours(facts, aud))
		return client_auth_refuse(
			error_make(arena, ERROR_INVALID_CLIENT,
				"client_assertion: aud must be %s or %s, and no other. Received "
				"%s.",
				facts->issuer, facts->audiences[0] ? facts->audiences[0] : "that",
				json_is_array(aud) ? "an array with another value"
						   : error_shown(arena, json_string_value(aud))),
			"assertion_audience");
	if (str_empty(jti) || strlen(jti) > CLIENT_AUTH_JTI_MAX)
		return client_auth_refuse(error_make(arena, ERROR_INVALID_CLIENT,
						  "client_assertion: jti must have 1 to %d bytes. "
						  "Received %zu.",
						  CLIENT_AUTH_JTI_MAX, jti ? strlen(jti) : 0),
			"assertion_jti");
	struct client_auth_decision decision = check_times(arena, claims, facts);
	if (decision.error.code == ERROR_NONE)
		decision.jti = arena_strdup(arena, jti);
	return decision;
}

static const char *algs_text(struct arena *arena, const struct client *client)
{
	static const enum jose_alg all[] = {JOSE_ES256, JOSE_RS256, JOSE_PS256};
	struct buf out = buf_new(arena);
	for (size_t i = 0; client && i < sizeof all / sizeof all[0]; i++)
		if (client->assertion_algs & 1u << all[i])
			buf_printf(&out, "%s%s", out.len ? " " : "", jose_alg_name(all[i]));
	return out.text;
}

struct client_auth_decision client_assertion_decide(struct arena *arena,
	const struct client_auth_presented *presented, const struct client_auth_facts *facts)
{
	static const struct jose_keys none = {0};
	AUTO_JSON json_t *claims = NULL;
	struct jose_verify in = {presented->assertion, facts->client ? &facts->client->keys : &none,
		facts->client ? facts->client->assertion_algs : 0};
	enum jose_verdict verdict =
		facts->client ? jose_verify(&in, NULL, &claims) : JOSE_KEY_UNKNOWN;
	if (verdict == JOSE_ALG_REFUSED)
		return client_auth_refuse(error_make(arena, ERROR_INVALID_CLIENT,
						  "client_assertion: its alg is not registered for "
						  "this client. Registered: %s.",
						  algs_text(arena, facts->client)),
			"assertion_alg");
	if (verdict != JOSE_GOOD)
		return client_auth_refuse(error_make(arena, ERROR_INVALID_CLIENT,
						  "client_assertion: no key that is registered for "
						  "this client verifies its signature."),
			facts->client ? "assertion_signature" : "unknown_client");
	return check_claims(arena, claims, facts);
}
