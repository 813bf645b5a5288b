/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/enc.h"

typedef struct result decoder(struct arena *arena, const char *text, uint8_t **bytes, size_t *len);

/* RFC 4648 s10 */
static const struct {
	const char *plain, *url, *std, *hex;
} vectors[] = {
	{"", "", "", ""},
	{"f", "Zg", "Zg==", "66"},
	{"fo", "Zm8", "Zm8=", "666f"},
	{"foo", "Zm9v", "Zm9v", "666f6f"},
	{"foob", "Zm9vYg", "Zm9vYg==", "666f6f62"},
	{"fooba", "Zm9vYmE", "Zm9vYmE=", "666f6f6261"},
	{"foobar", "Zm9vYmFy", "Zm9vYmFy", "666f6f626172"},
};

static void decodes_to(decoder *decode, const char *text, const char *plain)
{
	struct arena *arena = arena_new();
	uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(decode(arena, text, &bytes, &len));
	assert_int_equal(len, strlen(plain));
	assert_string_equal((const char *)bytes, plain);
	arena_free(arena);
}

static void refuses(decoder *decode, const char *const *texts, size_t n)
{
	struct arena *arena = arena_new();
	for (size_t i = 0; i < n; i++) {
		uint8_t *bytes = NULL;
		size_t len = 99;
		if (decode(arena, texts[i], &bytes, &len).err != ERR_FORMAT)
			fail_msg("taken: \"%s\"", texts[i]);
		assert_null(bytes);
		assert_int_equal(len, 99);
	}
	arena_free(arena);
}

static void speaks_rfc_4648(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	for (size_t i = 0; i < COUNT(vectors); i++) {
		size_t len = strlen(vectors[i].plain);
		assert_string_equal(enc_b64url(arena, vectors[i].plain, len), vectors[i].url);
		assert_string_equal(enc_hex(arena, vectors[i].plain, len), vectors[i].hex);
		decodes_to(enc_b64url_decode, vectors[i].url, vectors[i].plain);
		decodes_to(enc_b64_decode, vectors[i].std, vectors[i].plain);
		decodes_to(enc_hex_decode, vectors[i].hex, vectors[i].plain);
	}
	arena_free(arena);
}

/* RFC 7515 appendix C: 3 236 255 224 193 is A-z_4ME */
static void speaks_rfc_7515_appendix_c(void **state)
{
	(void)state;
	static const uint8_t octets[] = {3, 236, 255, 224, 193};
	struct arena *arena = arena_new();
	uint8_t *bytes = NULL;
	size_t len = 0;
	assert_string_equal(enc_b64url(arena, octets, sizeof(octets)), "A-z_4ME");
	assert_ok(enc_b64url_decode(arena, "A-z_4ME", &bytes, &len));
	assert_int_equal(len, sizeof(octets));
	assert_memory_equal(bytes, octets, sizeof(octets));
	assert_ok(enc_b64_decode(arena, "A+z/4ME=", &bytes, &len));
	assert_memory_equal(bytes, octets, sizeof(octets));
	arena_free(arena);
}

static void every_byte_comes_back(void **state)
{
	(void)state;
	uint8_t all[256];
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	struct arena *arena = arena_new();
	for (size_t n = 0; n <= sizeof(all); n++) {
		uint8_t *bytes = NULL;
		size_t len = 0;
		assert_ok(enc_b64url_decode(arena, enc_b64url(arena, all, n), &bytes, &len));
		assert_int_equal(len, n);
		assert_memory_equal(bytes, all, n);
		assert_ok(enc_hex_decode(arena, enc_hex(arena, all, n), &bytes, &len));
		assert_int_equal(len, n);
		assert_memory_equal(bytes, all, n);
	}
	arena_free(arena);
}

static void b64url_refuses_what_is_not_canonical(void **state)
{
	(void)state;
	static const char *const texts[] = {"A", "AAAAA", "Zg==", "Zm8=", "Zh", "Zm9", "Zm9vYh",
		"+/+/", "Zm 9v", "Zm9v\n", " Zm9v", "Zm9v.", "Zm9*", "\xe0\xb8\x81g"};
	refuses(enc_b64url_decode, texts, COUNT(texts));
}

static void b64_refuses_what_is_not_canonical(void **state)
{
	(void)state;
	static const char *const texts[] = {"Zg", "Zg=", "Zh==", "Zm9=", "====", "=",
		"Z===", "Zg==Zg==", "-_-_", "Zm9v\n", "Zm=v", "Zg==="};
	refuses(enc_b64_decode, texts, COUNT(texts));
}

static void hex_refuses_what_is_no_hex(void **state)
{
	(void)state;
	static const char *const texts[] = {"6", "666", "6g", "g6", "0x66", " 66", "6 6 ", "66\n"};
	refuses(enc_hex_decode, texts, COUNT(texts));
	decodes_to(enc_hex_decode, "4a4B", "JK");
}

static void percent_spares_only_unreserved(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	assert_string_equal(enc_percent(arena, "AZaz09-._~"), "AZaz09-._~");
	assert_string_equal(enc_percent(arena, " &=+%/?#"), "%20%26%3D%2B%25%2F%3F%23");
	assert_string_equal(enc_percent(arena, "ก\r\n\""), "%E0%B8%81%0D%0A%22");
	assert_string_equal(enc_percent(arena, ""), "");
	arena_free(arena);
}

static void percent_decoding_is_strict(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool plus;
		const char *expected; /* NULL: broken */
	} cases[] = {{"", false, ""}, {"a+b", false, "a+b"}, {"a+b", true, "a b"},
		{"%41%4a%4A", false, "AJJ"}, {"%2B+", true, "+ "}, {"%2541", true, "%41"},
		{"%E0%b8%81", false, "ก"}, {"%", false, NULL}, {"%4", false, NULL},
		{"a%4", true, NULL}, {"%g1", false, NULL}, {"%1g", false, NULL},
		{"%%41", false, NULL}, {"%+1", true, NULL}};
	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[32];
		const size_t len = strlen(cases[i].text);
		const size_t n = enc_percent_decode(cases[i].text, len, cases[i].plus, out);
		if (cases[i].expected == NULL) {
			assert_true(n == ENC_BROKEN);
			continue;
		}
		assert_int_equal(n, strlen(cases[i].expected));
		assert_string_equal(out, cases[i].expected);
	}
	char in_place[] = "a%00b%4";
	assert_int_equal(
		enc_percent_decode(in_place, 5, false, in_place), 3); /* no further than len */
	assert_memory_equal(in_place, "a\0b", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speaks_rfc_4648),
		cmocka_unit_test(speaks_rfc_7515_appendix_c),
		cmocka_unit_test(every_byte_comes_back),
		cmocka_unit_test(b64url_refuses_what_is_not_canonical),
		cmocka_unit_test(b64_refuses_what_is_not_canonical),
		cmocka_unit_test(hex_refuses_what_is_no_hex),
		cmocka_unit_test(percent_spares_only_unreserved),
		cmocka_unit_test(percent_decoding_is_strict),
	};
	return cmocka_run_group_tests_name("base/enc", tests, NULL, NULL);
}
