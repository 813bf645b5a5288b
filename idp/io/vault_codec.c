/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/vault_codec_impl.h"
#include <string.h>

#define NAME_MAX_BYTES 256 /* of a client_id or correlation_id */
#define UUID_LEN 36

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
const struct vault_shape vault_codec_context = {context_members,
	sizeof context_members / sizeof *context_members, sizeof(struct vault_call_context)};

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

bool vault_codec_text_fits(const struct vault_member *member, const char *text, size_t len)
{
	return member->type == VAULT_UUID ? len == UUID_LEN && str_is_uuid(text)
					  : is_text(text, len);
}

size_t vault_codec_most(const struct vault_member *member)
{
	if (member->type == VAULT_TEXTS)
		return member->item_max;
	return member->type == VAULT_UUID ? UUID_LEN : member->max;
}
