/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/page/page_text.h"

struct wait {
	int64_t seconds;
	const char *th, *en;
};

static void durations_in_words(void **state)
{
	static const struct wait waits[] = {
		{-5, "1 วินาที", "1 second"},
		{0, "1 วินาที", "1 second"},
		{1, "1 วินาที", "1 second"},
		{2, "2 วินาที", "2 seconds"},
		{90, "90 วินาที", "90 seconds"},
		{91, "2 นาที", "2 minutes"},
		{240, "4 นาที", "4 minutes"},
		{241, "5 นาที", "5 minutes"},
		{3600, "60 นาที", "60 minutes"},
		{5400, "90 นาที", "90 minutes"},
		{5401, "2 ชั่วโมง", "2 hours"},
		{324000, "90 ชั่วโมง", "90 hours"},
		{324001, "4 วัน", "4 days"},
		{7776000, "90 วัน", "90 days"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(waits); i++) {
		assert_string_equal(
			page_text_duration(arena, PAGE_TH, waits[i].seconds), waits[i].th);
		assert_string_equal(
			page_text_duration(arena, PAGE_EN, waits[i].seconds), waits[i].en);
	}
	arena_free(arena);
}

static void moments_on_thailands_clock(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	/* 2024-12-31T17:05:00Z is already the new year in Bangkok. */
	assert_string_equal(page_text_when(arena, PAGE_EN, 1735664700), "1 January 2025, 00:05");
	assert_string_equal(
		page_text_when(arena, PAGE_TH, 1735664700), "1 มกราคม 2568 เวลา 00.05 น.");
	assert_string_equal(page_text_when(arena, PAGE_EN, 0), "1 January 1970, 07:00");
	assert_string_equal(page_text_when(arena, PAGE_EN, INT64_MAX / 2), "1 January 1970, 00:00");
	for (int month = 0; month < 12; month++)
		assert_true(
			*page_text_when(arena, PAGE_TH, 1735664700 + month * 31 * 86400) != '\0');
	arena_free(arena);
}

struct device {
	const char *user_agent, *en;
};

static void devices_roughly(void **state)
{
	static const struct device devices[] = {
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
		 "Chrome/126.0.0.0 Safari/537.36",
			"Chrome on Windows"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 "
		 "Safari/537.36 Edg/126.0",
			"Edge on Windows"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
		 "Version/17.5 Mobile/15E148 Safari/604.1",
			"Safari on iPhone"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
		 "CriOS/126.0 Mobile Safari/604.1",
			"Chrome on iPhone"},
		{"Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 SamsungBrowser/25.0 "
		 "Chrome/121.0 Mobile Safari/537.36",
			"Samsung Internet on Android"},
		{"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile "
		 "Safari/537.36 Line/14.9.0",
			"LINE on Android"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 "
		 "Firefox/127.0",
			"Firefox on Mac"},
		{"curl/7.88", "Unknown device"},
		{"Firefox/127.0", "Firefox"},
		{"something on Linux", "Linux"},
		{"", "Unknown device"},
		{NULL, "Unknown device"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(devices); i++)
		assert_string_equal(
			page_text_device(arena, PAGE_EN, devices[i].user_agent), devices[i].en);
	assert_string_equal(
		page_text_device(arena, PAGE_TH, devices[0].user_agent), "Chrome บน Windows");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_in_words),
		cmocka_unit_test(moments_on_thailands_clock),
		cmocka_unit_test(devices_roughly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
