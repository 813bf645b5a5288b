/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/outbox.h"
#include "idp/base/json.h"
#include "idp/base/str.h"
#include <inttypes.h>
#include <string.h>

#define VERSION 1

static struct bytes aad(const struct outbox_seal *seal)
{
	const char *const text = arena_printf(
		seal->arena, "outbox|%d|%s|%" PRId64, VERSION, seal->message_id, seal->epoch);
	return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static bool fits(const char *text, size_t max)
{
	return text && strnlen(text, max + 1) <= max;
}

static bool all_fit(const struct outbox_text *text)
{
	return fits(text->to, OUTBOX_TO_MAX) && !str_empty(text->to) &&
	       fits(text->body, OUTBOX_BODY_MAX) &&
	       (!text->subject || fits(text->subject, OUTBOX_SUBJECT_MAX));
}

struct result outbox_close(const struct outbox_seal *seal, const struct rng *rng,
	const struct outbox_text *text, struct bytes *sealed)
{
	uint8_t nonce[CRYPTO_NONCE_LEN];
	AUTO_JSON json_t *object = json_object();
	if (!all_fit(text))
		FAIL(ERR_BOUNDS);
	json_put(object, "to", text->to);
	json_put(object, "subject", text->subject);
	json_put(object, "body", text->body);
	const char *const plain = json_text(seal->arena, object);
	const struct bytes in[] = {{(const uint8_t *)plain, strlen(plain)}, aad(seal)};
	rng_bytes(rng, nonce, sizeof nonce);
	return crypto_seal(seal->arena, seal->key, nonce, in, sealed);
}

struct result outbox_open(
	const struct outbox_seal *seal, struct bytes sealed, struct outbox_text *text)
{
	const struct bytes in[] = {sealed, aad(seal)};
	struct bytes plain = {NULL, 0};
	AUTO_JSON json_t *object = NULL;
	if (!sealed.data)
		FAIL(ERR_CRYPTO);
	TRY(crypto_open(seal->arena, seal->key, in, &plain));
	TRY(json_parse((const char *)plain.data, plain.len, &object, NULL));
	const struct outbox_text read = {arena_strdup(seal->arena, json_str(object, "to")),
		arena_strdup(seal->arena, json_str(object, "subject")),
		arena_strdup(seal->arena, json_str(object, "body"))};
	if (!all_fit(&read))
		FAIL(ERR_BOUNDS);
	*text = read;
	return OK;
}
