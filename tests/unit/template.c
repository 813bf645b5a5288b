/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/str.h"
#include "idp/page/template.h"

#define FILE_OF(name, text) \
	{ \
		name, text, sizeof(text) - 1, "0" \
	}

/* clang-format off */
static const struct embedded_file FILES[] = {
	FILE_OF("hello.html", "<p title=\"{{name}}\">{{name}}</p>"),
	FILE_OF("text.html", "{{t:greet}}|{{t:@which}}"),
	FILE_OF("list.html", "{{#items}}[{{label}}{{#deep}}-{{label}}{{/deep}}]{{/"
			     "items}}{{^items}}none{{/items}}"),
	FILE_OF("plain.html", "{{#items}}{{.}},{{/items}}"),
	FILE_OF("flag.html", "{{#on}}on{{/on}}{{^on}}off{{/on}}"),
	FILE_OF("outer.html", "a{{>inner}}c{{!said to nobody: }}"),
	FILE_OF("inner.html", "{{name}}"),
	FILE_OF("link.html", "<a href=\"{{url:to}}\">x</a>"),
	FILE_OF("endless.html", "{{>endless}}"),
	FILE_OF("no_partial.html", "{{>nobody}}"),
	FILE_OF("no_text.html", "{{t:nothing.here}}"),
	FILE_OF("open_tag.html", "a {{name b"),
	FILE_OF("open_section.html", "{{#name}}b"),
	FILE_OF("crossed.html", "{{#a}}{{#b}}{{/a}}{{/b}}"),
	FILE_OF("stray_end.html", "{{/a}}"),
	FILE_OF("raw.html", "{{{name}}}"),
	FILE_OF("no_name.html", "{{}}"),
	FILE_OF("loud_name.html", "{{NAME}}"),
	FILE_OF("big.html", "{{#items}}{{name}}{{/items}}"),
	{0, 0, 0, 0},
};
/* clang-format on */

static const struct embedded_text TEXTS[] = {
	{"broken", "a {name"},
	{"greet", "สวัสดี {name} & all"},
	{"other", "the <other>"},
	{"plain", "plain"},
};

static const struct template_set SET = {FILES, TEXTS, COUNT(TEXTS)};

/* Render name with JSON data; the text or NULL with *err. */
static const char *render(struct arena *arena, const char *name, const char *json, enum err *err)
{
	AUTO_JSON json_t *data = json_loads(json, 0, NULL);
	const char *out = NULL;

	assert_non_null(data);
	*err = template_render(arena, &SET, name, data, &out).err;
	return out;
}

struct example {
	const char *name, *data, *out;
};

static void check(const struct example *examples, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena *arena = arena_new();
		enum err err = ERR_NONE;
		const char *out = render(arena, examples[i].name, examples[i].data, &err);
		assert_int_equal(err, ERR_NONE);
		assert_string_equal(out, examples[i].out);
		arena_free(arena);
	}
}

static void escapes_in_text_and_attribute(void **state)
{
	static const struct example examples[] = {
		{"hello", "{\"name\":\"a\"}", "<p title=\"a\">a</p>"},
		{"hello", "{\"name\":\"<b>&\\\"'\"}",
			"<p title=\"&lt;b&gt;&amp;&quot;&#39;\">&lt;b&gt;&amp;&quot;&#39;</p>"},
		{"hello", "{\"name\":\"\\\" onfocus=alert(1) x=\\\"\"}",
			"<p title=\"&quot; onfocus=alert(1) x=&quot;\">&quot; onfocus=alert(1) "
			"x=&quot;</p>"},
		{"hello", "{\"name\":\"{{name}}\"}", "<p title=\"{{name}}\">{{name}}</p>"},
		{"hello", "{\"name\":\"a\\u0001\\u007fb\\tc\"}", "<p title=\"ab\tc\">ab\tc</p>"},
		{"hello", "{\"name\":7}", "<p title=\"7\">7</p>"},
		{"hello", "{\"name\":null}", "<p title=\"\"></p>"},
	};

	(void)state;
	check(examples, COUNT(examples));
}

static void texts_are_filled_and_escaped(void **state)
{
	static const struct example examples[] = {
		{"text", "{\"name\":\"<i>\",\"which\":\"other\"}",
			"สวัสดี &lt;i&gt; &amp; all|the &lt;other&gt;"},
		{"text", "{\"name\":\"{which}\",\"which\":\"plain\"}",
			"สวัสดี {which} &amp; all|plain"},
	};

	(void)state;
	check(examples, COUNT(examples));
}

static void sections_and_partials(void **state)
{
	static const struct example examples[] = {
		{"list",
			"{\"items\":[{\"label\":\"1\"},{\"label\":\"2\",\"deep\":[{\"label\":\"3\"}"
			",{}]}]}",
			"[1][2-3-2]"},
		{"list", "{\"items\":[]}", "none"},
		{"list", "{}", "none"},
		{"plain", "{\"items\":[\"a\",\"<\"]}", "a,&lt;,"},
		{"flag", "{\"on\":true}", "on"},
		{"flag", "{\"on\":\"text\"}", "on"},
		{"flag", "{\"on\":{}}", "on"},
		{"flag", "{\"on\":false}", "off"},
		{"flag", "{\"on\":null}", "off"},
		{"flag", "{\"on\":\"\"}", "off"},
		{"outer", "{\"name\":\"b\"}", "abc"},
	};

	(void)state;
	check(examples, COUNT(examples));
}

static void only_safe_addresses_are_links(void **state)
{
	static const char *const good[] = {
		"https://a.example/x?y=1&z", "http://localhost:9/", "/signin?t=a", "/"};
	static const char *const bad[] = {"javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x",
		"//evil.example", "/\\evil.example", "\\\\evil.example", "evil.example", "",
		"https://a b", "https://a\tb", "https://a\x01", " https://a", "ftp://a",
		"vbscript:x"};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(template_url_ok(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(template_url_ok(bad[i]));
	check(&(struct example){"link", "{\"to\":\"https://a/?b&c\\\"\"}",
		      "<a href=\"https://a/?b&amp;c&quot;\">x</a>"},
		1);
}

struct fault {
	const char *name, *data;
	enum err err;
};

static void a_fault_ends_in_an_error(void **state)
{
	static const struct fault faults[] = {
		{"hello", "{}", ERR_ABSENT},
		{"hello", "{\"name\":{}}", ERR_FORMAT},
		{"hello", "{\"name\":[]}", ERR_FORMAT},
		{"hello", "{\"name\":1.5}", ERR_FORMAT},
		{"nobody", "{}", ERR_ABSENT},
		{"no_partial", "{}", ERR_ABSENT},
		{"no_text", "{}", ERR_ABSENT},
		{"text", "{\"name\":\"\",\"which\":\"nothing\"}", ERR_ABSENT},
		{"text", "{\"name\":\"\",\"which\":\"broken\"}", ERR_FORMAT},
		{"text", "{\"which\":\"plain\"}", ERR_ABSENT},
		{"link", "{\"to\":\"javascript:alert(1)\"}", ERR_FORMAT},
		{"endless", "{}", ERR_BOUNDS},
		{"open_tag", "{\"name\":\"\"}", ERR_FORMAT},
		{"open_section", "{\"name\":\"\"}", ERR_FORMAT},
		{"crossed", "{\"a\":true,\"b\":true}", ERR_FORMAT},
		{"stray_end", "{}", ERR_FORMAT},
		{"raw", "{\"name\":\"<\"}", ERR_FORMAT},
		{"no_name", "{}", ERR_FORMAT},
		{"loud_name", "{\"NAME\":\"\"}", ERR_FORMAT},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(faults); i++) {
		struct arena *arena = arena_new();
		enum err err = ERR_NONE;
		assert_null(render(arena, faults[i].name, faults[i].data, &err));
		assert_int_equal(err, faults[i].err);
		arena_free(arena);
	}
}

static void a_page_has_a_bound(void **state)
{
	struct arena *arena = arena_new();
	AUTO_JSON json_t *data = json_object();
	json_t *items = json_array();
	char *name = arena_alloc(arena, 1001);
	const char *out = NULL;

	(void)state;
	memset(name, 'x', 1000);
	json_put(data, "name", name);
	json_put_new(data, "items", items);
	for (int i = 0; i < TEMPLATE_OUT_MAX / 1000; i++)
		json_array_append_new(items, json_object());
	assert_ok(template_render(arena, &SET, "big", data, &out));
	json_array_append_new(items, json_object());
	assert_err(template_render(arena, &SET, "big", data, &out), ERR_BOUNDS);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_in_text_and_attribute),
		cmocka_unit_test(texts_are_filled_and_escaped),
		cmocka_unit_test(sections_and_partials),
		cmocka_unit_test(only_safe_addresses_are_links),
		cmocka_unit_test(a_fault_ends_in_an_error),
		cmocka_unit_test(a_page_has_a_bound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
