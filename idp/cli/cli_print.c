/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/cli.h"
#include <stdarg.h>
#include <stdio.h>

void cli_print(const struct cli *cli, const char *format, ...)
{
	va_list args;
	if (cli->json)
		return;
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	(void)putchar('\n');
}

static void to_stderr(const struct cli *cli, const char *text)
{
	(void)fprintf(stderr, "pratu%s%s: %s\n", cli->command ? " " : "",
		cli->command ? cli->command->name : "", text);
}

void cli_warn(const struct cli *cli, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	to_stderr(cli, text);
}

int cli_fail(const struct cli *cli, int status, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	to_stderr(cli, text);
	if (cli->json) {
		AUTO_JSON json_t *error = json_object();
		json_put(error, "error", text);
		cli_json(cli, error);
	}
	return status;
}

void cli_json(const struct cli *cli, const json_t *value)
{
	struct arena *arena = arena_new();
	(void)cli;
	(void)puts(json_text(arena, value));
	arena_free(arena);
}
