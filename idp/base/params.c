/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/params.h"
#include "idp/base/enc.h"
#include "idp/base/str.h"
#include <stdint.h>
#include <string.h>

struct span {
	const char *text;
	size_t len;
};

static enum params_verdict decode(struct arena *arena, struct span in, const char **out)
{
	char *plain = arena_alloc(arena, in.len + 1);
	const size_t n = enc_percent_decode(in.text, in.len, true, plain);
	if (n == ENC_BROKEN)
		return PARAMS_BAD_ESCAPE;
	if (strlen(plain) != n)
		return PARAMS_NUL;
	*out = plain;
	return str_utf8_valid(plain, n) ? PARAMS_OK : PARAMS_BAD_UTF8;
}

static struct param *find(struct params *params, const char *name)
{
	for (size_t i = 0; i < params->n; i++) {
		if (strcmp(params->items[i].name, name) == 0)
			return &params->items[i];
	}
	return NULL;
}

/* Read one "name=value" into params. A repeated name stays, without a value, until the end. */
static enum params_verdict add_pair(struct arena *arena, struct params *params, struct span pair)
{
	const char *equals = memchr(pair.text, '=', pair.len);
	size_t name_len = equals ? (size_t)(equals - pair.text) : pair.len;
	struct span value = {pair.text + pair.len, 0};
	if (equals)
		value = (struct span){equals + 1, pair.len - name_len - 1};
	struct param param = {NULL, NULL};
	enum params_verdict verdict =
		decode(arena, (struct span){pair.text, name_len}, &param.name);
	if (verdict == PARAMS_OK)
		verdict = decode(arena, value, &param.value);
	if (verdict != PARAMS_OK)
		return verdict;
	struct param *before = find(params, param.name);
	if (before) {
		before->value = NULL;
		if (!params->fault)
			params->fault = before->name;
		return PARAMS_REPEATED;
	}
	if (params->n == PARAMS_MAX)
		return PARAMS_TOO_MANY;
	params->items[params->n++] = param;
	return PARAMS_OK;
}

static void drop_repeated(struct params *params)
{
	size_t kept = 0;
	for (size_t i = 0; i < params->n; i++) {
		if (params->items[i].value)
			params->items[kept++] = params->items[i];
	}
	params->n = kept;
}

enum params_verdict params_parse(
	struct arena *arena, const char *text, size_t len, const struct params **out)
{
	struct params *params = ARENA_NEW(arena, struct params);
	enum params_verdict first = PARAMS_OK;
	const char *end = text ? text + len : NULL;
	for (const char *p = text; p != end;) {
		const char *amp = memchr(p, '&', (size_t)(end - p));
		struct span pair = {p, (size_t)((amp ? amp : end) - p)};
		p = amp ? amp + 1 : end;
		if (pair.len == 0)
			continue;
		enum params_verdict verdict = add_pair(arena, params, pair);
		if (first == PARAMS_OK)
			first = verdict;
	}
	drop_repeated(params);
	*out = params;
	return first;
}

const char *params_verdict_text(enum params_verdict verdict)
{
	static const char *const texts[] = {
		[PARAMS_OK] = "well-formed",
		[PARAMS_REPEATED] = "a parameter is given more than once",
		[PARAMS_TOO_MANY] = "more than 100 parameters",
		[PARAMS_BAD_ESCAPE] = "a percent sign is not followed by two hexadecimal digits",
		[PARAMS_BAD_UTF8] = "a parameter is not well-formed UTF-8",
		[PARAMS_NUL] = "a parameter holds a NUL character",
	};
	return texts[verdict];
}

const char *params_get(const struct params *params, const char *name)
{
	for (size_t i = 0; i < params->n; i++) {
		if (strcmp(params->items[i].name, name) == 0)
			return params->items[i].value;
	}
	return NULL;
}

const char *params_value(const struct params *params, const char *name)
{
	const char *value = params_get(params, name);
	return str_empty(value) ? NULL : value;
}

/* They stand in an arena, which is not const. */
void params_wipe(const struct params *params)
{
	for (size_t i = 0; i < params->n; i++) {
		const char *value = params->items[i].value;
		explicit_bzero((char *)(uintptr_t)value, strlen(value));
	}
}

const char *params_encode(struct arena *arena, const struct params *params)
{
	struct buf buf = buf_new(arena);
	for (size_t i = 0; i < params->n; i++) {
		if (i > 0)
			buf_puts(&buf, "&");
		buf_puts(&buf, enc_percent(arena, params->items[i].name));
		buf_puts(&buf, "=");
		buf_puts(&buf, enc_percent(arena, params->items[i].value));
	}
	return buf.text;
}
