/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/enc.h"
#include <stdbool.h>
#include <string.h>

static const char URL_ALPHABET[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char HEX_DIGITS[] = "0123456789abcdef";

char *enc_b64url(struct arena *arena, const void *bytes, size_t len)
{
	const uint8_t *in = bytes;
	char *out = arena_alloc(arena, (len + 2) / 3 * 4 + 1);
	size_t o = 0;
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t word = (uint32_t)in[i] << 16;
		word |= left > 1 ? (uint32_t)in[i + 1] << 8 : 0;
		word |= left > 2 ? in[i + 2] : 0;
		out[o++] = URL_ALPHABET[word >> 18];
		out[o++] = URL_ALPHABET[word >> 12 & 63];
		if (left > 1)
			out[o++] = URL_ALPHABET[word >> 6 & 63];
		if (left > 2)
			out[o++] = URL_ALPHABET[word & 63];
	}
	return out;
}

char *enc_b64(struct arena *arena, const void *bytes, size_t len)
{
	char *const text = arena_printf(arena, "%s==", enc_b64url(arena, bytes, len));
	for (char *c = text; *c; c++)
		*c = (char)(*c == '-' ? '+' : *c == '_' ? '/' : *c);
	text[(len + 2) / 3 * 4] = '\0';
	return text;
}

char *enc_hex(struct arena *arena, const void *bytes, size_t len)
{
	const uint8_t *in = bytes;
	char *out = arena_alloc(arena, len * 2 + 1);
	for (size_t i = 0; i < len; i++) {
		out[2 * i] = HEX_DIGITS[in[i] >> 4];
		out[2 * i + 1] = HEX_DIGITS[in[i] & 15];
	}
	return out;
}

int enc_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

char *enc_percent(struct arena *arena, const char *text)
{
	char *out = arena_alloc(arena, strlen(text) * 3 + 1);
	size_t o = 0;
	for (const char *p = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;
		if (is_unreserved(*p)) {
			out[o++] = *p;
			continue;
		}
		out[o++] = '%';
		out[o++] = "0123456789ABCDEF"[c >> 4];
		out[o++] = "0123456789ABCDEF"[c & 15];
	}
	return out;
}

size_t enc_percent_decode(const char *text, size_t len, bool plus, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		char c = text[i] == '+' && plus ? ' ' : text[i];
		if (c == '%') {
			const int high = len - i > 2 ? enc_hex_digit(text[i + 1]) : -1;
			const int low = len - i > 2 ? enc_hex_digit(text[i + 2]) : -1;
			if (high < 0 || low < 0)
				return ENC_BROKEN;
			c = (char)(high * 16 + low);
			i += 2;
		}
		out[n++] = c;
	}
	out[n] = '\0';
	return n;
}

/* What a decoder reads: c62 and c63 are the two characters in which the alphabets differ. */
struct b64_text {
	const char *text;
	size_t len; /* without padding */
	char c62, c63;
};

/* clang-format off */
/* What each character that all alphabets share stands for, and 1; 0: none. */
static const uint8_t b64_shared[256] = {
	['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6,
	['G'] = 7, ['H'] = 8, ['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12,
	['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
	['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
	['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,
	['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
	['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
	['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
	['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
	['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,
	['8'] = 61, ['9'] = 62,
};
/* clang-format on */

static int b64_value(const struct b64_text *in, char c)
{
	const int shared = b64_shared[(unsigned char)c];
	if (shared > 0)
		return shared - 1;
	if (c == in->c62)
		return 62;
	return c == in->c63 ? 63 : -1;
}

static struct result b64_decode(
	struct arena *arena, const struct b64_text *in, uint8_t **bytes, size_t *len)
{
	if (in->len % 4 == 1)
		FAIL(ERR_FORMAT);
	uint8_t *out = arena_alloc(arena, in->len / 4 * 3 + 3);
	size_t n = 0;
	uint32_t word = 0;
	unsigned bits = 0;
	for (size_t i = 0; i < in->len; i++) {
		int value = b64_value(in, in->text[i]);
		if (value < 0)
			FAIL(ERR_FORMAT);
		word = (word << 6 | (uint32_t)value) & 0xffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[n++] = (uint8_t)(word >> bits);
		}
	}
	/* RFC 4648 s3.5: bits left over that are not zero would give one value many spellings. */
	if ((word & ((1u << bits) - 1)) != 0)
		FAIL(ERR_FORMAT);
	*bytes = out;
	*len = n;
	return OK;
}

struct result enc_b64url_decode(struct arena *arena, const char *text, uint8_t **bytes, size_t *len)
{
	const struct b64_text in = {text, strlen(text), '-', '_'};
	return b64_decode(arena, &in, bytes, len);
}

struct result enc_b64_decode(struct arena *arena, const char *text, uint8_t **bytes, size_t *len)
{
	struct b64_text in = {text, strlen(text), '+', '/'};
	if (in.len % 4 != 0)
		FAIL(ERR_FORMAT);
	for (int pads = 0; pads < 2 && in.len > 0 && text[in.len - 1] == '='; pads++)
		in.len--;
	return b64_decode(arena, &in, bytes, len);
}

struct result enc_hex_decode(struct arena *arena, const char *text, uint8_t **bytes, size_t *len)
{
	size_t digits = strlen(text);
	if (digits % 2 != 0)
		FAIL(ERR_FORMAT);
	uint8_t *out = arena_alloc(arena, digits / 2 + 1);
	for (size_t i = 0; i < digits; i += 2) {
		int high = enc_hex_digit(text[i]), low = enc_hex_digit(text[i + 1]);
		if (high < 0 || low < 0)
			FAIL(ERR_FORMAT);
		out[i / 2] = (uint8_t)(high * 16 + low);
	}
	*bytes = out;
	*len = digits / 2;
	return OK;
}
