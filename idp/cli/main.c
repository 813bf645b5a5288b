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

static const struct cli_option apply_options[] = {
	{"--dry-run", NULL, "do everything but keep nothing of it"},
	{NULL, NULL, NULL},
};

static const char apply_help[] =
	"FILE is one JSON document, \"-\" reads standard input:\n"
	"  {\"agencies\": [...], \"clients\": [...], \"citizens\": [...]}\n"
	"Clients carry the names of RFC 7591 and OpenID Connect Registration. An agency has a name "
	"(name_th,\n"
	"name_en) and clients of its own; what they do not say themselves (client_name, "
	"client_uri, logo_uri,\n"
	"policy_uri, tos_uri, sector_identifier_uri) they take from it. Citizens carry the OpenID "
	"claims and\n"
	"national_id, which says who is meant, alias, password, totp_secret (base32), "
	"sandbox_code. A secret that is\n"
	"left out stays as it is, and so do all claims where none is given.\n"
	"All or nothing; the same document again changes nothing. Needs the vault.";

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
	{"apply", "FILE", "set up agencies, clients and citizens", apply_help, apply_options, 1, 1,
		true, cmd_apply},
	{"version", "", "print the version", NULL, NULL, 0, 0, false, cmd_version},
	{0},
};

int main(int argc, char **argv)
{
	return cli_run(commands, argc, argv);
}
