/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/json.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32

static void *allocate(size_t len)
{
	void *bytes = malloc(len);
	if (!bytes)
		log_die("json", "out of memory");
	return bytes;
}

void json_memory(void (*release)(void *))
{
	json_set_alloc_funcs(allocate, release);
}

void json_auto(json_t **value)
{
	json_decref(*value);
}

/* jansson descends to 2048 levels, each a few stack frames, before it refuses. So brackets are
 * counted first, in a loop; whether they match is checked by jansson. */
static bool too_deep(const char *text, size_t len)
{
	int depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			depth++;
		else if (!in_string && (c == '}' || c == ']'))
			depth--;
		if (depth > DEPTH_MAX)
			return true;
	}
	return false;
}

/* jansson's phrase, without the piece of the text that it quotes: that may be a secret. */
static void fault_set(struct json_fault *fault, const json_error_t *error)
{
	if (!fault)
		return;
	const char *quoted = strstr(error->text, " near ");
	int len = quoted ? (int)(quoted - error->text) : (int)strlen(error->text);
	fault->line = error->line;
	fault->column = error->column;
	(void)snprintf(
		fault->text, sizeof(fault->text), "%.*s", len > 150 ? 150 : len, error->text);
}

struct result json_parse(const char *text, size_t len, json_t **out, struct json_fault *fault)
{
	json_error_t error = {.line = 1, .text = "more than 32 levels deep"};
	json_t *value = NULL;
	if (text && !too_deep(text, len))
		value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!value) {
		fault_set(fault, &error);
		FAIL(ERR_FORMAT);
	}
	*out = value;
	return OK;
}

/* Printable ASCII, which nearly all of it is. */
static bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7f;
}

/* What jansson outputs is whole characters; those that a viewer would obey stand only within
 * strings, where they may be escaped. */
static int put_text(const char *text, size_t len, void *buf)
{
	size_t done = 0;
	for (size_t i = 0; i < len;) {
		if (is_plain(text[i])) {
			i++;
			continue;
		}
		uint32_t point = (unsigned char)text[i];
		const bool plain = point >= ' ' && point < 0x7f; /* most, so known at a look */
		const size_t n = plain ? 1 : str_utf8_char(text + i, len - i, &point);
		if (!plain && str_is_control(point)) {
			buf_putn(buf, text + done, i - done);
			buf_printf(buf, "\\u%04x", (unsigned)point);
			done = i + n;
		}
		i += n;
	}
	buf_putn(buf, text + done, len - done);
	return 0;
}

const char *json_text(struct arena *arena, const json_t *value)
{
	struct buf buf = buf_new(arena);
	if (json_dump_callback(value, put_text, &buf, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
		log_die("json", "out of memory, or a value that holds itself");
	return buf.text;
}

const char *json_str(const json_t *obj, const char *key)
{
	return json_string_value(json_object_get(obj, key));
}

int64_t json_int(const json_t *obj, const char *key, int64_t fallback)
{
	const json_t *value = json_object_get(obj, key);
	return json_is_integer(value) ? (int64_t)json_integer_value(value) : fallback;
}

bool json_flag(const json_t *obj, const char *key, bool fallback)
{
	const json_t *value = json_object_get(obj, key);
	return json_is_boolean(value) ? json_is_true(value) : fallback;
}

const json_t *json_arr(const json_t *obj, const char *key)
{
	const json_t *value = json_object_get(obj, key);
	return json_is_array(value) ? value : NULL;
}

const json_t *json_obj(const json_t *obj, const char *key)
{
	const json_t *value = json_object_get(obj, key);
	return json_is_object(value) ? value : NULL;
}

/* A request header may be no UTF-8: then its bytes beyond ASCII are shown as '?'. */
static json_t *repaired_string(const char *text)
{
	char *copy = strdup(text);
	for (char *p = copy; p && *p != '\0'; p++) {
		if ((unsigned char)*p > 0x7f)
			*p = '?';
	}
	json_t *value = copy ? json_string(copy) : NULL;
	free(copy);
	return value;
}

void json_put(json_t *obj, const char *key, const char *text)
{
	if (!text)
		return;
	json_t *value = json_string(text);
	json_put_new(obj, key, value ? value : repaired_string(text));
}

void json_put_int(json_t *obj, const char *key, int64_t number)
{
	json_put_new(obj, key, json_integer(number));
}

void json_put_flag(json_t *obj, const char *key, bool flag)
{
	json_put_new(obj, key, json_boolean(flag));
}

void json_put_new(json_t *obj, const char *key, json_t *value)
{
	/* Reached only when memory is exhausted: no incomplete value may be used. */
	if (json_object_set_new(obj, key, value) != 0)
		log_die("json", "out of memory");
}
