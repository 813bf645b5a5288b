/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/cli_argv.h"
#include "idp/base/str.h"
#include "idp/cli/cli_help.h"
#include <getopt.h>
#include <string.h>

#define KNOWN_MAX 32
#define FIRST 256 /* what getopt_long returns of the first long option: no character */

/* The options that may be given here, and the same as getopt_long wants them. */
struct known {
	size_t n;
	const struct cli_option *options[KNOWN_MAX];
	struct option longs[KNOWN_MAX + 1];
};

static void add(struct known *known, const struct cli_option *list)
{
	for (const struct cli_option *o = list; o && o->name && known->n < KNOWN_MAX; o++) {
		known->longs[known->n] = (struct option){o->name + 2,
			o->value ? required_argument : no_argument, NULL, FIRST + (int)known->n};
		known->options[known->n++] = o;
	}
}

/* The option by what getopt_long returned of it, or put into optopt. NULL: of none. */
static const struct cli_option *option_of(const struct known *known, int value)
{
	const int at = value - FIRST;
	return at >= 0 && (size_t)at < known->n ? known->options[at] : NULL;
}

/* "--s" with --since and --session; or an option that nothing begins with. */
static void warn_unknown(const struct cli *cli, const struct known *known, const char *word)
{
	const size_t len = strcspn(word, "=");
	size_t n = 0;
	for (size_t i = 0; i < known->n; i++)
		n += strncmp(known->options[i]->name, word, len) == 0 ? 1 : 0;
	cli_warn(
		cli, "%s option %.*s; see --help", n > 1 ? "ambiguous" : "unknown", (int)len, word);
}

/* getopt_long returned '?' or ':'. */
static void warn_about(const struct cli *cli, const struct known *known, const char *word)
{
	const struct cli_option *const option = option_of(known, optopt);
	if (option)
		cli_warn(cli, "%s takes %s", option->name,
			option->value ? option->value : "no value");
	else if (optopt != 0)
		cli_warn(cli, "unknown option -%c; see --help", optopt);
	else
		warn_unknown(cli, known, word);
}

static void take_common(struct cli *cli, const struct cli_option *option, const char *value)
{
	cli->help = cli->help || str_eq(option->name, "--help");
	cli->json = cli->json || str_eq(option->name, "--json");
	if (str_eq(option->name, "--config"))
		cli->config = value;
}

/* Is the value one of "a|b|c"? Any is, where the option does not list them so. */
static bool is_choice(const struct cli_option *option, const char *value)
{
	const size_t len = strlen(value);
	if (!option->value || !strchr(option->value, '|'))
		return true;
	for (const char *at = option->value; at; at = strchr(at, '|')) {
		at += *at == '|' ? 1 : 0;
		if (strcspn(at, "|") == len && strncmp(at, value, len) == 0)
			return true;
	}
	return false;
}

static bool take(struct cli *cli, const struct cli_option *option, const char *value)
{
	if (cli_option(cli, option->name) || cli->n_given == CLI_GIVEN_MAX) {
		cli_warn(cli, "%s is given twice", option->name);
		return false;
	}
	if (!is_choice(option, value)) {
		cli_warn(cli, "%s: expected %s, received %s", option->name, option->value, value);
		return false;
	}
	cli->given[cli->n_given].name = option->name;
	cli->given[cli->n_given++].value = value;
	take_common(cli, option, value);
	return true;
}

/* "--to --json": the value was forgotten. One that begins so is written --to=--json. */
static bool lacks_value(const struct cli_option *option, const char *word)
{
	return option->value && optarg == word && str_starts(word, "--");
}

/* how: "+" where the first word that is no option ends them. */
static bool read_options(struct cli *cli, const char *how, int argc, char **argv)
{
	struct known known = {.n = 0};
	int found = 0;
	add(&known, cli_help_common);
	add(&known, cli->command ? cli->command->options : NULL);
	optind = 0; /* begin anew (glibc) */
	opterr = 0;
	while ((found = getopt_long(argc, argv, how, known.longs, NULL)) != -1) {
		if (found == 'h') {
			cli->help = true;
			continue;
		}
		const struct cli_option *const option = option_of(&known, found);
		if (!option) {
			warn_about(cli, &known, argv[optind - 1]);
			return false;
		}
		if (lacks_value(option, argv[optind - 1])) {
			cli_warn(cli, "%s takes %s", option->name, option->value);
			return false;
		}
		if (!take(cli, option, option->value ? optarg : ""))
			return false;
	}
	return true;
}

bool cli_argv_before(struct cli *cli, int argc, char **argv, int *words)
{
	if (!read_options(cli, "+:h", argc, argv))
		return false;
	*words = optind;
	return true;
}

bool cli_argv_of_command(struct cli *cli, int argc, char **argv)
{
	if (!read_options(cli, ":h", argc, argv))
		return false;
	for (int i = optind; i < argc; i++) {
		if (cli->n_args == cli->command->most_args) {
			cli_warn(cli, "one argument too many: %s", argv[i]);
			return false;
		}
		cli->args[cli->n_args++] = argv[i];
	}
	return true;
}
