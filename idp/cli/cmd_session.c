/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/confirm.h"
#include "idp/cli/reason.h"
#include "idp/cli/who.h"
#include "queries_admin.h"

/* Who did it and why, for the row of the audit log that the query writes. */
static const char *detail_of(struct cli *cli)
{
	AUTO_JSON json_t *detail = json_object();
	json_put(detail, "by", cli_actor(cli));
	json_put(detail, "why", cli_option(cli, "--reason"));
	return json_text(cli->arena, detail);
}

/* Exactly one of the three says whose. */
static int choose(struct cli *cli, struct q_admin_session_end_in *in)
{
	const char *const citizen = cli_option(cli, "--citizen");
	const bool all = cli_option(cli, "--all") != NULL;
	in->client_id = cli_option(cli, "--client");
	if ((all ? 1 : 0) + (citizen ? 1 : 0) + (in->client_id ? 1 : 0) != 1)
		return cli_fail(
			cli, CLI_USAGE, "expected one of --all, --citizen WHO and --client ID");
	in->what = all ? "all" : citizen ? "subject" : "client";
	return citizen ? who_find(cli, citizen, &in->citizen_id) : CLI_OK;
}

/* First nothing that is under way becomes a session any more, then what became one is waited for:
 * each is a transaction of its own, and so all sessions are there when they are ended. */
static struct result settle(struct cli *cli)
{
	struct q_admin_access_void_row voided;
	struct q_admin_access_settle_row settled;
	TRY(q_admin_access_void(cli_db(cli), cli->arena, &voided));
	return q_admin_access_settle(cli_db(cli), cli->arena, &settled);
}

static struct result end(struct cli *cli, const struct q_admin_session_end_in *in,
	struct q_admin_session_end_row *done)
{
	TRY(db_patience(cli_db(cli)));
	if (str_eq(in->what, "all"))
		TRY(settle(cli));
	return q_admin_session_end(cli_db(cli), cli->arena, in, done);
}

int cmd_session_end(struct cli *cli)
{
	AUTO_JSON json_t *answer = json_object();
	struct q_admin_session_end_in in = {
		.correlation_id = cli_correlation(cli), .detail = detail_of(cli)};
	struct q_admin_session_end_row done;
	int status = reason_check(cli);
	if (status == CLI_OK)
		status = choose(cli, &in);
	if (status == CLI_OK && str_eq(in.what, "all"))
		status = confirm(
			cli, "every citizen is signed out, and every agency loses its tokens");
	if (status != CLI_OK)
		return status;
	if (end(cli, &in, &done).err != ERR_NONE)
		return cli_db_fault(cli, cli_db(cli));
	json_put_int(answer, "sessions_ended", done.sessions);
	json_put_int(answer, "grants_revoked", done.grants);
	if (cli->json)
		cli_json(cli, answer);
	cli_print(cli, "sessions ended: %lld, grants revoked: %lld", (long long)done.sessions,
		(long long)done.grants);
	return CLI_OK;
}
