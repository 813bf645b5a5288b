/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a citizen types, login name or code, in its one normal form, however it was written: with
 * spaces or dashes, in Thai or full-width digits, with the invisible marks that copied text has.
 * Every role that reads one reads it by this. Pure.
 */
#ifndef PRATU_OTP_TYPED_H
#define PRATU_OTP_TYPED_H

#include "idp/base/arena.h"
#include <stdbool.h>

#define TYPED_ALIAS_MIN 3 /* characters */
#define TYPED_ALIAS_MAX 64

/* Thirteen ASCII digits, the first 1 to 8, the last the check digit of the others:
 * (11 - sum((14-i) * d_i, i = 1..12) mod 11) mod 10. */
bool typed_national_id_valid(const char *digits);

enum typed_kind {
	TYPED_NATIONAL_ID,
	TYPED_ALIAS,
	TYPED_BAD_NATIONAL_ID, /* thirteen digits, but not a national ID */
	TYPED_BAD_ALIAS, /* neither a national ID nor an alias: too short or long, a space, a
			    control character, no UTF-8 */
};

struct typed_login {
	enum typed_kind kind;
	const char *text; /* the normal form; of a bad one, the same for its other spellings */
};

/* Read a login name. What typed_code() makes thirteen digits is a national ID; anything else is an
 * alias: without invisible marks, trimmed, NFC, lower case; its digits stay as they are, since
 * aliases are stored so. *out lives in the arena. */
struct typed_login typed_login(struct arena *arena, const char *text);
/* "national_id" or "alias"; NULL for the bad ones. Static storage. */
const char *typed_kind_name(enum typed_kind kind);
/* A code without spaces, line ends, dashes and invisible marks, with ASCII digits for Thai and
 * full-width ones; other characters stay, and all of what is no UTF-8. Never longer than text. In
 * the arena, or text itself. */
const char *typed_code(struct arena *arena, const char *text);

#endif
