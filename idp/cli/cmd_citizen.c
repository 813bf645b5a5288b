/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/reason.h"
#include "idp/cli/show.h"
#include "idp/cli/table.h"
#include "idp/cli/who.h"
#include "queries_admin.h"
#include <string.h>

static json_t *describe(const struct q_admin_citizen_list_row *row)
{
	json_t *made = json_object();
	json_put(made, "citizen_id", row->citizen_id);
	json_put(made, "name", row->name);
	json_put_flag(made, "locked", row->locked);
	json_put(made, "created_at", row->created_at);
	return made;
}

static void print_list(const struct cli *cli, const struct q_admin_citizen_list_rows *rows)
{
	AUTO_JSON json_t *list = json_array();
	static const char *const headings[] = {"CITIZEN", "NAME", "CREATED", "STATE", NULL};
	struct table table = table_new(cli->arena, headings);
	for (size_t i = 0; i < rows->n; i++) {
		const struct q_admin_citizen_list_row *row = &rows->items[i];
		const char *const cells[] = {row->citizen_id, row->name, row->created_at,
			row->locked ? "locked" : "active"};
		table_add(&table, cells);
		(void)json_array_append_new(list, describe(row));
	}
	if (cli->json)
		cli_json(cli, list);
	else
		table_print(&table);
}

int cmd_citizen_list(struct cli *cli)
{
	struct q_admin_citizen_list_in in = {cli_option(cli, "--after"), 100};
	struct q_admin_citizen_list_rows rows;
	const struct cli_event event = {"citizen_list", "ok", NULL, NULL, NULL};
	if (!cli_number(cli, "--limit", (struct cli_range){1, 10000}, &in.limit))
		return CLI_USAGE;
	if (in.after && !str_is_uuid(str_lower(cli->arena, in.after, strlen(in.after))))
		return cli_fail(
			cli, CLI_USAGE, "--after: expected a citizen_id, received %s", in.after);
	if (q_admin_citizen_list(cli_db(cli), cli->arena, &in, &rows).err ||
		cli_record(cli, &event).err)
		return cli_db_fault(cli, cli_db(cli));
	print_list(cli, &rows);
	if (rows.n == (size_t)in.limit)
		cli_warn(cli, "there may be more: --after %s", rows.items[rows.n - 1].citizen_id);
	return CLI_OK;
}

int cmd_citizen_show(struct cli *cli)
{
	struct q_admin_citizen_show_in in = {0};
	const struct q_admin_citizen_show_row *row = NULL;
	const int found = who_find(cli, cli->args[0], &in.citizen_id);
	if (found != CLI_OK)
		return found;
	const struct cli_event event = {"citizen_show", "ok", in.citizen_id, NULL, NULL};
	/* Nothing is shown before the audit log has the row of the access. */
	if (q_admin_citizen_show(cli_db(cli), cli->arena, &in, &row).err ||
		cli_record(cli, &event).err)
		return cli_db_fault(cli, cli_db(cli));
	if (!row)
		return cli_fail(cli, CLI_REFUSED, "no such citizen");
	return show_object(cli, row->citizen);
}

/* Who did it and why, for the rows of the audit log that the query writes. */
static const char *detail_of(struct cli *cli)
{
	AUTO_JSON json_t *detail = json_object();
	json_put(detail, "by", cli_actor(cli));
	json_put(detail, "why", cli_option(cli, "--reason"));
	return json_text(cli->arena, detail);
}

int cmd_citizen_lock(struct cli *cli)
{
	AUTO_JSON json_t *answer = json_object();
	struct q_admin_citizen_lock_in in = {
		.correlation_id = cli_correlation(cli), .detail = detail_of(cli)};
	struct q_admin_citizen_lock_row done;
	const int reasoned = reason_check(cli);
	const int found =
		reasoned == CLI_OK ? who_find(cli, cli->args[0], &in.citizen_id) : reasoned;
	if (found != CLI_OK)
		return found;
	if (q_admin_citizen_lock(cli_db(cli), cli->arena, &in, &done).err)
		return cli_db_fault(cli, cli_db(cli));
	json_put(answer, "citizen_id", in.citizen_id);
	json_put_flag(answer, "changed", done.changed);
	json_put_int(answer, "sessions_ended", done.sessions);
	json_put_int(answer, "grants_revoked", done.grants);
	if (cli->json)
		cli_json(cli, answer);
	cli_print(cli, "%s %s; sessions ended: %lld, grants revoked: %lld", in.citizen_id,
		done.changed ? "is locked" : "was locked already", (long long)done.sessions,
		(long long)done.grants);
	return CLI_OK;
}

int cmd_citizen_unlock(struct cli *cli)
{
	AUTO_JSON json_t *answer = json_object();
	struct q_admin_citizen_unlock_in in = {
		.correlation_id = cli_correlation(cli), .detail = detail_of(cli)};
	struct q_admin_citizen_unlock_row done;
	const int reasoned = reason_check(cli);
	const int found =
		reasoned == CLI_OK ? who_find(cli, cli->args[0], &in.citizen_id) : reasoned;
	if (found != CLI_OK)
		return found;
	if (q_admin_citizen_unlock(cli_db(cli), cli->arena, &in, &done).err)
		return cli_db_fault(cli, cli_db(cli));
	json_put(answer, "citizen_id", in.citizen_id);
	json_put_flag(answer, "changed", done.changed);
	if (cli->json)
		cli_json(cli, answer);
	cli_print(
		cli, "%s %s", in.citizen_id, done.changed ? "may sign in again" : "was not locked");
	return CLI_OK;
}
