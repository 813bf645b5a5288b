/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/cli_help.h"
#include "idp/base/str.h"
#include <string.h>

const struct cli_option cli_help_common[] = {
	{"--config", "FILE",
		"the settings (default: $PRATU_CONFIG, or else " CLI_CONFIG_DEFAULT ")"},
	{"--json", NULL, "answer in JSON"},
	{"--help", NULL, "this text"},
	{NULL, NULL, NULL},
};

const char *const cli_help_exits[CLI_HELP_EXITS] = {
	[CLI_OK] = "done; for a check: all is well",
	[CLI_REFUSED] = "refused, or a fault was found; the message says which",
	[CLI_USAGE] = "the command line was not understood",
	[CLI_AWAY] = "the database or the vault is away: try again later",
};

static void line(FILE *out, const struct cli_command *command)
{
	char usage[80];
	(void)snprintf(usage, sizeof usage, "%s %s", command->name, command->args);
	(void)fprintf(out, "  %-24s %s\n", usage, command->summary);
}

void cli_help_all(FILE *out, const struct cli_command *table)
{
	(void)fputs("Pratu, a national sign-in service.\n\nusage: pratu COMMAND [ARGUMENT] "
		    "[OPTION ...]\n\n",
		out);
	for (const struct cli_command *c = table; c->name; c++)
		line(out, c);
	(void)fputs("\nEach command has --help, --config FILE and --json; `pratu help COMMAND` "
		    "says the same.\n"
		    "pratu help man    print the manual page\n"
		    "pratu help bash   print the completion for bash\n",
		out);
}

bool cli_help_group(FILE *out, const struct cli_command *table, const char *word)
{
	const size_t len = strlen(word);
	bool found = false;
	for (const struct cli_command *c = table; c->name; c++) {
		if (strncmp(c->name, word, len) != 0 || c->name[len] != ' ')
			continue;
		if (!found)
			(void)fprintf(out, "usage: pratu %s ...\n\n", word);
		found = true;
		line(out, c);
	}
	return found;
}

static void options(FILE *out, const struct cli_option *list)
{
	for (const struct cli_option *o = list; o && o->name; o++) {
		char usage[60];
		(void)snprintf(usage, sizeof usage, "%s%s%s", o->name, o->value ? " " : "",
			o->value ? o->value : "");
		(void)fprintf(out, "  %-22s %s\n", usage, o->help);
	}
}

void cli_help_command(FILE *out, const struct cli_command *command)
{
	(void)fprintf(out, "usage: pratu %s%s%s [OPTION ...]\n\n%s\n", command->name,
		command->args[0] == '\0' ? "" : " ", command->args, command->summary);
	if (command->help)
		(void)fprintf(out, "\n%s\n", command->help);
	(void)fputs("\noptions:\n", out);
	options(out, command->options);
	options(out, cli_help_common);
	(void)fputs("\nexit status:\n", out);
	for (size_t i = 0; i < CLI_HELP_EXITS; i++)
		(void)fprintf(out, "  %zu  %s\n", i, cli_help_exits[i]);
}
