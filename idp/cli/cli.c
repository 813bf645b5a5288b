/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/cli.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/cli/cli_help.h"
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

static const struct cli_option *find_option(const struct cli *cli, const char *name, size_t len)
{
	const struct cli_option *const lists[] = {
		cli_help_common, cli->command ? cli->command->options : NULL};
	for (size_t i = 0; i < 2; i++)
		for (const struct cli_option *o = lists[i]; o && o->name; o++)
			if (strlen(o->name) == len && strncmp(o->name, name, len) == 0)
				return o;
	return NULL;
}

static void take_common(struct cli *cli, const struct cli_option *option, const char *value)
{
	cli->help = cli->help || str_eq(option->name, "--help");
	cli->json = cli->json || str_eq(option->name, "--json");
	if (str_eq(option->name, "--config"))
		cli->config = value;
}

/* One option, "--name", "--name value" or "--name=value". Returns how many words it took, 0: not
 * understood. */
static int read_option(struct cli *cli, int argc, char **argv)
{
	const size_t len = strcspn(argv[0], "=");
	const struct cli_option *option = find_option(cli, argv[0], len);
	const bool joined = argv[0][len] == '=';
	if (!option) {
		cli_warn(cli, "unknown option %s", argv[0]);
		return 0;
	}
	const bool lacks = !joined && (argc < 2 || str_starts(argv[1], "--"));
	if (option->value ? lacks : joined) {
		cli_warn(cli, "%s takes %s", option->name,
			option->value ? option->value : "no value");
		return 0;
	}
	if (cli_option(cli, option->name) || cli->n_given == CLI_GIVEN_MAX) {
		cli_warn(cli, "%s is given twice", option->name);
		return 0;
	}
	const char *value = !option->value ? "" : joined ? argv[0] + len + 1 : argv[1];
	cli->given[cli->n_given].name = option->name;
	cli->given[cli->n_given++].value = value;
	take_common(cli, option, value);
	return !option->value || joined ? 1 : 2;
}

static bool read_words(struct cli *cli, int argc, char **argv)
{
	bool options = true;
	for (int i = 0; i < argc;) {
		if (options && str_eq(argv[i], "--")) {
			options = false;
			i++;
			continue;
		}
		if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
			const int taken = read_option(cli, argc - i, argv + i);
			if (taken == 0)
				return false;
			i += taken;
			continue;
		}
		if (cli->n_args == cli->command->most_args) {
			cli_warn(cli, "one argument too many: %s", argv[i]);
			return false;
		}
		cli->args[cli->n_args++] = argv[i++];
	}
	return true;
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

static int dispatch(struct cli *cli, const struct cli_command *table, int argc, char **argv)
{
	int words = 0;
	/* Options may precede the command. */
	while (argc > 0 && argv[0][0] == '-' && !cli->help) {
		const int taken = read_option(cli, argc, argv);
		if (taken == 0)
			return CLI_USAGE;
		argc -= taken;
		argv += taken;
	}
	if (argc == 0 || str_eq(argv[0], "help")) {
		cli_help_all(argc == 0 && !cli->help ? stderr : stdout, table);
		return argc == 0 && !cli->help ? CLI_USAGE : CLI_OK;
	}
	cli->command = find_command(table, argc, argv, &words);
	if (!cli->command && cli_help_group(stdout, table, argv[0]))
		return argc > 1 && str_eq(argv[1], "--help") ? CLI_OK : CLI_USAGE;
	if (!cli->command) {
		cli_warn(cli, "unknown command %s; see pratu --help", argv[0]);
		return CLI_USAGE;
	}
	if (!read_words(cli, argc - words, argv + words))
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
	const int status = dispatch(&cli, table, argc - 1, argv + 1);
	db_free(cli.db);
	vault_call_free(cli.vault);
	settings_free(cli.settings);
	arena_free(cli.arena);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return status == CLI_OK ? CLI_REFUSED : status;
	return status;
}
