/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "otp/seed.h"
#include "idp/base/enc.h"

static void known_seeds_decode(void **state)
{
	(void)state;
	static const struct {
		const char *text, *plain;
	} rows[] = {
		{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "12345678901234567890"},
		/* RFC 4648 s10 "foobar" and what makes it long enough, at each length of padding */
		{"MZXW6YTBOJTG633CMFZGM33PMI======", "foobarfoobarfoob"},
		{"MZXW6YTBOJTG633CMFZGM33PMI", "foobarfoobarfoob"},
		{"MZXW6YTBOJTG633CMFZGM33PMJQQ====", "foobarfoobarfooba"},
		{"MZXW6YTBOJTG633CMFZGM33PMJQXE===", "foobarfoobarfoobar"},
		{"MZXW6YTBOJTG633CMFZGM33PMJQXEZQ=", "foobarfoobarfoobarf"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t seed[SEED_MAX];
		size_t len = 0;
		assert_true(seed_decode(rows[i].text, seed, &len));
		assert_int_equal(len, strlen(rows[i].plain));
		assert_memory_equal(seed, rows[i].plain, len);
	}
}

static void what_is_not_strict_base32_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"========",
		"gezdgnbvgy3tqojqgezdgnbvgy3tqojq", /* lower case */
		"GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
		"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", /* 1 is no character of it */
		"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ0",
		"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ8",
		"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQO=Q",
		"MZXW6YTBOJTG633CMFZGM33PMI=====", /* one '=' too few */
		"MZXW6YTBOJTG633CMFZGM33PMI=======", /* and too many */
		"MZXW6YTBOJTG633CMFZGM33PMJ======", /* bits left over */
		"MZXW6YTBOJTG633CMFZGM33PMIA", /* 27 characters: no number of bytes */
		"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ========",
		"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n",
	};
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint8_t seed[SEED_MAX];
		size_t len = 99;
		assert_false(seed_decode(bad[i], seed, &len));
		assert_int_equal(len, 0);
	}
}

static void seeds_are_sixteen_to_sixty_four_bytes(void **state)
{
	(void)state;
	for (size_t n = 0; n < 140; n++) {
		uint8_t seed[SEED_MAX];
		size_t len = 0;
		char text[160];
		memset(text, 'A', n);
		text[n] = '\0';
		const size_t bytes = n * 5 / 8;
		const bool whole = n % 8 != 1 && n % 8 != 3 && n % 8 != 6;
		assert_int_equal(seed_decode(text, seed, &len),
			whole && bytes >= SEED_MIN && bytes <= SEED_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_seeds_decode),
		cmocka_unit_test(what_is_not_strict_base32_is_refused),
		cmocka_unit_test(seeds_are_sixteen_to_sixty_four_bytes),
	};
	return cmocka_run_group_tests_name("otp/seed", tests, NULL, NULL);
}
