/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request head cut up in place as libmicrohttpd 0.9.75 does it, with its leniences: so that the
 * checks of http_hygiene can be tried on bytes. tests/raw tries them on the library itself.
 */
#ifndef PRATU_TESTS_HTTP_CUT_H
#define PRATU_TESTS_HTTP_CUT_H

#include "idp/io/http_hygiene.h"
#include <string.h>

#define HTTP_CUT_MAX 40000

struct http_cut {
	char bytes[HTTP_CUT_MAX + 4], folded[HTTP_CUT_MAX + 4];
	size_t len, at, folded_len;
	struct http_field fields[HTTP_CUT_MAX / 3];
	struct http_head head;
};

/* The next line, its end made NUL: CR LF, or LF alone. NULL if there is none. */
static inline char *http_cut_line(struct http_cut *cut, size_t *len)
{
	char *line = cut->bytes + cut->at;
	for (size_t i = cut->at; i < cut->len; i++) {
		const size_t end = cut->bytes[i] == '\r' && cut->bytes[i + 1] == '\n' ? 2
				   : cut->bytes[i] == '\n'                            ? 1
										      : 0;
		if (end == 0)
			continue;
		*len = i - cut->at;
		memset(cut->bytes + i, 0, end);
		cut->at = i + end;
		return line;
	}
	return NULL;
}

/* Leading and inner spaces are skipped, the version is what follows the last one. */
static inline bool http_cut_request_line(struct http_cut *cut, char *line, size_t len)
{
	char *end = line + len - 1, *target = memchr(line, ' ', len);
	if (target == NULL)
		return false;
	*target++ = '\0';
	while (target < line + len && *target == ' ')
		target++;
	while (end > target && *end == ' ')
		end--;
	while (end > target && *end != ' ')
		end--;
	if (end <= target || len - (size_t)(end + 1 - line) != 8)
		return false;
	*end = '\0';
	cut->head.method = line;
	cut->head.target = target;
	cut->head.target_len = strlen(target);
	cut->head.version = end + 1;
	return true;
}

/* A folded line is joined to the name, elsewhere. */
static inline void http_cut_fold(struct http_cut *cut, const char *line)
{
	struct http_field *field = &cut->fields[cut->head.n_fields - 1];
	char *to = cut->folded + cut->folded_len;
	line += strspn(line, " \t");
	const size_t name_len = strlen(field->name), len = strlen(line);
	if (cut->folded_len + name_len + len >= HTTP_CUT_MAX)
		return;
	memmove(to, field->name, name_len);
	memcpy(to + name_len, line, len + 1);
	field->name = to;
	cut->folded_len += name_len + len + 1;
}

static inline bool http_cut_field(struct http_cut *cut, char *line)
{
	if ((*line == ' ' || *line == '\t') && cut->head.n_fields > 0) {
		http_cut_fold(cut, line);
		return true;
	}
	char *colon = strchr(line, ':');
	if (colon == NULL)
		return false;
	*colon++ = '\0';
	cut->fields[cut->head.n_fields++] = (struct http_field){line, colon + strspn(colon, " \t")};
	return true;
}

/* false: the library itself refuses it, or it is not complete. */
static inline bool http_cut(struct http_cut *cut, const void *bytes, size_t len)
{
	size_t line_len = 0;
	char *line;
	memset(cut, 0, sizeof *cut);
	cut->len = len < HTTP_CUT_MAX ? len : HTTP_CUT_MAX;
	memcpy(cut->bytes, bytes, cut->len);
	cut->head.fields = cut->fields;
	do
		line = http_cut_line(cut, &line_len);
	while (line != NULL && *line == '\0');
	if (line == NULL || !http_cut_request_line(cut, line, line_len))
		return false;
	for (;;) {
		line = http_cut_line(cut, &line_len);
		if (line == NULL)
			return false;
		if (*line == '\0')
			break;
		if (!http_cut_field(cut, line))
			return false;
	}
	cut->head.size = (size_t)(cut->bytes + cut->at - cut->head.method);
	return true;
}

#endif
