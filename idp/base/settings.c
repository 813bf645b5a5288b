/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/settings_inner.h"
#include "idp/base/str.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX 65536 /* bytes */

/* A file being read. */
struct reading {
	struct settings_loaded *loaded;
	struct settings_fault *fault;
	int line;
	int given_at[SETTINGS_ROWS_MAX]; /* per row of the table: the line that gave it, or 0 */
};

static struct result __attribute__((format(printf, 2, 3)))
wrong(const struct reading *reading, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (reading->fault) {
		reading->fault->line = reading->line;
		(void)vsnprintf(reading->fault->text, sizeof(reading->fault->text), format, args);
	}
	va_end(args);
	return FAILED(ERR_CONFIG);
}

static char *trim(char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	size_t len = strlen(text);
	while (len > 0 && strchr(" \t\r", text[len - 1]))
		text[--len] = '\0';
	return text;
}

static int row_of(const char *key)
{
	for (int i = 0; settings_table[i].key; i++) {
		if (strcmp(settings_table[i].key, key) == 0)
			return i;
	}
	return -1;
}

static struct result set(struct reading *reading, int row, const char *value)
{
	struct settings_why why = {""};
	if (!settings_table[row].read(reading->loaded, &settings_table[row], value, &why))
		return wrong(reading, "%s: %s", settings_table[row].key, why.text);
	reading->loaded->texts[row] = arena_strdup(reading->loaded->arena, value);
	return OK;
}

static struct result read_line(struct reading *reading, char *text)
{
	char *line = trim(text);
	if (line[0] == '\0' || line[0] == '#')
		return OK;
	char *equals = strchr(line, '=');
	if (!equals)
		return wrong(reading, "expected key = value, got \"%.60s\"", line);
	*equals = '\0';
	const char *key = trim(line);
	int row = row_of(key);
	if (row < 0)
		return wrong(reading, "unknown key \"%.60s\"", key);
	if (reading->given_at[row] != 0)
		return wrong(reading, "%s: expected once, but line %d gives it too", key,
			reading->given_at[row]);
	reading->given_at[row] = reading->line;
	return set(reading, row, trim(equals + 1));
}

static struct result read_lines(struct reading *reading, char *text)
{
	for (char *line = text; line;) {
		char *end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		reading->line++;
		TRY(read_line(reading, line));
		line = end;
	}
	reading->line = 0;
	return OK;
}

static struct result fill_defaults(struct reading *reading)
{
	for (int i = 0; settings_table[i].key; i++) {
		if (reading->given_at[i] != 0)
			continue;
		if (!settings_table[i].value)
			return wrong(reading, "%s: expected a value, but the file gives none",
				settings_table[i].key);
		TRY(set(reading, i, settings_table[i].value));
	}
	return OK;
}

/* The line named is that of the setting, if it was given. */
static struct result check_together(struct reading *reading)
{
	const char *key = NULL;
	struct settings_why why = {""};
	if (settings_fit(&reading->loaded->settings, &key, &why))
		return OK;
	reading->line = reading->given_at[row_of(key)];
	return wrong(reading, "%s: %s", key, why.text);
}

static void file_auto(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

/* The whole text, in the arena; NULL with the fault set. */
static char *read_file(struct arena *arena, const struct reading *reading, const char *path)
{
	__attribute__((cleanup(file_auto))) FILE *file = fopen(path, "re");
	if (!file) {
		(void)wrong(reading, "cannot open %.150s: %s", path, strerror(errno));
		return NULL;
	}
	char *text = arena_alloc(arena, FILE_MAX + 1);
	size_t len = fread(text, 1, FILE_MAX + 1, file);
	struct result fault = OK;
	if (ferror(file) != 0)
		fault = wrong(reading, "cannot read %.150s", path);
	else if (len > FILE_MAX)
		fault = wrong(reading, "expected at most %d bytes in %.150s", FILE_MAX, path);
	else if (strlen(text) != len)
		fault = wrong(reading, "expected text without NUL in %.150s", path);
	return fault.err == ERR_NONE ? text : NULL;
}

static struct result parse(struct reading *reading, const char *path, const char *text)
{
	const char *slash = strrchr(path, '/');
	struct settings_loaded *loaded = reading->loaded;
	loaded->settings.file = arena_strdup(loaded->arena, path);
	loaded->folder = !slash ? "."
			 : slash == path
				 ? ""
				 : arena_strndup(loaded->arena, path, (size_t)(slash - path));
	if (!str_utf8_valid(text, strlen(text)))
		return wrong(reading, "expected UTF-8 in %.150s", path);
	TRY(read_lines(reading, arena_strdup(loaded->arena, text)));
	TRY(fill_defaults(reading));
	return check_together(reading);
}

struct result settings_parse(
	const char *path, const char *text, struct settings **out, struct settings_fault *fault)
{
	struct settings_loaded *loaded = calloc(1, sizeof(*loaded));
	struct reading reading = {.loaded = loaded, .fault = fault};
	if (!loaded)
		return wrong(&reading, "out of memory");
	loaded->arena = arena_new();
	struct result parsed = parse(&reading, path, text);
	if (parsed.err != ERR_NONE) {
		settings_free(&loaded->settings);
		return parsed;
	}
	*out = &loaded->settings;
	return OK;
}

struct result settings_load(const char *path, struct settings **out, struct settings_fault *fault)
{
	struct arena *arena = arena_new();
	const struct reading reading = {.fault = fault};
	const char *text = read_file(arena, &reading, path);
	struct result result = FAILED(ERR_CONFIG);
	if (text)
		result = settings_parse(path, text, out, fault);
	arena_free(arena);
	return result;
}

void settings_free(struct settings *settings)
{
	if (!settings)
		return;
	struct settings_loaded *loaded = (struct settings_loaded *)(void *)settings;
	arena_free(loaded->arena);
	free(loaded);
}

#define SAMPLE_WIDTH 78

/* A comment, wrapped at spaces. */
static void sample_help(FILE *out, const char *help)
{
	const char *word = help;
	for (size_t column = 0; *word != '\0';) {
		size_t len = strcspn(word, " ");
		if (column > 0 && column + 1 + len > SAMPLE_WIDTH) {
			(void)fputc('\n', out);
			column = 0;
		}
		column += (size_t)fprintf(out, "%s%.*s", column == 0 ? "# " : " ", (int)len, word);
		word += len + strspn(word + len, " ");
	}
	(void)fputs(help[0] == '\0' ? "" : "\n", out);
}

void settings_sample(FILE *out)
{
	sample_help(out,
		"Pratu's settings: key = value. A line that begins with # is a comment; what is "
		"commented out below is the default. ${CREDENTIALS_DIRECTORY} names systemd's "
		"directory "
		"of credentials. A relative path starts at this file's directory. Changes need a "
		"restart, or where it is noted a reload (SIGHUP).");
	for (const struct settings_row *row = settings_table; row->key; row++) {
		if (row->help[0] != '\0')
			(void)fputs("\n", out);
		sample_help(out, row->help);
		if (row->live)
			(void)fputs("# Takes effect at a reload.\n", out);
		if (!row->value)
			(void)fprintf(out, "%s = https://signin.example.go.th\n", row->key);
		else
			(void)fprintf(out, "#%s = %s\n", row->key, row->value);
	}
}
