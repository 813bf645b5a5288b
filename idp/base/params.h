/* SPDX-License-Identifier: Apache-2.0 */
/*
 * application/x-www-form-urlencoded, from a query string or a body, parsed once into a const
 * struct. A repeated name, a NUL, a broken escape or bad UTF-8 refuses the whole (RFC 6749 s3.1).
 */
#ifndef PRATU_BASE_PARAMS_H
#define PRATU_BASE_PARAMS_H

#include "idp/base/arena.h"
#include <stddef.h>

#define PARAMS_MAX 100

struct param {
	const char *name, *value;
};

struct params {
	size_t n;
	struct param items[PARAMS_MAX];
	const char *fault; /* the first name that was given twice, NULL if none */
};

enum params_verdict {
	PARAMS_OK,
	PARAMS_REPEATED,
	PARAMS_TOO_MANY,
	PARAMS_BAD_ESCAPE,
	PARAMS_BAD_UTF8,
	PARAMS_NUL,
};

/* Parse len bytes, to the end whatever is found; the verdict is the first fault's. On any verdict
 * *out is set (so that an error can still name the client), and holds only what was given once and
 * well formed: a name that was given twice is left out with all its values, so nobody can act on
 * one of them. The strings live in the arena. NULL text is empty. */
enum params_verdict params_parse(
	struct arena *arena, const char *text, size_t len, const struct params **out);
/* What the verdict means, a plain phrase for an error_description. Static storage. */
const char *params_verdict_text(enum params_verdict verdict);
/* The value of name, "" if given empty, NULL if not given. */
const char *params_get(const struct params *params, const char *name);
/* The same, but an empty value counts as not given (RFC 6749 s3.1). */
const char *params_value(const struct params *params, const char *name);
/* Overwrite the values with zeros, once nobody needs them: one of a form may be a password. */
void params_wipe(const struct params *params);
/* name=value pairs, percent-encoded, joined by '&'. */
const char *params_encode(struct arena *arena, const struct params *params);

#endif
