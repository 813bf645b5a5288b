/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/commands.h"
#include "idp/cli/roles.h"
#include "idp/cli/who.h"

static const struct cli_option init_options[] = {
	{"--mode", "production|sandbox", "sandbox: fixed codes of test citizens count"},
	{"--issuer", "URL", "https://host or https://host:port: the address that everybody knows"},
	{NULL, NULL, NULL},
};

static const struct cli_option migrate_options[] = {
	{"--status", NULL, "only print what is applied; exit status 1 if something is not"},
	{"--to", "N", "go no further than migration N"},
	{NULL, NULL, NULL},
};

static const struct cli_option apply_options[] = {
	{"--dry-run", NULL, "do everything but keep nothing of it"},
	{NULL, NULL, NULL},
};

static const struct cli_option citizen_list_options[] = {
	{"--limit", "N", "at most so many (default 100)"},
	{"--after", "ID", "those after this citizen_id"},
	{NULL, NULL, NULL},
};

static const struct cli_option secret_options[] = {
	{"--days", "N", "how long the former secret is taken, too (default 7, at most 90)"},
	{NULL, NULL, NULL},
};

static const struct cli_option lock_options[] = {
	{"--reason", "TEXT", "why, for the audit log; at most 500 bytes"},
	{NULL, NULL, NULL},
};

static const struct cli_option rotate_options[] = {
	{"--alg", "ES256|RS256|PS256", "of one algorithm only (default: each)"},
	{"--now", NULL, "without that delay, for when a former key is no longer safe"},
	{NULL, NULL, NULL},
};

static const struct cli_option records_options[] = {
	{"--since", "TIME",
		"from then on: 2026-11-20, 2026-11-20T08:00:00+07:00, or 1h, 2d ago (default 30d)"},
	{"--until", "TIME", "before then"},
	{"--citizen", "WHO", "of one citizen"},
	{"--client", "ID", "of one client"},
	{"--kind", "KIND",
		"sign_in, password, factor, token, apply, lock; an unknown one is answered with "
		"all"},
	{"--outcome", "ok|refused|failed|abandoned|sent|delivered|unknown", "that ended so"},
	{"--session", "ID", "of one session"},
	{"--authentication", "ID", "of one sign-in"},
	{"--grant", "ID", "of one authorization of a client"},
	{"--address", "IP", "of one address, or of a network: 203.0.113.0/24"},
	{"--correlation", "ID", "what an error page or an error answer named"},
	{"--limit", "N", "the newest N (default 1000)"},
	{"--before", "AT,ID", "those before this one, as printed when there may be more"},
	{NULL, NULL, NULL},
};

static const struct cli_option expire_options[] = {
	{"--days", "N", "keep so many days (default: record_retention_days), 90 at least"},
	{"--dry-run", NULL, "only print what would be dropped"},
	{NULL, NULL, NULL},
};

static const struct cli_option session_options[] = {
	{"--all", NULL, "of everybody, agencies' offline access too"},
	{"--citizen", "WHO", "of one citizen"},
	{"--client", "ID", "every token of one client; sessions stay"},
	{"--reason", "TEXT", "why, for the audit log; at most 500 bytes"},
	{"--yes", NULL, "do not ask before --all"},
	{NULL, NULL, NULL},
};

static const struct cli_option backup_options[] = {
	{"--dated", NULL, "into a new directory below DIR that is named by the time"},
	{"--jobs", "N", "tables at once (default 2)"},
	{NULL, NULL, NULL},
};

static const struct cli_option restore_options[] = {
	{"--check", NULL, "only see whether the backup is whole"},
	{"--jobs", "N", "tables at once (default 2)"},
	{NULL, NULL, NULL},
};

static const struct cli_option recover_options[] = {
	{"--to", "TIME",
		"the moment that the database shows: 2026-11-20T08:00:00+07:00, or 1h ago"},
	{"--nothing-lost", NULL, "it holds all that was ever acknowledged: only confirm it"},
	{"--yes", NULL, "do not ask"},
	{NULL, NULL, NULL},
};

static const char backup_help[] =
	"DIR is made, with mode 0700, or is empty. It gets the whole database as it is at one "
	"moment,\nwritten by pg_dump, and a list of its files with their SHA-256. The roles go on "
	"meanwhile. The key\nfile is not in it: keep a copy of that somewhere else.";

static const char restore_help[] =
	"DIR is what `pratu backup` made. The database of owner_database must be empty, and "
	"vault and web\nrole stopped. What was alive in the backup is then ended, as `pratu "
	"recover` does.";

static const char recover_help[] =
	"For a database that was restored to an earlier moment by other means than `pratu "
	"restore`, before\nthe roles start: what has ended since that moment is alive in it. Every "
	"session ends, every token\nand offline access is revoked, sign-ins that are under way "
	"begin anew, codes of this moment are\nvoid, and every signing key is withdrawn; the vault "
	"makes new ones. Until then no role uses a\ndatabase that was copied. What cannot be told "
	"from the database is printed.";

static const char apply_help[] =
	"FILE is one JSON document, \"-\" reads standard input:\n"
	"  {\"agencies\": [...], \"clients\": [...], \"citizens\": [...]}\n"
	"Clients carry the names of RFC 7591 and OpenID Connect Registration. An agency has a "
	"name\n"
	"(name_th, name_en) and clients of its own, which inherit from it what they do not give\n"
	"themselves (client_name, client_uri, logo_uri, policy_uri, tos_uri, "
	"sector_identifier_uri).\n"
	"Citizens carry the OpenID claims and national_id, which identifies the citizen, alias,\n"
	"password, totp_secret (base32), sandbox_code. A secret that is left out stays as it is, "
	"and\n"
	"so do all claims where none is given. A changed password or factor ends the citizen's\n"
	"sessions and grants.\n"
	"All or nothing; the same document again changes nothing. Needs the vault.";

static const struct cli_command commands[] = {
	{"init", "", "make the settings, the key and the directories that are missing",
		"Without settings --issuer is needed; with settings it is refused, as "
		"nothing that is there is\nchanged. The key seals every secret in the database: "
		"keep a "
		"copy "
		"of it\nelsewhere.",
		init_options, 0, 0, false, cmd_init},
	{"migrate", "", "bring the database to this version",
		"Connects as owner_database, makes the roles, applies each migration in a "
		"transaction "
		"of its\nown, and makes partitions ahead. Safe to repeat.",
		migrate_options, 0, 0, true, cmd_migrate},
	{"serve", "", "run all roles under one supervisor",
		"Restarts a role that ends. SIGTERM and SIGINT end it cleanly, what is in flight "
		"is "
		"finished;\nSIGHUP is forwarded to them.",
		NULL, 0, 0, true, cmd_serve},
	{"apply", "FILE", "set up agencies, clients and citizens", apply_help, apply_options, 1, 1,
		true, cmd_apply},
	{"client list", "", "the agencies' services", NULL, NULL, 0, 0, true, cmd_client_list},
	{"client show", "ID", "one of them, without its secret", NULL, NULL, 1, 1, true,
		cmd_client_show},
	{"client secret new", "ID", "give it another secret, and print that once",
		"256 random bits. The former secret is taken too for --days, so that the agency "
		"can change its\nown settings meanwhile; with --days 0 it ends at once.",
		secret_options, 1, 1, true, cmd_client_secret_new},
	{"client remove", "ID", "remove one: revoke all its tokens, forget its consents",
		"To stop one for a while, set \"disabled\": true by `pratu apply` instead.", NULL,
		1, 1, true, cmd_client_remove},
	{"citizen list", "", "the citizens", "Looking is recorded.", citizen_list_options, 0, 0,
		true, cmd_citizen_list},
	{"citizen show", "WHO", "one citizen: claims, factors, sessions, consents",
		WHO_HELP "\nLooking is recorded.", NULL, 1, 1, true, cmd_citizen_show},
	{"citizen lock", "WHO", "no sign-in any more; end all sessions, revoke all tokens",
		WHO_HELP, lock_options, 1, 1, true, cmd_citizen_lock},
	{"citizen unlock", "WHO", "let a locked citizen sign in again", WHO_HELP, lock_options, 1,
		1, true, cmd_citizen_unlock},
	{"session end", "", "sign out: end sessions, revoke tokens",
		"With --all sign-ins that are under way begin anew, too.\n" WHO_HELP,
		session_options, 0, 0, true, cmd_session_end},
	{"keys list", "", "the signing keys", NULL, NULL, 0, 0, true, cmd_keys_list},
	{"keys rotate", "", "make the next signing keys",
		"They are published at once, and sign after key_rotate_publish_s and when every "
		"web process\npublishes them, so that every agency has them by then. With --now "
		"they sign as soon as every\nweb process publishes them.",
		rotate_options, 0, 0, true, cmd_keys_rotate},
	{"records list", "", "read the audit log",
		"The newest rows of the last 30 days, or of --since to --until, in the order of "
		"time. With --json one\nobject a line. Looking is recorded.\n" WHO_HELP,
		records_options, 0, 0, true, cmd_records_list},
	{"records index", "", "build the missing indexes of closed days of the audit log",
		"The web role does it by itself, but for days of more than 512 MiB: run this every "
		"night where\nthere are such.",
		NULL, 0, 0, true, cmd_records_index},
	{"records expire", "", "drop the partitions of the audit log that are too old",
		"Whole days (or months, of older versions) only. Leaves a row of its own.",
		expire_options, 0, 0, true, cmd_records_expire},
	{"backup", "DIR", "copy the database into a new directory", backup_help, backup_options, 1,
		1, true, cmd_backup},
	{"restore", "DIR", "fill an empty database from a backup, and end what was alive in it",
		restore_help, restore_options, 1, 1, true, cmd_restore},
	{"recover", "", "end all that a restored database holds alive", recover_help,
		recover_options, 0, 0, true, cmd_recover},
	{"doctor", "", "check settings, database, grants, clock, vault, keys and certificate",
		"Prints what to do about each fault. Run it as root, or as a user that may read "
		"the "
		"key.",
		NULL, 0, 0, false, cmd_doctor},
	{"version", "", "print the version", NULL, NULL, 0, 0, false, cmd_version},
	{0},
};

int main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	const int status = cli_run(role_commands(arena, commands), argc, argv);
	arena_free(arena);
	return status;
}
