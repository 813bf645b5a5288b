/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/json.h"
#include "idp/base/str.h"
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static json_t *parsed(const char *text)
{
	json_t *value = NULL;
	assert_ok(json_parse(text, strlen(text), &value, NULL));
	return value;
}

static void writes_back_what_it_read(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"{}", "[]", "{\"b\":1,\"a\":[true,null,-2,\"ก\"]}", "{\"a\":\"\\\"\\\\\\n\"}"};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < COUNT(texts); i++) {
		AUTO_JSON json_t *value = parsed(texts[i]);
		assert_string_equal(json_text(arena, value), texts[i]);
	}
	arena_free(arena);
}

static void refuses_what_is_no_json(void **state)
{
	(void)state;
	static const char *const texts[] = {"", " ", "{", "}", "[1,]", "{\"a\":1,}", "{a:1}",
		"{'a':1}", "{\"a\":1}x", "{\"a\":1}{}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":NaN}",
		"{\"a\":1e999}", "{\"a\":\"\xff\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\u0000\"}",
		"{\"a\":\"\t\"}", "1", "\"text\"", "null", "\xef\xbb\xbf{}",
		"{\"a\":99999999999999999999}", "/*x*/{}"};
	for (size_t i = 0; i < COUNT(texts); i++) {
		AUTO_JSON json_t *value = NULL;
		if (json_parse(texts[i], strlen(texts[i]), &value, NULL).err != ERR_FORMAT)
			fail_msg("taken: %s", texts[i]);
		assert_null(value);
	}
	AUTO_JSON json_t *value = NULL;
	assert_err(json_parse("{\"a\":\"\0\"}", 9, &value, NULL), ERR_FORMAT);
	assert_err(json_parse(NULL, 0, &value, NULL), ERR_FORMAT);
	assert_ok(json_parse("{}garbage", 2, &value, NULL)); /* len, not NUL, is the end */
}

/* RFC 7515 s4 and RFC 7519 s4 leave a choice about duplicates; last-wins is the unsafe one. */
static void refuses_duplicate_members(void **state)
{
	(void)state;
	static const char *const texts[] = {"{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}",
		"[{\"x\":{\"a\":1,\"b\":2,\"a\":3}}]"};
	for (size_t i = 0; i < COUNT(texts); i++) {
		AUTO_JSON json_t *value = NULL;
		assert_err(json_parse(texts[i], strlen(texts[i]), &value, NULL), ERR_FORMAT);
	}
	AUTO_JSON json_t *same_name_elsewhere = parsed("{\"a\":{\"a\":1},\"b\":{\"a\":2}}");
	assert_non_null(same_name_elsewhere);
}

static const char *nested(struct arena *arena, int depth, const char *open, const char *close)
{
	struct buf buf = buf_new(arena);
	for (int i = 0; i < depth; i++)
		buf_puts(&buf, open);
	for (int i = 0; i < depth; i++)
		buf_puts(&buf, close);
	return buf.text;
}

static void refuses_more_than_32_levels(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	AUTO_JSON json_t *value = NULL;
	const char *deep = nested(arena, 32, "[", "]");
	assert_ok(json_parse(deep, strlen(deep), &value, NULL));
	static const int depths[] = {33, 2049, 1000000};
	for (size_t i = 0; i < COUNT(depths); i++) {
		struct json_fault fault = {0};
		AUTO_JSON json_t *none = NULL;
		deep = nested(arena, depths[i], "[", "");
		assert_err(json_parse(deep, strlen(deep), &none, &fault), ERR_FORMAT);
		assert_string_equal(fault.text, "more than 32 levels deep");
	}
	/* Brackets in texts do not count, and an escaped quote does not end one. */
	AUTO_JSON json_t *flat = NULL;
	const char *text =
		arena_printf(arena, "{\"\\\"%s\":\"\\\\\"}", nested(arena, 40, "[{", ""));
	assert_ok(json_parse(text, strlen(text), &flat, NULL));
	arena_free(arena);
}

static void a_fault_names_the_place_but_not_the_text(void **state)
{
	(void)state;
	const char *text = "{\n \"password\": \"hunter2\",\n \"x\": hunter3\n}";
	struct json_fault fault = {0};
	AUTO_JSON json_t *value = NULL;
	assert_err(json_parse(text, strlen(text), &value, &fault), ERR_FORMAT);
	assert_int_equal(fault.line, 3);
	assert_true(fault.column > 0);
	assert_true(strlen(fault.text) > 0);
	assert_null(strstr(fault.text, "hunter"));
}

static void members_are_read_by_type(void **state)
{
	(void)state;
	AUTO_JSON json_t *obj = parsed("{\"s\":\"x\",\"i\":7,\"r\":7.0,\"t\":true,\"f\":false,"
				       "\"n\":null,\"a\":[1],\"o\":{}}");
	assert_string_equal(json_str(obj, "s"), "x");
	assert_null(json_str(obj, "i"));
	assert_null(json_str(obj, "n"));
	assert_null(json_str(obj, "none"));
	assert_null(json_str(NULL, "s"));
	assert_int_equal(json_int(obj, "i", -1), 7);
	assert_int_equal(json_int(obj, "r", -1), -1); /* a real is no integer */
	assert_int_equal(json_int(obj, "s", -1), -1);
	assert_int_equal(json_int(NULL, "i", -1), -1);
	assert_true(json_flag(obj, "t", false));
	assert_false(json_flag(obj, "f", true));
	assert_true(json_flag(obj, "i", true));
	assert_false(json_flag(obj, "none", false));
	assert_non_null(json_arr(obj, "a"));
	assert_null(json_arr(obj, "o"));
	assert_non_null(json_obj(obj, "o"));
	assert_null(json_obj(obj, "a"));
}

static void members_are_set(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	AUTO_JSON json_t *obj = json_object();
	json_put(obj, "s", "ก");
	json_put(obj, "absent", NULL);
	json_put(obj, "latin1", "caf\xe9");
	json_put_int(obj, "i", -5);
	json_put_flag(obj, "f", true);
	json_put_new(obj, "a", json_array());
	assert_string_equal(json_text(arena, obj),
		"{\"s\":\"ก\",\"latin1\":\"caf?\",\"i\":-5,\"f\":true,\"a\":[]}");
	arena_free(arena);
}

/* U+0085 and U+2028 end a line, U+009B begins an escape, U+202E turns the direction. */
static void no_character_steers_the_reader(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	AUTO_JSON json_t *obj = json_object();
	json_put(obj, "\xc2\x85",
		"a\xc2\x9b"
		"b\xe2\x80\xa8\xe2\x80\xae"
		"c\x7f");
	json_put(obj, "fine", "\xc2\xa0\xe0\xb8\x81\xf0\x9f\x99\x82");
	const char *text = json_text(arena, obj);
	assert_string_equal(text, "{\"\\u0085\":\"a\\u009bb\\u2028\\u202ec\\u007f\","
				  "\"fine\":\"\xc2\xa0\xe0\xb8\x81\xf0\x9f\x99\x82\"}");
	AUTO_JSON json_t *again = parsed(text);
	assert_true(json_equal(obj, again));
	arena_free(arena);
}

/* Parse, with so many bytes of address space left, a text that takes more than these. 7: it was
 * called malformed. */
/* AddressSanitizer ends a process that has no memory by itself. That is not a fault of the program.
 */
#ifdef __SANITIZE_ADDRESS__
void __sanitizer_set_report_path(const char *path);
static void expect_no_memory(void)
{
	__sanitizer_set_report_path("/dev/null");
}
#else
static void expect_no_memory(void)
{
}
#endif

static void parse_without_memory(void)
{
	const struct rlimit core = {0, 0}, space = {(rlim_t)1 << 20, (rlim_t)1 << 20};
	struct arena *arena = arena_new();
	struct buf text = buf_new(arena);
	json_t *value = NULL;
	buf_puts(&text, "[\"\"");
	for (int i = 0; i < 200000; i++)
		buf_puts(&text, ",\"0123456789abcdef0123456789\"");
	buf_puts(&text, "]");
	json_memory(free);
	(void)setrlimit(RLIMIT_CORE, &core);
	expect_no_memory();
	(void)setrlimit(RLIMIT_AS, &space);
	const struct result parsed_it = json_parse(text.text, text.len, &value, NULL);
	_exit(parsed_it.err == ERR_NONE ? 0 : 7);
}

static void a_lack_of_memory_is_not_a_fault_of_the_text(void **state)
{
	(void)state;
	int status = 0;
	const pid_t pid = fork();
	if (pid == 0)
		parse_without_memory();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_not_equal(status, 0);
	assert_int_not_equal(WIFEXITED(status) ? WEXITSTATUS(status) : 0, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_back_what_it_read),
		cmocka_unit_test(refuses_what_is_no_json),
		cmocka_unit_test(refuses_duplicate_members),
		cmocka_unit_test(refuses_more_than_32_levels),
		cmocka_unit_test(a_fault_names_the_place_but_not_the_text),
		cmocka_unit_test(members_are_read_by_type),
		cmocka_unit_test(members_are_set),
		cmocka_unit_test(no_character_steers_the_reader),
		cmocka_unit_test(a_lack_of_memory_is_not_a_fault_of_the_text),
	};
	return cmocka_run_group_tests_name("base/json", tests, NULL, NULL);
}
