/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/cli.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/cli/cli_argv.h"
#include "idp/cli/cli_help.h"
#include "idp/cli/cli_manual.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *cli_option(const struct cli *cli, const char *name)
{
	for (size_t i = 0; i < cli->n_given; i++)
		if (str_eq(cli->given[i].name, name))
			return cli->given[i].value;
	return NULL;
}

/* "client secret new" takes three words of argv, "init" one. Returns how many, 0 if it is another
 * command. */
static int words_of(const char *name, int argc, char *const *argv)
{
	for (int n = 0; n < argc; n++) {
		const size_t len = strcspn(name, " ");
		if (strlen(argv[n]) != len || strncmp(argv[n], name, len) != 0)
			return 0;
		if (name[len] == '\0')
			return n + 1;
		name += len + 1;
	}
	return 0;
}

static int load_settings(struct cli *cli)
{
	struct settings_fault fault = {0, ""};
	if (settings_load(cli->config, &cli->settings, &fault).err == ERR_NONE)
		return CLI_OK;
	if (fault.line > 0)
		return cli_fail(
			cli, CLI_REFUSED, "%s line %d: %s", cli->config, fault.line, fault.text);
	return cli_fail(cli, CLI_REFUSED,
		"settings: %s (`pratu init` makes a sample; --config FILE "
		"names another file)",
		fault.text);
}

static int run_command(struct cli *cli)
{
	if (cli->n_args < cli->command->least_args) {
		cli_warn(cli, "expected %s; see pratu %s --help", cli->command->args,
			cli->command->name);
		return CLI_USAGE;
	}
	if (cli->command->needs_settings) {
		const int loaded = load_settings(cli);
		if (loaded != CLI_OK)
			return loaded;
	}
	return cli->command->run(cli);
}

static const struct cli_command *find_command(
	const struct cli_command *table, int argc, char **argv, int *words)
{
	for (const struct cli_command *c = table; c->name; c++) {
		*words = words_of(c->name, argc, argv);
		if (*words > 0)
			return c;
	}
	return NULL;
}

/* What follows "help": nothing, a command, or what is to be printed for others to read. */
static int help(struct cli *cli, const struct cli_command *table, int argc, char **argv)
{
	static const struct {
		const char *word;
		void (*print)(FILE *out, const struct cli_command *table);
	} rows[] = {{"man", cli_manual_page}, {"bash", cli_manual_completion}};
	int words = 0;
	if (argc == 0) {
		cli_help_all(stdout, table);
		return CLI_OK;
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (str_eq(argv[0], rows[i].word)) {
			rows[i].print(stdout, table);
			return CLI_OK;
		}
	const struct cli_command *const command = find_command(table, argc, argv, &words);
	if (command)
		cli_help_command(stdout, command);
	else if (!cli_help_group(stdout, table, argv[0])) {
		cli_warn(cli, "unknown command %s; see pratu --help", argv[0]);
		return CLI_USAGE;
	}
	return CLI_OK;
}

static int dispatch(struct cli *cli, const struct cli_command *table, int argc, char **argv)
{
	int at = 0, words = 0;
	if (!cli_argv_before(cli, argc, argv, &at))
		return CLI_USAGE;
	argc -= at;
	argv += at;
	if (argc == 0) {
		cli_help_all(cli->help ? stdout : stderr, table);
		return cli->help ? CLI_OK : CLI_USAGE;
	}
	if (str_eq(argv[0], "help"))
		return help(cli, table, argc - 1, argv + 1);
	cli->command = find_command(table, argc, argv, &words);
	if (!cli->command && cli_help_group(stdout, table, argv[0]))
		return argc > 1 && str_eq(argv[1], "--help") ? CLI_OK : CLI_USAGE;
	if (!cli->command) {
		cli_warn(cli, "unknown command %s; see pratu --help", argv[0]);
		return CLI_USAGE;
	}
	if (!cli_argv_of_command(cli, argc - words + 1, argv + words - 1))
		return CLI_USAGE;
	if (cli->help) {
		cli_help_command(stdout, cli->command);
		return CLI_OK;
	}
	return run_command(cli);
}

int cli_run(const struct cli_command *table, int argc, char **argv)
{
	const char *named = getenv("PRATU_CONFIG");
	struct cli cli = {.config = str_empty(named) ? CLI_CONFIG_DEFAULT : named,
		.arena = arena_new(),
		.clock = clock_system(),
		.rng = rng_system()};
	/* Errors are printed for the operator; the roles open their own log. */
	log_open("cli", LOG_LEVEL_NONE);
	json_memory(free);
	const int status = dispatch(&cli, table, argc, argv);
	db_free(cli.db);
	vault_call_free(cli.vault);
	settings_free(cli.settings);
	arena_free(cli.arena);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return status == CLI_OK ? CLI_REFUSED : status;
	return status;
}
