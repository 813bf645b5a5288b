/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/base/enc.h"
#include "idp/base/params.h"
#include <string.h>

/* Bytes come back from their text; and a text that decodes is the one spelling of its bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	uint8_t *bytes = NULL;
	size_t len = 0;
	must(enc_b64url_decode(arena, enc_b64url(arena, data, size), &bytes, &len).err == ERR_NONE);
	must(len == size && memcmp(bytes, data, size) == 0);
	must(enc_hex_decode(arena, enc_hex(arena, data, size), &bytes, &len).err == ERR_NONE);
	must(len == size && memcmp(bytes, data, size) == 0);
	const char *text = arena_strndup(arena, (const char *)data, size);
	if (enc_b64url_decode(arena, text, &bytes, &len).err == ERR_NONE)
		must(strcmp(enc_b64url(arena, bytes, len), text) == 0);
	if (enc_b64_decode(arena, text, &bytes, &len).err == ERR_NONE)
		must((strlen(text) + 3) / 4 * 3 >= len && len + 2 >= strlen(text) / 4 * 3);
	if (enc_hex_decode(arena, text, &bytes, &len).err == ERR_NONE)
		must(len * 2 == strlen(text));
	must(strspn(enc_percent(arena, text),
		     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%") ==
		strlen(enc_percent(arena, text)));
	arena_free(arena);
	return 0;
}
