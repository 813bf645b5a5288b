/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/show.h"
#include "idp/base/str.h"
#include "idp/cli/table.h"
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 6 /* deeper values are shown as JSON */

static void show_value(struct arena *arena, const char *name, json_t *value, int depth);

static void show_members(struct arena *arena, json_t *object, int depth)
{
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value)
	{
		show_value(arena, table_clean(arena, key), value, depth);
	}
}

/* A list of texts is printed on one line, a list of objects as a block each. */
static void show_list(struct arena *arena, const char *name, json_t *list, int depth)
{
	size_t i;
	json_t *item;
	struct buf line = buf_new(arena);
	bool plain = true;
	json_array_foreach(list, i, item)
	{
		plain = plain && json_is_string(item);
		if (json_is_string(item))
			buf_printf(&line, "%s%s", i == 0 ? "" : " ", json_string_value(item));
	}
	if (plain) {
		(void)printf("%*s%s: %s\n", depth * 2, "", name, table_clean(arena, line.text));
		return;
	}
	json_array_foreach(list, i, item)
	{
		show_value(arena, arena_printf(arena, "%s[%zu]", name, i), item, depth);
	}
}

static void show_value(struct arena *arena, const char *name, json_t *value, int depth)
{
	if (json_is_array(value) && depth < DEPTH_MAX) {
		show_list(arena, name, value, depth);
		return;
	}
	if (json_is_object(value) && depth < DEPTH_MAX) {
		(void)printf("%*s%s:%s\n", depth * 2, "", name,
			json_object_size(value) == 0 ? " -" : "");
		show_members(arena, value, depth + 1);
		return;
	}
	const char *text = json_is_null(value)      ? NULL
			   : json_is_boolean(value) ? (json_is_true(value) ? "yes" : "no")
			   : json_is_string(value)  ? json_string_value(value)
						    : json_text(arena, value);
	(void)printf("%*s%s: %s\n", depth * 2, "", name, table_clean(arena, text));
}

int show_object(const struct cli *cli, const char *text)
{
	AUTO_JSON json_t *object = NULL;
	if (json_parse(text, strlen(text), &object, NULL).err != ERR_NONE)
		return cli_fail(cli, CLI_REFUSED, "the database's answer cannot be read");
	if (cli->json)
		cli_json(cli, object);
	else
		show_members(cli->arena, object, 0);
	return CLI_OK;
}
