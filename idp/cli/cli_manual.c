/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/cli_manual.h"
#include "idp/base/str.h"
#include "idp/cli/cli_help.h"
#include "idp/cli/kinds.h"
#include <string.h>

/* ---- the manual page */

/* Text as roff takes it: hyphens that can be copied, no line that is a request, and lines that
 * begin with a space (a sample) as they are. */
static void put(FILE *out, const char *text)
{
	bool begins = true, sample = false;
	for (const char *c = text; *c != '\0'; c++) {
		if (begins && (*c == '.' || *c == '\''))
			(void)fputs("\\&", out);
		sample = begins ? *c == ' ' : sample;
		if (*c == '\\')
			(void)fputs("\\e", out);
		else if (*c == '-')
			(void)fputs("\\-", out);
		else if (*c == '\n' && sample)
			(void)fputs("\n.br\n", out);
		else
			(void)fputc(*c, out);
		begins = *c == '\n';
	}
}

static void put_options(FILE *out, const struct cli_option *list)
{
	for (const struct cli_option *o = list; o && o->name; o++) {
		(void)fputs(".TP\n.B ", out);
		put(out, o->name);
		if (o->value) {
			(void)fputs(" \\fI", out);
			put(out, o->value);
			(void)fputs("\\fR", out);
		}
		(void)fputc('\n', out);
		put(out, o->help);
		(void)fputc('\n', out);
	}
}

static void put_command(FILE *out, const struct cli_command *command)
{
	(void)fputs(".SS pratu ", out);
	put(out, command->name);
	(void)fprintf(out, "%s%s\n", command->args[0] == '\0' ? "" : " ", command->args);
	put(out, command->summary);
	(void)fputs(".\n", out);
	if (command->help) {
		(void)fputs(".PP\n", out);
		put(out, command->help);
		(void)fputc('\n', out);
	}
	put_options(out, command->options);
}

void cli_manual_page(FILE *out, const struct cli_command *table)
{
	(void)fputs(".\\\" SPDX-License-Identifier: Apache-2.0\n"
		    ".TH PRATU 8 \"\" \"pratu " PRATU_VERSION "\" \"System Administration\"\n"
		    ".SH NAME\npratu \\- national sign\\-in service, an OpenID Connect provider\n"
		    ".SH SYNOPSIS\n.B pratu\n.I COMMAND\n[\\fIARGUMENT\\fR] [\\fIOPTION\\fR ...]\n"
		    ".SH DESCRIPTION\nOne program is each role of the service and its command "
		    "line.\n.SH COMMANDS\n",
		out);
	for (const struct cli_command *c = table; c->name; c++)
		put_command(out, c);
	(void)fputs(".SH OPTIONS OF EACH COMMAND\n", out);
	put_options(out, cli_help_common);
	(void)fputs(".SH EXIT STATUS\n", out);
	for (size_t i = 0; i < CLI_HELP_EXITS; i++) {
		(void)fprintf(out, ".TP\n.B %zu\n", i);
		put(out, cli_help_exits[i]);
		(void)fputc('\n', out);
	}
	(void)fputs(
		".SH ENVIRONMENT\n.TP\n.B PRATU_CONFIG\nThe settings, where \\-\\-config is not "
		"given.\n.SH FILES\n.TP\n.I " CLI_CONFIG_DEFAULT
		"\nThe settings; each key is explained in the file that pratu init makes.\n"
		".TP\n.I /etc/pratu/key\nThe key file. Without it no password, seed or "
		"signing key in the database can be used.\n",
		out);
}

/* ---- the completion for bash */

static bool is_first(const struct cli_command *table, const struct cli_command *command)
{
	const size_t len = strcspn(command->name, " ");
	for (const struct cli_command *c = table; c != command; c++)
		if (strncmp(c->name, command->name, len) == 0 && strcspn(c->name, " ") == len)
			return false;
	return true;
}

/* "init", "citizen list", "citizen show", ... -> init citizen; and the second words of each. */
static void put_words(FILE *out, const struct cli_command *table)
{
	(void)fputs("\t'') words='help", out);
	for (const struct cli_command *c = table; c->name; c++)
		if (is_first(table, c))
			(void)fprintf(out, " %.*s", (int)strcspn(c->name, " "), c->name);
	(void)fputs("' ;;\n", out);
	for (const struct cli_command *c = table; c->name; c++) {
		const size_t len = strcspn(c->name, " ");
		if (c->name[len] == '\0' || !is_first(table, c))
			continue;
		(void)fprintf(out, "\t%.*s) words='", (int)len, c->name);
		for (const struct cli_command *d = c; d->name; d++)
			if (strncmp(d->name, c->name, len + 1) == 0)
				(void)fprintf(out, "%s%s", d == c ? "" : " ", d->name + len + 1);
		(void)fputs("' ;;\n", out);
	}
}

static void put_command_options(FILE *out, const struct cli_command *table)
{
	for (const struct cli_command *c = table; c->name; c++) {
		if (!c->options && c->most_args == 0)
			continue;
		(void)fprintf(out, "\t'%s'*)", c->name);
		if (c->options)
			(void)fputs(" options+='", out);
		for (const struct cli_option *o = c->options; o && o->name; o++)
			(void)fprintf(out, " %s", o->name);
		(void)fprintf(out, "%s%s ;;\n", c->options ? "'" : "",
			str_eq(c->args, "FILE") ? (c->options ? "; files=yes" : " files=yes") : "");
	}
}

/* What may follow the option: its choices, or nothing that is known. */
static void put_value(FILE *out, const struct cli_option *option)
{
	(void)fprintf(out, "\t%s) ", option->name);
	if (str_eq(option->value, "FILE"))
		(void)fputs("mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return", out);
	else if (!strchr(option->value, '|') && !str_eq(option->value, "KIND"))
		(void)fputs("return", out);
	else
		(void)fputs("words='", out);
	if (str_eq(option->value, "KIND"))
		for (size_t i = 0; kinds[i]; i++)
			(void)fprintf(out, "%s%s", i == 0 ? "" : " ", kinds[i]);
	else if (strchr(option->value, '|'))
		for (const char *c = option->value; *c != '\0'; c++)
			(void)fputc(*c == '|' ? ' ' : *c, out);
	if (strchr(option->value, '|') || str_eq(option->value, "KIND"))
		(void)fputs("' value=yes", out);
	(void)fputs(" ;;\n", out);
}

/* Has an earlier command an option of this name? Some share them. */
static bool is_repeated(const struct cli_command *table, const struct cli_command *command,
	const struct cli_option *option)
{
	for (const struct cli_command *c = table; c != command; c++)
		for (const struct cli_option *o = c->options; o && o->name; o++)
			if (str_eq(o->name, option->name))
				return true;
	return false;
}

static void put_values(FILE *out, const struct cli_command *table)
{
	for (const struct cli_command *c = table; c->name; c++)
		for (const struct cli_option *o = c->options; o && o->name; o++)
			if (o->value && !is_repeated(table, c, o))
				put_value(out, o);
	for (const struct cli_option *o = cli_help_common; o->name; o++)
		if (o->value)
			put_value(out, o);
}

void cli_manual_completion(FILE *out, const struct cli_command *table)
{
	(void)fputs("# SPDX-License-Identifier: Apache-2.0\n# shellcheck shell=bash\n"
		    "# Completion for pratu, made by `pratu help bash`.\n_pratu() {\n"
		    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
		    "\tlocal command='' words='' value='' files='' i\n\tlocal options='",
		out);
	for (const struct cli_option *o = cli_help_common; o->name; o++)
		(void)fprintf(out, "%s%s", o == cli_help_common ? "" : " ", o->name);
	(void)fputs(
		"'\n\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		"\t\tcase ${COMP_WORDS[i]} in\n\t\t--config) ((i++)) ;;\n\t\t-*) ;;\n"
		"\t\t*) command=\"${command:+$command }${COMP_WORDS[i]}\" ;;\n\t\tesac\n\tdone\n"
		"\tcase $command in\n",
		out);
	put_words(out, table);
	put_command_options(out, table);
	(void)fputs("\tesac\n\tcase $prev in\n", out);
	put_values(out, table);
	(void)fputs("\tesac\n\t[[ $value || $cur != -* ]] || words=$options\n"
		    "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
		    "\t[[ -z $files || $cur == -* ]] || mapfile -t COMPREPLY < <(compgen -f -- "
		    "\"$cur\")\n}\ncomplete -F _pratu pratu\n",
		out);
}
