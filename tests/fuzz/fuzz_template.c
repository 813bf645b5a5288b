/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/base/str.h"
#include "idp/page/template.h"
#include <string.h>

#define SEPARATOR '\f'

/* The first part of the input is a template, the second what fills it. */
static void broken_templates(struct arena *arena, const char *text, const json_t *data)
{
	const struct embedded_text texts[] = {{"a", text}};
	const struct embedded_file files[] = {{"a.html", text, strlen(text), "0"}, {0, 0, 0, 0}};
	const struct template_set set = {files, texts, 1};
	const char *out = NULL;

	if (template_render(arena, &set, "a", data, &out).err == ERR_NONE)
		must(strlen(out) <= TEMPLATE_OUT_MAX);
	if (template_text(arena, &set, "a", data, &out).err == ERR_NONE)
		must(out != NULL);
}

/* Whatever the words are, none of them leaves the attribute or the text it stands in. */
static void hostile_words(struct arena *arena, const json_t *data)
{
	static const char text[] = "<a href=\"{{url:v}}\"></a>";
	static const char words[] = "<p title=\"{{v}}\">{{v}}{{t:a}}</p>";
	static const struct embedded_text texts[] = {{"a", "{v}"}};
	static const struct embedded_file files[] = {{"a.html", words, sizeof words - 1, "0"},
		{"b.html", text, sizeof text - 1, "0"}, {0, 0, 0, 0}};
	static const struct template_set set = {files, texts, 1};
	const char *out = NULL;
	size_t marks = 0;

	if (template_render(arena, &set, "a", data, &out).err == ERR_NONE) {
		for (const char *at = out; *at; at++)
			marks += strchr("<>\"'", *at) != NULL;
		must(marks == 6);
	}
	if (template_render(arena, &set, "b", data, &out).err == ERR_NONE)
		must(str_starts(out, "<a href=\"https://") ||
			str_starts(out, "<a href=\"http://") ||
			(str_starts(out, "<a href=\"/") && !str_starts(out, "<a href=\"//")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text =
		arena_strndup(arena, (const char *)data, strnlen((const char *)data, size));
	const char *cut = strchr(text, SEPARATOR);
	AUTO_JSON json_t *object = json_object();

	if (size > 4096) {
		arena_free(arena);
		return 0;
	}
	json_put(object, "v", cut ? cut + 1 : text);
	json_put_new(object, "l", json_pack("[s?,{s:i},[]]", cut ? NULL : "x", "n", 1));
	broken_templates(arena,
		arena_strndup(arena, text, cut ? (size_t)(cut - text) : strlen(text)), object);
	hostile_words(arena, object);
	arena_free(arena);
	return 0;
}
