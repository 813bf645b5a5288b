/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodings: base64url without padding (RFC 7515 s2), base64 (RFC 4648 s4, for HTTP Basic), hex,
 * percent. Strict decoders: a stray character, padding or non-canonical last character is refused.
 */
#ifndef PRATU_BASE_ENC_H
#define PRATU_BASE_ENC_H

#include "idp/base/arena.h"
#include "idp/base/result.h"
#include <stdbool.h>

/* len bytes to text in the arena. */
char *enc_b64url(struct arena *arena, const void *bytes, size_t len);
/* The same in base64 with padding. */
char *enc_b64(struct arena *arena, const void *bytes, size_t len);
char *enc_hex(struct arena *arena, const void *bytes, size_t len);
/* The value of a hexadecimal digit of either case, -1 for another character. */
int enc_hex_digit(char c);
/* Percent-encode everything but RFC 3986 unreserved characters. */
char *enc_percent(struct arena *arena, const char *text);
#define ENC_BROKEN SIZE_MAX
/* Decode %HH in len bytes of text (RFC 3986 s2.1), and with plus '+' as a space (the WHATWG URL
 * standard's form encoding). out: len + 1 bytes, which may be those of text; a NUL is added behind.
 * Returns how many bytes there are, with NULs that were encoded among them, or ENC_BROKEN where a
 * '%' is not followed by two hexadecimal digits. */
size_t enc_percent_decode(const char *text, size_t len, bool plus, char *out);
/* Text to bytes in the arena. *len is the byte count; a NUL is added behind. ERR_FORMAT. */
MUST_CHECK struct result enc_b64url_decode(
	struct arena *arena, const char *text, uint8_t **bytes, size_t *len);
MUST_CHECK struct result enc_b64_decode(
	struct arena *arena, const char *text, uint8_t **bytes, size_t *len);
MUST_CHECK struct result enc_hex_decode(
	struct arena *arena, const char *text, uint8_t **bytes, size_t *len);

#endif
