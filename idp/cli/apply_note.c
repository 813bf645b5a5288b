/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/apply.h"
#include <stdarg.h>
#include <stdio.h>

static void add(json_t *notes, const char *path, const char *text)
{
	json_t *note = json_object();
	if (json_array_size(notes) >= APPLY_FAULTS_MAX) {
		json_decref(note);
		return;
	}
	json_put(note, "path", path[0] == '\0' ? "the document" : path);
	json_put(note, "fault", text);
	(void)json_array_append_new(notes, note);
}

void apply_fault(struct apply *apply, const char *path, const char *format, ...)
{
	char text[400];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	add(apply->faults, path, text);
}

void apply_warning(struct apply *apply, const char *path, const char *format, ...)
{
	char text[400];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	add(apply->warnings, path, text);
}

const char *apply_kind(const json_t *value)
{
	static const char *const kinds[] = {[JSON_OBJECT] = "an object",
		[JSON_ARRAY] = "an array",
		[JSON_STRING] = "a text",
		[JSON_INTEGER] = "a number",
		[JSON_REAL] = "a number with a fraction",
		[JSON_TRUE] = "true",
		[JSON_FALSE] = "false",
		[JSON_NULL] = "null"};
	return value ? kinds[json_typeof(value)] : "nothing";
}

bool apply_first(struct apply *apply, const char *kind, const char *name, const char *path)
{
	const char *key = arena_printf(apply->cli->arena, "%s %s", kind, name);
	const char *before = json_str(apply->seen, key);
	if (before) {
		apply_fault(
			apply, path, "expected each %s once, given already at %s", kind, before);
		return false;
	}
	json_put(apply->seen, key, path);
	return true;
}

void apply_count(struct apply *apply, const struct apply_outcome *outcome)
{
	const char *word = outcome->created   ? "created"
			   : outcome->changed ? "changed"
					      : "unchanged";
	int64_t *count = outcome->created   ? &apply->created
			 : outcome->changed ? &apply->changed
					    : &apply->unchanged;
	json_t *item = json_object();
	(*count)++;
	json_put(item, "kind", outcome->kind);
	json_put(item, "id", outcome->id);
	json_put(item, "path", outcome->path);
	json_put(item, "outcome", word);
	(void)json_array_append_new(apply->items, item);
	if (outcome->created || outcome->changed)
		cli_print(apply->cli, "%-8s %-8s %s", outcome->kind, word, outcome->id);
}
