/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/crypto.h"
#include "idp/base/enc.h"
#include <openssl/crypto.h>

/* In the place of libcrypto's own: each byte is looked at, whatever those before it were. */
static size_t bytes_compared;

int CRYPTO_memcmp(const void *a, const void *b, size_t len)
{
	const uint8_t *one = a, *other = b;
	uint8_t differ = 0;
	for (size_t i = 0; i < len; i++)
		differ |= one[i] ^ other[i];
	bytes_compared += len;
	return differ;
}

static struct bytes unhex(struct arena *arena, const char *hex)
{
	uint8_t *data = NULL;
	size_t len = 0;
	assert_ok(enc_hex_decode(arena, hex, &data, &len));
	return (struct bytes){data, len};
}

/* FIPS 180-2 appendix B */
static void sha256_gives_the_known_digests(void **state)
{
	(void)state;
	static const struct {
		const char *text, *hex;
	} rows[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < COUNT(rows); i++) {
		const uint8_t *hash = crypto_sha256_text(arena, rows[i].text);
		assert_string_equal(enc_hex(arena, hash, SHA256_LEN), rows[i].hex);
	}
	arena_free(arena);
}

/* RFC 4231 s4: HMAC pads a short key with zeros, so these keys stand in our 32 bytes as they are.
 */
static void hmac_gives_the_macs_of_rfc_4231(void **state)
{
	(void)state;
	static const struct {
		const char *key, *data, *mac;
	} rows[] = {
		{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
			"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
			"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
			"dddddddd"
			"dddddddddddddddddd",
			"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
	};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bytes key = unhex(arena, rows[i].key), data = unhex(arena, rows[i].data);
		uint8_t padded[KEY_LEN] = {0}, mac[SHA256_LEN];
		memcpy(padded, key.data, key.len);
		crypto_hmac(padded, data.data, data.len, mac);
		assert_string_equal(enc_hex(arena, mac, sizeof(mac)), rows[i].mac);
	}
	arena_free(arena);
}

static void hmac_takes_an_empty_message(void **state)
{
	(void)state;
	static const uint8_t key[KEY_LEN] = {0};
	uint8_t mac[SHA256_LEN], other[SHA256_LEN];
	crypto_hmac(key, NULL, 0, mac);
	crypto_hmac(key, "", 0, other);
	assert_memory_equal(mac, other, sizeof(mac));
	crypto_hmac(key, "x", 1, other);
	assert_memory_not_equal(mac, other, sizeof(mac));
}

/* HKDF by its definition, RFC 5869 s2: extract with a salt of zeros, then the first block of
 * expand. */
static void hkdf_by_hand(const void *ikm, size_t len, const char *info, uint8_t *out)
{
	static const uint8_t no_salt[KEY_LEN] = {0};
	uint8_t prk[SHA256_LEN], block[100];
	size_t n = strlen(info);
	crypto_hmac(no_salt, ikm, len, prk);
	memcpy(block, info, n);
	block[n] = 1;
	crypto_hmac(prk, block, n + 1, out);
}

static void hkdf_is_rfc_5869(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	uint8_t ikm[22], key[KEY_LEN], out[KEY_LEN], same[KEY_LEN], hand[SHA256_LEN];
	memset(ikm, 0x0b, sizeof(ikm));
	hkdf_by_hand(ikm, sizeof(ikm), "", hand); /* appendix A.3 */
	assert_string_equal(enc_hex(arena, hand, 32),
		"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	assert_ok(crypto_hkdf(key, "pratu ticket", out));
	assert_string_equal(enc_hex(arena, out, sizeof(out)),
		"97e1f2934026f2c3db9729858958f85f915506628a501c8b4f7070c64f6b2275");
	hkdf_by_hand(key, sizeof(key), "pratu ticket", hand);
	assert_memory_equal(out, hand, sizeof(out));
	assert_ok(crypto_hkdf(key, "pratu ticket", same));
	assert_memory_equal(out, same, sizeof(out));
	assert_ok(crypto_hkdf(key, "pratu ticket2", same));
	assert_memory_not_equal(out, same, sizeof(out));
	arena_free(arena);
}

static void comparing_tells_equal_from_different(void **state)
{
	(void)state;
	assert_true(crypto_equal("abcd", "abcd", 4));
	assert_false(crypto_equal("abcd", "abce", 4));
	assert_true(crypto_equal("abcd", "abce", 3));
	assert_true(crypto_equal_text("secret", "secret"));
	assert_true(crypto_equal_text("", ""));
	assert_false(crypto_equal_text("secret", "secre"));
	assert_false(crypto_equal_text("secret", "Secret"));
	assert_false(crypto_equal_text("", "s"));
}

/* The time must not tell how much of a secret was guessed right. */
static void comparing_takes_no_shortcut(void **state)
{
	(void)state;
	static const char *const others[] = {"abcd", "Xbcd", "abcX"};
	for (size_t i = 0; i < COUNT(others); i++) {
		bytes_compared = 0;
		assert_int_equal(crypto_equal("abcd", others[i], 4), i == 0);
		assert_int_equal(bytes_compared, 4);
	}
	bytes_compared = 0;
	assert_false(crypto_equal_text("secret", "s"));
	assert_int_equal(bytes_compared, SHA256_LEN);
}

/* McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13, 14, 16. */
static const struct {
	const char *key, *nonce, *plain, *aad, *cipher_and_tag;
} gcm[] = {
	{"0000000000000000000000000000000000000000000000000000000000000000",
		"000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
	{"0000000000000000000000000000000000000000000000000000000000000000",
		"000000000000000000000000", "00000000000000000000000000000000", "",
		"cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
	{"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
		"cafebabefacedbaddecaf888",
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
		"feedfacedeadbeeffeedfacedeadbeefabaddad2",
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
		"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
		"76fc6ece0f4e1768cddf8853bb2d551b"},
};

static void sealing_gives_the_known_ciphertexts(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	for (size_t i = 0; i < COUNT(gcm); i++) {
		const uint8_t *key = unhex(arena, gcm[i].key).data;
		const uint8_t *nonce = unhex(arena, gcm[i].nonce).data;
		const struct bytes in[2] = {unhex(arena, gcm[i].plain), unhex(arena, gcm[i].aad)};
		struct bytes sealed = {NULL, 0}, opened = {NULL, 0};
		assert_ok(crypto_seal(arena, key, nonce, in, &sealed));
		assert_string_equal(enc_hex(arena, sealed.data, sealed.len),
			arena_printf(arena, "%s%s", gcm[i].nonce, gcm[i].cipher_and_tag));
		const struct bytes back[2] = {sealed, in[1]};
		assert_ok(crypto_open(arena, key, back, &opened));
		assert_int_equal(opened.len, in[0].len);
		assert_memory_equal(opened.data, in[0].data, opened.len);
		assert_int_equal(opened.data[opened.len], 0);
	}
	arena_free(arena);
}

static const uint8_t a_key[KEY_LEN] = {7}, a_nonce[CRYPTO_NONCE_LEN] = {9};

static struct bytes seal_text(struct arena *arena, const char *text, const char *aad)
{
	const struct bytes in[2] = {
		{(const uint8_t *)text, strlen(text)}, {(const uint8_t *)aad, strlen(aad)}};
	struct bytes sealed = {NULL, 0};
	assert_ok(crypto_seal(arena, a_key, a_nonce, in, &sealed));
	return sealed;
}

static enum err open_error(
	struct arena *arena, const uint8_t *key, struct bytes sealed, const char *aad)
{
	const struct bytes in[2] = {sealed, {(const uint8_t *)aad, strlen(aad)}};
	struct bytes opened = {NULL, 0};
	enum err err = crypto_open(arena, key, in, &opened).err;
	if (err != ERR_NONE)
		assert_null(opened.data);
	return err;
}

static void opening_refuses_every_flipped_bit_and_cut(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct bytes sealed = seal_text(arena, "seed", "totp|1|citizen|1");
	assert_int_equal(open_error(arena, a_key, sealed, "totp|1|citizen|1"), ERR_NONE);
	for (size_t bit = 0; bit < sealed.len * 8; bit++) {
		uint8_t *copy = arena_memdup(arena, sealed.data, sealed.len);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		struct bytes bent = {copy, sealed.len};
		assert_int_equal(open_error(arena, a_key, bent, "totp|1|citizen|1"), ERR_CRYPTO);
	}
	for (size_t len = 0; len < sealed.len; len++) {
		struct bytes cut = {sealed.data, len};
		assert_int_equal(open_error(arena, a_key, cut, "totp|1|citizen|1"), ERR_CRYPTO);
	}
	arena_free(arena);
}

static void opening_refuses_another_key_or_aad(void **state)
{
	(void)state;
	static const uint8_t other_key[KEY_LEN] = {8};
	struct arena *arena = arena_new();
	struct bytes sealed = seal_text(arena, "seed", "totp|1|somchai|1");
	assert_int_equal(open_error(arena, other_key, sealed, "totp|1|somchai|1"), ERR_CRYPTO);
	assert_int_equal(open_error(arena, a_key, sealed, "totp|1|malee|1"), ERR_CRYPTO);
	assert_int_equal(open_error(arena, a_key, sealed, ""), ERR_CRYPTO);
	assert_int_equal(open_error(arena, a_key, sealed, "totp|1|somchai|1"), ERR_NONE);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_gives_the_known_digests),
		cmocka_unit_test(hmac_gives_the_macs_of_rfc_4231),
		cmocka_unit_test(hmac_takes_an_empty_message),
		cmocka_unit_test(hkdf_is_rfc_5869),
		cmocka_unit_test(comparing_tells_equal_from_different),
		cmocka_unit_test(comparing_takes_no_shortcut),
		cmocka_unit_test(sealing_gives_the_known_ciphertexts),
		cmocka_unit_test(opening_refuses_every_flipped_bit_and_cut),
		cmocka_unit_test(opening_refuses_another_key_or_aad),
	};
	return cmocka_run_group_tests_name("base/crypto", tests, NULL, NULL);
}
