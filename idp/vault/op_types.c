/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/op_types.h"
#include "idp/base/enc.h"
#include "idp/base/str.h"
#include <arpa/inet.h>
#include <string.h>

bool op_types_fit(enum op_type type, const json_t *value)
{
	enum jose_alg alg;
	switch (type) {
	case OP_TEXT:
		return json_is_string(value);
	case OP_UUID:
		return str_is_uuid(json_string_value(value));
	case OP_ALG:
		return jose_alg_parse(json_string_value(value), &alg);
	case OP_INT:
		return json_is_integer(value);
	case OP_BOOL:
		return json_is_boolean(value);
	case OP_OBJECT:
		return json_is_object(value);
	case OP_CONTEXT:
		return false;
	}
	return false;
}

static bool is_address(const char *text)
{
	struct in6_addr ignored;
	return inet_pton(AF_INET, text, &ignored) == 1 || inet_pton(AF_INET6, text, &ignored) == 1;
}

static bool read_device(struct arena *arena, const char *text, struct bytes *out)
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	if (enc_b64url_decode(arena, text, &bytes, &len).err != ERR_NONE || len != SHA256_LEN)
		return false;
	*out = (struct bytes){bytes, len};
	return true;
}

static bool set_name(const char **to, const char *text)
{
	*to = text;
	return strnlen(text, OP_TYPES_NAME_MAX + 1) <= OP_TYPES_NAME_MAX;
}

static bool set_member(
	struct arena *arena, const char *name, const char *text, struct op_context *out)
{
	if (str_eq(name, "address")) {
		out->address = is_address(text) ? text : NULL;
		return true;
	}
	if (str_eq(name, "user_agent")) {
		out->user_agent = str_clip(arena, text, OP_TYPES_AGENT_MAX);
		return true;
	}
	if (str_eq(name, "device_hash"))
		return read_device(arena, text, &out->device_hash);
	if (str_eq(name, "correlation_id"))
		return set_name(&out->correlation_id, text);
	if (str_eq(name, "client_id"))
		return set_name(&out->client_id, text);
	out->session_id = text;
	return str_eq(name, "session_id") && str_is_uuid(text);
}

bool op_types_context(struct arena *arena, const json_t *value, struct op_context *out)
{
	static const char *const names[] = {"address", "user_agent", "device_hash",
		"correlation_id", "client_id", "session_id"};
	size_t known = 0;
	if (!json_is_object(value))
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const json_t *member = json_object_get(value, names[i]);
		known += member != NULL;
		if (member == NULL || json_is_null(member))
			continue;
		if (!json_is_string(member) ||
			!set_member(arena, names[i], json_string_value(member), out))
			return false;
	}
	return known == json_object_size(value);
}
