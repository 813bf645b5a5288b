/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodings: base64url without padding (RFC 7515 s2), base64 (RFC 4648 s4, for HTTP Basic), hex,
 * percent. Strict decoders: a stray character, padding or non-canonical last character is refused.
 */
#ifndef PRATU_BASE_ENC_H
#define PRATU_BASE_ENC_H

#include "idp/base/arena.h"
#include "idp/base/result.h"

/* len bytes to text in the arena. */
char *enc_b64url(struct arena *arena, const void *bytes, size_t len);
char *enc_hex(struct arena *arena, const void *bytes, size_t len);
/* Percent-encode everything but RFC 3986 unreserved characters. */
char *enc_percent(struct arena *arena, const char *text);
/* Text to bytes in the arena. *len is the byte count; a NUL is added behind. ERR_FORMAT. */
MUST_CHECK struct result enc_b64url_decode(
	struct arena *arena, const char *text, uint8_t **bytes, size_t *len);
MUST_CHECK struct result enc_b64_decode(
	struct arena *arena, const char *text, uint8_t **bytes, size_t *len);
MUST_CHECK struct result enc_hex_decode(
	struct arena *arena, const char *text, uint8_t **bytes, size_t *len);

#endif
