/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/client_auth.h"
#include "idp/base/enc.h"
#include "oidc/client_assertion.h"
#include <string.h>
#include <strings.h>

#define METHODS "client_secret_basic, client_secret_post, private_key_jwt or none with client_id"

const char *client_auth_method_name(enum client_auth_method method)
{
	static const char *const names[] = {[CLIENT_AUTH_BASIC] = "client_secret_basic",
		[CLIENT_AUTH_POST] = "client_secret_post",
		[CLIENT_AUTH_PRIVATE_KEY_JWT] = "private_key_jwt",
		[CLIENT_AUTH_NONE] = "none"};
	return names[method];
}

/* application/x-www-form-urlencoded, one value, in place. False for a broken escape or a NUL. */
static bool form_decode(char *text)
{
	const size_t n = enc_percent_decode(text, strlen(text), true, text);
	return n != ENC_BROKEN && strlen(text) == n;
}

/* RFC 7617 s2 with the encoding of RFC 6749 s2.3.1: both halves are form-encoded before the colon
 * joins them. */
static bool read_basic(
	struct arena *arena, const char *authorization, struct client_auth_presented *out)
{
	uint8_t *bytes;
	size_t len;
	if (strncasecmp(authorization, "Basic ", 6) != 0)
		return false;
	const char *encoded = authorization + 6 + strspn(authorization + 6, " ");
	if (enc_b64_decode(arena, encoded, &bytes, &len).err != ERR_NONE)
		return false;
	char *text = arena_strndup(arena, (const char *)bytes, len);
	char *colon = strlen(text) == len ? strchr(text, ':') : NULL;
	if (!colon)
		return false;
	*colon = '\0';
	char *secret = colon + 1;
	const char *plain = arena_strdup(arena, secret);
	if (!form_decode(text) || !form_decode(secret) || !*text ||
		!str_utf8_valid(text, strlen(text)) || !str_utf8_valid(secret, strlen(secret)))
		return false;
	*out = (struct client_auth_presented){CLIENT_AUTH_BASIC, text, secret, NULL, plain};
	return true;
}

static struct error refuse_two(struct arena *arena)
{
	return error_make(arena, ERROR_INVALID_REQUEST,
		"expected one way of client authentication, came more than one");
}

static struct error read_header(struct arena *arena, const char *authorization,
	const struct params *form, struct client_auth_presented *out)
{
	const char *client_id = params_value(form, "client_id");
	if (params_value(form, "client_secret") || params_value(form, "client_assertion"))
		return refuse_two(arena);
	if (!read_basic(arena, authorization, out))
		return error_make(arena, ERROR_INVALID_CLIENT,
			"expected Authorization: Basic with base64 of client_id:client_secret, "
			"both form-encoded first; what came cannot be read so");
	if (client_id && !str_eq(client_id, out->client_id))
		return error_make(arena, ERROR_INVALID_REQUEST,
			"expected the same client_id in the Authorization header and in the body, "
			"came %s in the body",
			error_shown(arena, client_id));
	return ERROR_ABSENT;
}

static struct error read_assertion(
	struct arena *arena, const struct params *form, struct client_auth_presented *out)
{
	const char *type = params_value(form, "client_assertion_type");
	const char *client_id = params_value(form, "client_id");
	const char *assertion = params_value(form, "client_assertion");
	AUTO_JSON json_t *claims = NULL;
	if (!str_eq(type, CLIENT_AUTH_ASSERTION_TYPE))
		return error_make(arena, ERROR_INVALID_REQUEST,
			"expected client_assertion_type " CLIENT_AUTH_ASSERTION_TYPE ", came %s",
			error_shown(arena, type));
	if (!assertion)
		return error_make(arena, ERROR_INVALID_REQUEST,
			"expected client_assertion with client_assertion_type, came nothing");
	const char *sub =
		jose_peek(assertion, &claims).err == ERR_NONE ? json_str(claims, "sub") : NULL;
	if (str_empty(sub))
		return error_make(arena, ERROR_INVALID_CLIENT,
			"expected client_assertion to be a signed JWT whose sub is the client_id; "
			"what came cannot be read so");
	if (client_id && !str_eq(client_id, sub))
		return error_make(arena, ERROR_INVALID_REQUEST,
			"expected client_id to be the sub of client_assertion, came %s",
			error_shown(arena, client_id));
	*out = (struct client_auth_presented){
		CLIENT_AUTH_PRIVATE_KEY_JWT, arena_strdup(arena, sub), NULL, assertion, NULL};
	return ERROR_ABSENT;
}

struct error client_auth_read(struct arena *arena, const char *authorization,
	const struct params *form, struct client_auth_presented *out)
{
	const char *client_id = params_value(form, "client_id");
	const char *secret = params_value(form, "client_secret");
	bool assertion = params_value(form, "client_assertion") ||
			 params_value(form, "client_assertion_type");
	if (secret && assertion)
		return refuse_two(arena);
	if (authorization)
		return read_header(arena, authorization, form, out);
	if (assertion)
		return read_assertion(arena, form, out);
	if (!client_id)
		return error_make(arena, ERROR_INVALID_CLIENT,
			"expected client authentication by " METHODS ", came nothing");
	enum client_auth_method method = secret ? CLIENT_AUTH_POST : CLIENT_AUTH_NONE;
	*out = (struct client_auth_presented){method, client_id, secret, NULL, NULL};
	return ERROR_ABSENT;
}

static struct client_auth_decision refuse(struct arena *arena, const char *reason, const char *text)
{
	struct error error = error_make(arena, ERROR_INVALID_CLIENT, "%s", text);
	return (struct client_auth_decision){.error = error, .reason = reason};
}

static bool hash_fits(const char *secret, const uint8_t *wanted)
{
	uint8_t hash[SHA256_LEN];
	crypto_sha256(secret, strlen(secret), hash);
	bool same = crypto_equal(hash, wanted, SHA256_LEN);
	explicit_bzero(hash, sizeof(hash));
	return same;
}

/* The same work whether there is a secret to compare with or not. */
static bool secret_fits(
	const struct client_auth_presented *presented, const struct client_auth_facts *facts)
{
	static const uint8_t nobody[SHA256_LEN];
	bool has = facts->client && facts->secret_hash.data && facts->secret_hash.len == SHA256_LEN;
	const uint8_t *wanted = has ? facts->secret_hash.data : nobody;
	const char *plain = presented->plain ? presented->plain : presented->secret;
	bool decoded_fits = hash_fits(presented->secret, wanted);
	bool plain_fits = hash_fits(plain, wanted);
	return (decoded_fits || plain_fits) && has;
}

static struct client_auth_decision decide_secret(struct arena *arena,
	const struct client_auth_presented *presented, const struct client_auth_facts *facts)
{
	if (!secret_fits(presented, facts))
		return refuse(arena, facts->client ? "wrong_secret" : "unknown_client",
			"expected client_id and client_secret as registered; no client has these");
	return (struct client_auth_decision){0};
}

static struct client_auth_decision decide_method(struct arena *arena,
	const struct client_auth_presented *presented, const struct client_auth_facts *facts)
{
	struct error error = error_make(arena, ERROR_INVALID_CLIENT,
		"expected client authentication by %s, as registered for this client, came %s",
		client_auth_method_name(facts->client->auth_method),
		client_auth_method_name(presented->method));
	return (struct client_auth_decision){.error = error, .reason = "wrong_method"};
}

struct client_auth_decision client_auth_decide(struct arena *arena,
	const struct client_auth_presented *presented, const struct client_auth_facts *facts)
{
	if (facts->client && facts->client->auth_method != presented->method)
		return decide_method(arena, presented, facts);
	switch (presented->method) {
	case CLIENT_AUTH_BASIC:
	case CLIENT_AUTH_POST:
		return decide_secret(arena, presented, facts);
	case CLIENT_AUTH_PRIVATE_KEY_JWT:
		return client_assertion_decide(arena, presented->assertion, facts);
	case CLIENT_AUTH_NONE:
		break;
	}
	if (!facts->client)
		return refuse(arena, "unknown_client",
			"expected the client_id of a registered client; no client has this one");
	return (struct client_auth_decision){0};
}

struct client_auth_decision client_auth_replayed(struct arena *arena)
{
	return refuse(arena, "assertion_replayed",
		"expected a client_assertion with a new jti, came one that was used before");
}
