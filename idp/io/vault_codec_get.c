/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/vault_codec_impl.h"
#include <string.h>

#define REQUEST_HEAD 6

struct reader {
	const uint8_t *at;
	size_t left;
	struct arena *arena;
};

static struct result get_number(struct reader *reader, size_t len, uint64_t *out)
{
	uint64_t number = 0;
	if (reader->left < len)
		FAIL(ERR_FORMAT);
	for (size_t i = 0; i < len; i++)
		number = number << 8 | reader->at[i];
	reader->at += len;
	reader->left -= len;
	*out = number;
	return OK;
}

static struct result get_flag(struct reader *reader, bool *out)
{
	uint64_t number = 0;
	TRY(get_number(reader, 1, &number));
	if (number > 1)
		FAIL(ERR_FORMAT);
	*out = number == 1;
	return OK;
}

static struct result get_text(
	struct reader *reader, const struct vault_member *member, const char **out)
{
	uint64_t len = 0;
	TRY(get_number(reader, 4, &len));
	if (len > vault_codec_most(member) || len >= reader->left || reader->at[len] != '\0')
		FAIL(ERR_FORMAT);
	const char *const text = (const char *)reader->at;
	if (!vault_codec_text_fits(member, text, len))
		FAIL(ERR_FORMAT);
	reader->at += len + 1;
	reader->left -= len + 1;
	*out = text;
	return OK;
}

static struct result get_bytes(
	struct reader *reader, const struct vault_member *member, struct bytes *out)
{
	uint64_t len = SHA256_LEN;
	if (member->type != VAULT_HASH)
		TRY(get_number(reader, 4, &len));
	if ((member->type != VAULT_HASH && len > member->max) || len > reader->left)
		FAIL(ERR_FORMAT);
	*out = (struct bytes){reader->at, len};
	reader->at += len;
	reader->left -= len;
	return OK;
}

/* Each item has a byte at least, so a count allocates no more than a frame's worth of items. */
static struct result get_count(
	struct reader *reader, const struct vault_member *member, size_t *out)
{
	uint64_t n = 0;
	TRY(get_number(reader, 4, &n));
	if (n > member->max || n > reader->left)
		FAIL(ERR_FORMAT);
	*out = n;
	return OK;
}

static struct result get_texts(
	struct reader *reader, const struct vault_member *member, struct str_list *out)
{
	struct str_list list = {NULL, 0};
	TRY(get_count(reader, member, &list.n));
	list.items = ARENA_ARRAY(reader->arena, const char *, list.n);
	for (size_t i = 0; i < list.n; i++)
		TRY(get_text(reader, member, &list.items[i]));
	*out = list;
	return OK;
}

static struct result get_shape(
	struct reader *reader, const struct vault_shape *shape, enum vault_outcome on, void *to);

static struct result get_list(struct reader *reader, const struct vault_member *member, void *at)
{
	struct vault_codec_list list = {NULL, 0};
	TRY(get_count(reader, member, &list.n));
	uint8_t *item = arena_alloc(reader->arena, list.n * member->items->size);
	list.items = item;
	for (size_t i = 0; i < list.n; i++, item += member->items->size)
		TRY(get_shape(reader, member->items, VAULT_OK, item));
	memcpy(at, &list, sizeof list);
	return OK;
}

static struct result get_choice(struct reader *reader, unsigned last, void *at)
{
	uint64_t number = 0;
	TRY(get_number(reader, 1, &number));
	if (number > last)
		FAIL(ERR_FORMAT);
	const unsigned value = (unsigned)number;
	memcpy(at, &value, sizeof value);
	return OK;
}

static struct result get_int(struct reader *reader, int64_t *out)
{
	uint64_t number = 0;
	TRY(get_number(reader, 8, &number));
	*out = (int64_t)number;
	return OK;
}

static struct result get_value(struct reader *reader, const struct vault_member *member, void *at)
{
	switch (member->type) {
	case VAULT_TEXT:
	case VAULT_SECRET:
	case VAULT_JSON:
	case VAULT_UUID:
		return get_text(reader, member, at);
	case VAULT_BYTES:
	case VAULT_HASH:
		return get_bytes(reader, member, at);
	case VAULT_TEXTS:
		return get_texts(reader, member, at);
	case VAULT_INT:
		return get_int(reader, at);
	case VAULT_BOOL:
		return get_flag(reader, at);
	case VAULT_ALG:
		return get_choice(reader, VAULT_CODEC_ALG_LAST, at);
	case VAULT_OUTCOME:
		return get_choice(reader, VAULT_CODEC_OUTCOME_LAST, at);
	case VAULT_CONTEXT:
		return get_shape(reader, &vault_codec_context, VAULT_OK, at);
	case VAULT_LIST:
		return get_list(reader, member, at);
	}
	FAIL(ERR_FORMAT);
}

static struct result get_shape(
	struct reader *reader, const struct vault_shape *shape, enum vault_outcome on, void *to)
{
	uint8_t *const base = to;
	for (size_t i = 0; i < shape->n; i++) {
		const struct vault_member *const member = &shape->members[i];
		bool given = true;
		if (member->on != on)
			continue;
		if (member->nullable)
			TRY(get_flag(reader, &given));
		if (member->nullable && member->has_offset > 0)
			memcpy(base + member->has_offset, &given, sizeof given);
		if (given)
			TRY(get_value(reader, member, base + member->offset));
	}
	return OK;
}

/* All of what is left of the frame is these members. */
static struct result get_all(
	struct reader *reader, const struct vault_shape *shape, enum vault_outcome on, void *to)
{
	TRY(get_shape(reader, shape, on, to));
	return reader->left == 0 ? OK : FAILED(ERR_FORMAT);
}

struct result vault_codec_head(const struct vault_frame *frame, struct vault_codec_head *head)
{
	struct reader reader = {
		frame->bytes + VAULT_FRAME_HEAD, frame->len - VAULT_FRAME_HEAD, NULL};
	uint64_t fingerprint = 0, number = 0;
	TRY(get_number(&reader, 4, &fingerprint));
	TRY(get_number(&reader, 2, &number));
	*head = (struct vault_codec_head){(uint32_t)fingerprint, (uint16_t)number};
	return OK;
}

struct result vault_codec_get_request(
	const struct vault_op *op, const struct vault_frame *frame, struct arena *arena, void *in)
{
	const size_t head = VAULT_FRAME_HEAD + REQUEST_HEAD;
	if (frame->len < head)
		FAIL(ERR_FORMAT);
	struct reader reader = {frame->bytes + head, frame->len - head, arena};
	return get_all(&reader, &op->in, VAULT_OK, in);
}

struct result vault_codec_get_reply(
	const struct vault_op *op, const struct vault_frame *frame, struct arena *arena, void *out)
{
	const size_t len = frame->len - VAULT_FRAME_HEAD;
	struct reader reader = {
		arena_memdup(arena, frame->bytes + VAULT_FRAME_HEAD, len), len, arena};
	enum vault_outcome outcome = VAULT_FAILED;
	TRY(get_choice(&reader, VAULT_CODEC_OUTCOME_LAST, &outcome));
	TRY(get_all(&reader, &op->out, outcome, out));
	memcpy(out, &outcome, sizeof outcome);
	return OK;
}
