/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/ticket.h"
#include "idp/base/enc.h"
#include <string.h>

static const uint8_t *key_of(const struct secrets *secrets, enum ticket_kind kind)
{
	switch (kind) {
	case TICKET_PARTIAL:
		return secrets->partial;
	case TICKET_SIGN_IN:
		return secrets->ticket;
	case TICKET_GRANT:
		return secrets->grant;
	}
	return NULL;
}

const char *ticket_make(struct arena *arena, const struct secrets *secrets, enum ticket_kind kind,
	const json_t *claims)
{
	uint8_t mac[SHA256_LEN];
	const char *text = json_text(arena, claims);
	const char *body = enc_b64url(arena, text, strlen(text));
	crypto_hmac(key_of(secrets, kind), body, strlen(body), mac);
	return arena_printf(arena, "%s.%s", body, enc_b64url(arena, mac, sizeof mac));
}

/* The text before the dot if the MAC behind it is ours, otherwise NULL. */
static const char *genuine(struct arena *arena, const struct ticket_check *check, const char *text)
{
	uint8_t *mac = NULL, expected[SHA256_LEN];
	size_t len = 0;
	const char *dot = strchr(text, '.');
	if (!dot || strnlen(text, TICKET_LEN_MAX + 1) > TICKET_LEN_MAX ||
		enc_b64url_decode(arena, dot + 1, &mac, &len).err != ERR_NONE || len != SHA256_LEN)
		return NULL;
	const size_t body_len = (size_t)(dot - text);
	crypto_hmac(key_of(check->secrets, check->kind), text, body_len, expected);
	return crypto_equal(mac, expected, SHA256_LEN) ? arena_strndup(arena, text, body_len)
						       : NULL;
}

static enum ticket_verdict read_ticket(
	struct arena *arena, const struct ticket_check *check, const char *text, json_t **claims)
{
	uint8_t *json = NULL;
	size_t len = 0;
	const char *body = genuine(arena, check, text);
	if (!body || enc_b64url_decode(arena, body, &json, &len).err != ERR_NONE ||
		json_parse((const char *)json, len, claims, NULL).err != ERR_NONE)
		return TICKET_FOREIGN;
	return json_int(*claims, "exp", 0) > check->now_s ? TICKET_GOOD : TICKET_EXPIRED;
}

enum ticket_verdict ticket_open(const struct ticket_check *check, const char *text, json_t **claims)
{
	struct arena *arena = arena_new();
	const enum ticket_verdict verdict = read_ticket(arena, check, text, claims);
	arena_free(arena);
	return verdict;
}

static const char *person(const json_t *claims, const char *key)
{
	const char *const found = json_str(claims, key);
	return found ? found : json_str(claims, "citizen_id");
}

const char *ticket_subject(const json_t *claims)
{
	return person(claims, "subject_id");
}

const char *ticket_actor(const json_t *claims)
{
	return person(claims, "actor_id");
}
