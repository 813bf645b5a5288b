/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/vault_codec_impl.h"
#include <string.h>

static void put_number(struct vault_frame *frame, uint64_t number, size_t len)
{
	uint8_t bytes[8];
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(number >> 8 * (len - 1 - i) & 0xff);
	vault_frame_put(frame, bytes, len);
}

static struct result put_text(
	const struct vault_member *member, const char *text, struct vault_frame *frame)
{
	if (!text)
		FAIL(ERR_FORMAT);
	const size_t len = strnlen(text, vault_codec_most(member) + 1);
	if (len > vault_codec_most(member))
		FAIL(ERR_BOUNDS);
	if (!vault_codec_text_fits(member, text, len))
		FAIL(ERR_FORMAT);
	put_number(frame, len, 4);
	vault_frame_put(frame, text, len + 1);
	return OK;
}

static struct result put_bytes(
	const struct vault_member *member, struct bytes bytes, struct vault_frame *frame)
{
	const bool is_hash = member->type == VAULT_HASH;
	if (!bytes.data || (is_hash && bytes.len != SHA256_LEN))
		FAIL(ERR_FORMAT);
	if (!is_hash && bytes.len > member->max)
		FAIL(ERR_BOUNDS);
	if (!is_hash)
		put_number(frame, bytes.len, 4);
	vault_frame_put(frame, bytes.data, bytes.len);
	return OK;
}

static struct result put_texts(
	const struct vault_member *member, const struct str_list *list, struct vault_frame *frame)
{
	if (list->n > member->max)
		FAIL(ERR_BOUNDS);
	put_number(frame, list->n, 4);
	for (size_t i = 0; i < list->n; i++)
		TRY(put_text(member, list->items[i], frame));
	return OK;
}

static struct result put_shape(const struct vault_shape *shape, enum vault_outcome on,
	const void *from, struct vault_frame *frame);

static struct result put_list(
	const struct vault_member *member, const void *at, struct vault_frame *frame)
{
	struct vault_codec_list list;
	memcpy(&list, at, sizeof list);
	if (list.n > member->max)
		FAIL(ERR_BOUNDS);
	put_number(frame, list.n, 4);
	const uint8_t *item = list.items;
	for (size_t i = 0; i < list.n; i++, item += member->items->size)
		TRY(put_shape(member->items, VAULT_OK, item, frame));
	return OK;
}

static struct result put_choice(const void *at, unsigned last, struct vault_frame *frame)
{
	unsigned value;
	memcpy(&value, at, sizeof value);
	if (value > last)
		FAIL(ERR_FORMAT);
	put_number(frame, value, 1);
	return OK;
}

static struct result put_value(
	const struct vault_member *member, const void *at, struct vault_frame *frame)
{
	switch (member->type) {
	case VAULT_TEXT:
	case VAULT_SECRET:
	case VAULT_JSON:
	case VAULT_UUID:
		return put_text(member, *(const char *const *)at, frame);
	case VAULT_BYTES:
	case VAULT_HASH:
		return put_bytes(member, *(const struct bytes *)at, frame);
	case VAULT_TEXTS:
		return put_texts(member, at, frame);
	case VAULT_INT:
		put_number(frame, (uint64_t) * (const int64_t *)at, 8);
		return OK;
	case VAULT_BOOL:
		put_number(frame, *(const bool *)at, 1);
		return OK;
	case VAULT_ALG:
		return put_choice(at, VAULT_CODEC_ALG_LAST, frame);
	case VAULT_OUTCOME:
		return put_choice(at, VAULT_CODEC_OUTCOME_LAST, frame);
	case VAULT_CONTEXT:
		return put_shape(&vault_codec_context, VAULT_OK, at, frame);
	case VAULT_LIST:
		return put_list(member, at, frame);
	}
	FAIL(ERR_FORMAT);
}

static bool is_given(const struct vault_member *member, const uint8_t *base)
{
	if (member->has_offset > 0)
		return *(const bool *)(base + member->has_offset);
	/* A pointer, or struct bytes, which begins with one. */
	return *(const void *const *)(const void *)(base + member->offset) != NULL;
}

static struct result put_shape(const struct vault_shape *shape, enum vault_outcome on,
	const void *from, struct vault_frame *frame)
{
	const uint8_t *const base = from;
	for (size_t i = 0; i < shape->n; i++) {
		const struct vault_member *const member = &shape->members[i];
		if (member->on != on)
			continue;
		const bool given = !member->nullable || is_given(member, base);
		if (member->nullable)
			put_number(frame, given, 1);
		if (given)
			TRY(put_value(member, base + member->offset, frame));
	}
	return frame->over ? FAILED(ERR_BOUNDS) : OK;
}

struct result vault_codec_put_request(
	const struct vault_op *op, const void *in, struct vault_frame *frame)
{
	vault_frame_clear(frame);
	put_number(frame, op->fingerprint, 4);
	put_number(frame, op->number, 2);
	return put_shape(&op->in, VAULT_OK, in, frame);
}

struct result vault_codec_put_reply(
	const struct vault_op *op, const void *out, struct vault_frame *frame)
{
	enum vault_outcome outcome;
	memcpy(&outcome, out, sizeof outcome);
	vault_frame_clear(frame);
	TRY(put_choice(&outcome, VAULT_CODEC_OUTCOME_LAST, frame));
	return put_shape(&op->out, outcome, out, frame);
}
