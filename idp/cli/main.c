/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/commands.h"

static const struct cli_option init_options[] = {
	{"--mode", "MODE", "production or sandbox"},
	{"--issuer", "URL", "https://host or https://host:port: the address that everybody knows"},
	{NULL, NULL, NULL},
};

static const struct cli_option migrate_options[] = {
	{"--status", NULL, "only say what is applied; exit status 1 if something is not"},
	{"--to", "N", "go no further than migration N"},
	{NULL, NULL, NULL},
};

static const struct cli_command commands[] = {
	{"init", "", "make the settings, the key and the directories that are missing",
		"Never changes what is there. The key seals every secret in the database: keep a "
		"copy "
		"of it\nelsewhere.",
		init_options, 0, 0, false, cmd_init},
	{"migrate", "", "bring the database to this version",
		"Connects as owner_database, makes the roles, applies each migration in a "
		"transaction "
		"of its\nown, and makes partitions ahead. Safe to repeat.",
		migrate_options, 0, 0, true, cmd_migrate},
	{"serve", "", "run all roles under one supervisor",
		"Restarts a role that dies. SIGTERM and SIGINT end it cleanly, what is in flight "
		"is "
		"finished;\nSIGHUP is handed on.",
		NULL, 0, 0, true, cmd_serve},
	{"web", "", "run the web role alone", NULL, NULL, 0, 0, true, cmd_web},
	{"vault", "", "run the vault role alone", NULL, NULL, 0, 0, true, cmd_vault},
	{"version", "", "print the version", NULL, NULL, 0, 0, false, cmd_version},
	{0},
};

int main(int argc, char **argv)
{
	return cli_run(commands, argc, argv);
}
