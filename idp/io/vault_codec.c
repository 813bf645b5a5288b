/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/vault_codec.h"
#include <string.h>

#define NAME_MAX_BYTES 256 /* of a client_id or correlation_id */
#define REQUEST_HEAD 6
#define UUID_LEN 36
#define ALG_LAST JOSE_PS256
#define OUTCOME_LAST VAULT_EXPIRED

/* Enums of the structs are read and written as this. */
_Static_assert(sizeof(enum jose_alg) == sizeof(unsigned), "size of enum jose_alg");
_Static_assert(sizeof(enum vault_outcome) == sizeof(unsigned), "size of enum vault_outcome");

/* A list of any item type: the generated structs have the same two members. */
struct list {
	const void *items;
	size_t n;
};

static const char *const outcome_names[] = {
	[VAULT_FAILED] = "failed",
	[VAULT_OK] = "ok",
	[VAULT_REFUSED] = "refused",
	[VAULT_WAIT] = "wait",
	[VAULT_BLOCKED] = "blocked",
	[VAULT_EXPIRED] = "expired",
};

#define CONTEXT_MEMBER(member, kind, most) \
	{ \
		.name = #member, .type = (kind), .on = VAULT_OK, .nullable = true, \
		.offset = offsetof(struct vault_call_context, member), .max = (most) \
	}

static const struct vault_member context_members[] = {
	CONTEXT_MEMBER(address, VAULT_TEXT, 64),
	CONTEXT_MEMBER(user_agent, VAULT_TEXT, VAULT_AGENT_MAX),
	CONTEXT_MEMBER(device_hash, VAULT_HASH, 0),
	CONTEXT_MEMBER(correlation_id, VAULT_TEXT, NAME_MAX_BYTES),
	CONTEXT_MEMBER(client_id, VAULT_TEXT, NAME_MAX_BYTES),
	CONTEXT_MEMBER(session_id, VAULT_UUID, 0),
};
static const struct vault_shape context_shape = {context_members,
	sizeof context_members / sizeof *context_members, sizeof(struct vault_call_context)};

const char *vault_outcome_name(enum vault_outcome outcome)
{
	return outcome_names[outcome];
}

/* ---- what both directions check */

/* Well-formed UTF-8 without NUL. Most texts are ASCII, which goes eight bytes at a time. */
static bool is_text(const char *text, size_t len)
{
	size_t i = 0;
	for (; i + 8 <= len; i += 8) {
		uint64_t eight;
		memcpy(&eight, text + i, sizeof eight);
		if (((eight | (eight - 0x0101010101010101u)) & 0x8080808080808080u) != 0)
			break;
	}
	return str_utf8_valid(text + i, len - i);
}

static bool text_fits(const struct vault_member *member, const char *text, size_t len)
{
	return member->type == VAULT_UUID ? len == UUID_LEN && str_is_uuid(text)
					  : is_text(text, len);
}

static size_t most_bytes(const struct vault_member *member)
{
	if (member->type == VAULT_TEXTS)
		return member->item_max;
	return member->type == VAULT_UUID ? UUID_LEN : member->max;
}

/* ---- putting */

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
	const size_t len = strnlen(text, most_bytes(member) + 1);
	if (len > most_bytes(member))
		FAIL(ERR_BOUNDS);
	if (!text_fits(member, text, len))
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
	struct list list;
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
		return put_choice(at, ALG_LAST, frame);
	case VAULT_OUTCOME:
		return put_choice(at, OUTCOME_LAST, frame);
	case VAULT_CONTEXT:
		return put_shape(&context_shape, VAULT_OK, at, frame);
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
	TRY(put_choice(&outcome, OUTCOME_LAST, frame));
	return put_shape(&op->out, outcome, out, frame);
}

/* ---- getting */

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
	if (len > most_bytes(member) || len >= reader->left || reader->at[len] != '\0')
		FAIL(ERR_FORMAT);
	const char *const text = (const char *)reader->at;
	if (!text_fits(member, text, len))
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
	struct list list = {NULL, 0};
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
		return get_choice(reader, ALG_LAST, at);
	case VAULT_OUTCOME:
		return get_choice(reader, OUTCOME_LAST, at);
	case VAULT_CONTEXT:
		return get_shape(reader, &context_shape, VAULT_OK, at);
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
	TRY(get_choice(&reader, OUTCOME_LAST, &outcome));
	TRY(get_all(&reader, &op->out, outcome, out));
	memcpy(out, &outcome, sizeof outcome);
	return OK;
}
