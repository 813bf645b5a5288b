/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/recover.h"
#include "idp/base/str.h"
#include "idp/cli/migrate.h"
#include "idp/vault/key_check.h"
#include "queries_admin.h"
#include <poll.h>

#define LEAVE_LOOKS 50 /* roles that were stopped just now may still be connected */
#define LEAVE_LOOK_MS 100

struct work {
	struct cli *cli;
	const struct recover *in;
	json_t *answer;
	struct q_admin_recover_state_row state;
};

static struct result owner_begin(const struct work *work)
{
	TRY(db_begin(work->in->db));
	TRY(db_script(work->in->db, MIGRATE_AS_OWNER));
	return db_patience(work->in->db);
}

static struct result load_state(struct work *work)
{
	const struct q_admin_recover_state_in in = {work->in->to};
	TRY(owner_begin(work));
	TRY(q_admin_recover_state(work->in->db, work->cli->arena, &in, &work->state));
	return db_commit(work->in->db);
}

static int fault(const struct work *work)
{
	db_rollback(work->in->db);
	return cli_db_fault(work->cli, work->in->db);
}

static int check_schema(const struct work *work)
{
	const struct migrate_plan *plan = NULL;
	if (migrate_plan(work->cli->arena, work->in->db, &plan).err != ERR_NONE)
		return fault(work);
	if (plan->fault[0] != '\0')
		return cli_fail(work->cli, CLI_REFUSED, "%s", plan->fault);
	if (migrate_pending(plan, MIGRATE_MAX) > 0)
		return cli_fail(work->cli, CLI_REFUSED,
			"this database is of an older version: run pratu migrate first, then this "
			"again");
	return CLI_OK;
}

/* Nobody serves from it. Where nothing was lost, who does may go on. */
static int check_serving(struct work *work)
{
	for (int i = 0; i < LEAVE_LOOKS; i++) {
		if (load_state(work).err != ERR_NONE)
			return fault(work);
		if (work->state.serving == 0 || !work->in->to)
			return CLI_OK;
		(void)poll(NULL, 0, LEAVE_LOOK_MS);
	}
	return cli_fail(work->cli, CLI_REFUSED,
		"stop the vault and the web role on every machine first: they have %lld "
		"connections to this database",
		(long long)work->state.serving);
}

static int check_state(struct work *work)
{
	const int serving = check_serving(work);
	const struct q_admin_recover_state_row *const state = &work->state;
	if (serving != CLI_OK)
		return serving;
	if (state->standby)
		return cli_fail(work->cli, CLI_REFUSED,
			"this is a standby: promote it, or connect to the primary");
	if (state->future)
		return cli_fail(work->cli, CLI_USAGE,
			"--to: expected a moment in the past, received %s", state->to_at);
	if (state->newer)
		cli_warn(work->cli,
			"the audit log has a row of %s, later than %s: is that the moment that "
			"this database shows?",
			state->newest_at, state->to_at);
	return CLI_OK;
}

/* Another key file opens nothing that is stored, and nobody could sign in: better known now. */
static int check_key(const struct work *work)
{
	const struct q_admin_recover_sealed_row *row = NULL;
	const char *const file = work->cli->settings->key_file;
	if (owner_begin(work).err != ERR_NONE ||
		q_admin_recover_sealed(work->in->db, work->cli->arena, &row).err != ERR_NONE ||
		db_commit(work->in->db).err != ERR_NONE)
		return fault(work);
	if (!row)
		return CLI_OK;
	const struct result opened = key_check(file, row->kid, row->sealed);
	if (opened.err == ERR_CRYPTO)
		return cli_fail(work->cli, CLI_REFUSED,
			"%s is not the key file of this database: put the right one there", file);
	if (opened.err != ERR_NONE)
		cli_warn(work->cli,
			"%s cannot be read here, so whether it is the key file of this database is "
			"not known",
			file);
	return CLI_OK;
}

static struct result begin(const struct work *work)
{
	struct q_admin_recover_begin_row begun;
	TRY(owner_begin(work));
	TRY(q_admin_recover_begin(work->in->db, work->cli->arena, &begun));
	return db_commit(work->in->db);
}

static struct result record(const struct work *work)
{
	AUTO_JSON json_t *detail = json_deep_copy(work->answer);
	json_put(detail, "by", cli_actor(work->cli));
	const struct q_admin_event_insert_in event = {"recover", "ok", NULL, NULL,
		cli_correlation(work->cli), json_text(work->cli->arena, detail)};
	return q_admin_event_insert(work->in->db, work->cli->arena, &event, NULL);
}

static struct result end_all(const struct work *work)
{
	const struct q_admin_recover_in in = {cli_correlation(work->cli)};
	struct q_admin_recover_row done;
	TRY(q_admin_recover(work->in->db, work->cli->arena, &in, &done));
	json_put(work->answer, "to", work->state.to_at);
	json_put_int(work->answer, "sessions_ended", done.sessions);
	json_put_int(work->answer, "grants_revoked", done.grants);
	json_put_int(work->answer, "keys_withdrawn", done.keys);
	return OK;
}

/* All of it or nothing, with its row of the audit log. */
static struct result finish(const struct work *work)
{
	struct q_admin_recover_confirm_row confirmed;
	json_put(work->answer, "at", work->state.now_at);
	json_put_flag(work->answer, "nothing_lost", !work->in->to);
	TRY(owner_begin(work));
	if (work->in->to)
		TRY(end_all(work));
	else
		TRY(q_admin_recover_confirm(work->in->db, work->cli->arena, &confirmed));
	TRY(record(work));
	return db_commit(work->in->db);
}

static void print(const struct work *work)
{
	if (!work->in->to) {
		cli_print(work->cli, "confirmed; nothing was ended. Next: start the vault and the "
				     "web role; pratu doctor");
		return;
	}
	cli_print(work->cli,
		"sessions ended: %lld, grants revoked: %lld, signing keys withdrawn: %lld",
		(long long)json_int(work->answer, "sessions_ended", 0),
		(long long)json_int(work->answer, "grants_revoked", 0),
		(long long)json_int(work->answer, "keys_withdrawn", 0));
	cli_print(work->cli,
		"What happened from %s to %s is not in this database. Do again, before the roles "
		"start:\n"
		"  citizens that were locked may sign in           pratu citizen lock\n"
		"  passwords and factors are the former ones       pratu apply, with new ones\n"
		"  clients and their secrets are the former ones   pratu apply; pratu client "
		"remove, secret new --days 0\n"
		"Consents that were withdrawn are remembered again, wrong tries are forgotten, and "
		"rows of the audit\n"
		"log are missing: a standby, a later backup, the log and agencies' own logs may "
		"tell which.\n"
		"Next: start the vault, which makes new signing keys, and the web role; pratu "
		"doctor",
		work->state.to_at, work->state.now_at);
}

/* Close it for all that serve, and see that nobody was faster. */
static int close_to_all(struct work *work)
{
	if (!work->in->to)
		return CLI_OK;
	if (begin(work).err != ERR_NONE)
		return fault(work);
	return check_serving(work);
}

int recover(struct cli *cli, const struct recover *in, json_t *answer)
{
	struct work work = {.cli = cli, .in = in, .answer = answer};
	int status = check_schema(&work);
	if (status == CLI_OK)
		status = check_state(&work);
	if (status == CLI_OK)
		status = check_key(&work);
	if (status == CLI_OK)
		status = migrate_housekeep(cli, in->db);
	if (status == CLI_OK)
		status = close_to_all(&work);
	if (status != CLI_OK)
		return status;
	if (finish(&work).err != ERR_NONE)
		return fault(&work);
	print(&work);
	return CLI_OK;
}
