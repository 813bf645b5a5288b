/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/handle.h"
#include "idp/base/str.h"
#include "idp/cli/cli.h"
#include "queries_admin.h"
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct db *cli_db(struct cli *cli)
{
	if (!cli->db)
		cli->db = db_new(cli->settings->admin_database, "pratu cli");
	return cli->db;
}

/* 08: no connection. 53: out of means. 57: shut down, or a time-out. 55P03: a lock that others
 * hold. */
static bool is_away(const char *sqlstate)
{
	static const char *const starts[] = {"08", "53", "57", "55P03"};
	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
		if (str_starts(sqlstate, starts[i]))
			return true;
	return str_empty(sqlstate);
}

int cli_db_fault(const struct cli *cli, const struct db *db)
{
	if (is_away(db_sqlstate(db)))
		return cli_fail(cli, CLI_AWAY, "the database is away: %s", db_message(db));
	return cli_fail(
		cli, CLI_REFUSED, "the database refused: %s (%s)", db_message(db), db_sqlstate(db));
}

/* A run that has ended holds its lock until the server notices. */
static int wait_for_lock(struct cli *cli, struct db *db, const char *name)
{
	const struct q_admin_lock_wait_in in = {name};
	struct q_admin_lock_wait_row row;
	cli_warn(cli, "waiting for another `pratu %s` to end", cli->command->name);
	if (q_admin_lock_wait(db, cli->arena, &in, &row).err == ERR_NONE)
		return CLI_OK;
	if (!str_eq(db_sqlstate(db), "55P03"))
		return cli_db_fault(cli, db);
	return cli_fail(cli, CLI_AWAY, "another `pratu %s` is running", cli->command->name);
}

int cli_lock(struct cli *cli, struct db *db)
{
	const char *name = arena_printf(cli->arena, "pratu.%s", cli->command->name);
	const struct q_admin_lock_in in = {name};
	struct q_admin_lock_row row;
	if (q_admin_lock(db, cli->arena, &in, &row).err != ERR_NONE)
		return cli_db_fault(cli, db);
	return row.got ? CLI_OK : wait_for_lock(cli, db, name);
}

struct vault_call *cli_vault(struct cli *cli)
{
	if (!cli->vault)
		cli->vault = vault_call_new(cli->settings->vault_socket_dir, "admin.sock");
	return cli->vault;
}

int cli_vault_status(const struct cli *cli, struct result asked, enum vault_outcome outcome)
{
	if (asked.err == ERR_BOUNDS || asked.err == ERR_FORMAT)
		return cli_fail(cli, CLI_REFUSED,
			"a value is too long for the vault, or is not UTF-8 text");
	if (asked.err != ERR_NONE)
		return cli_fail(cli, CLI_AWAY,
			"the vault is away: no answer on %s/admin.sock (is `pratu serve` or `pratu "
			"vault` "
			"running, of this same build, and may this user reach it?)",
			cli->settings->vault_socket_dir);
	if (outcome == VAULT_FAILED)
		return cli_fail(cli, CLI_AWAY,
			"the vault could not do it now; see its log (its database may be "
			"unavailable)");
	return CLI_OK;
}

const char *cli_actor(struct cli *cli)
{
	const char *sudo = getenv("SUDO_USER");
	if (cli->actor)
		return cli->actor;
	const struct passwd *entry = getpwuid(getuid());
	cli->actor = entry ? arena_printf(cli->arena, "%s", entry->pw_name)
			   : arena_printf(cli->arena, "uid %ld", (long)getuid());
	if (sudo && sudo[0] != '\0' && str_utf8_valid(sudo, strlen(sudo)))
		cli->actor = arena_printf(cli->arena, "%s for %.64s", cli->actor, sudo);
	return cli->actor;
}

const char *cli_correlation(struct cli *cli)
{
	uint8_t bytes[HANDLE_CORRELATION_LEN];
	if (!cli->correlation_id) {
		rng_bytes(&cli->rng, bytes, sizeof bytes);
		cli->correlation_id = handle_correlation(cli->arena, bytes);
	}
	return cli->correlation_id;
}

struct result cli_record(struct cli *cli, const struct cli_event *event)
{
	AUTO_JSON json_t *detail = event->detail ? event->detail : json_object();
	struct arena *arena = arena_new();
	json_put(detail, "by", cli_actor(cli));
	const struct q_admin_event_insert_in in = {event->kind, event->outcome, event->subject_id,
		event->client_id, cli_correlation(cli), json_text(arena, detail)};
	const struct result done = q_admin_event_insert(cli_db(cli), arena, &in, NULL);
	arena_free(arena);
	return done;
}
