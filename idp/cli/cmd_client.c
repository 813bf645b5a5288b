/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/crypto.h"
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/show.h"
#include "idp/cli/table.h"
#include "queries_admin.h"

#define OVERLAP_DAYS 7 /* that two secrets are good */
#define OVERLAP_DAYS_MAX 90
#define DAY_S 86400
#define LOCKED "55P03" /* lock_not_available */

static json_t *describe(const struct q_admin_client_list_row *row)
{
	json_t *made = json_object();
	json_put(made, "client_id", row->client_id);
	json_put(made, "name", row->name);
	json_put(made, "auth_method", row->auth_method);
	json_put(made, "sector", row->sector);
	json_put(made, "updated_at", row->updated_at);
	json_put_flag(made, "disabled", row->disabled);
	return made;
}

int cmd_client_list(struct cli *cli)
{
	AUTO_JSON json_t *list = json_array();
	static const char *const headings[] = {
		"CLIENT", "NAME", "AUTHENTICATION", "SECTOR", "CHANGED", "STATE", NULL};
	struct table table = table_new(cli->arena, headings);
	struct q_admin_client_list_rows rows;
	if (q_admin_client_list(cli_db(cli), cli->arena, &rows).err)
		return cli_db_fault(cli, cli_db(cli));
	for (size_t i = 0; i < rows.n; i++) {
		const struct q_admin_client_list_row *row = &rows.items[i];
		const char *const cells[] = {row->client_id, row->name, row->auth_method,
			row->sector, row->updated_at, row->disabled ? "disabled" : "active"};
		table_add(&table, cells);
		(void)json_array_append_new(list, describe(row));
	}
	if (cli->json)
		cli_json(cli, list);
	else
		table_print(&table);
	return CLI_OK;
}

int cmd_client_show(struct cli *cli)
{
	const struct q_admin_client_show_in in = {cli->args[0]};
	const struct q_admin_client_show_row *row = NULL;
	if (q_admin_client_show(cli_db(cli), cli->arena, &in, &row).err)
		return cli_db_fault(cli, cli_db(cli));
	if (!row)
		return cli_fail(cli, CLI_REFUSED, "no such client: %s", cli->args[0]);
	return show_object(cli, row->client);
}

/* Who did what, for the row of the audit log that the query writes. */
static const char *detail_of(struct cli *cli, const char *change)
{
	AUTO_JSON json_t *detail = json_object();
	json_put(detail, "by", cli_actor(cli));
	json_put(detail, "change", change);
	return json_text(cli->arena, detail);
}

/* A grant that is being stored is not seen by the statement that ends grants: no more are begun,
 * then those under way are waited for. Whatever fails from here on, the client is disabled, and
 * the command may be repeated. */
static int stop_grants(struct cli *cli, const char *client_id)
{
	const struct q_admin_client_disable_in in = {.client_id = client_id};
	struct q_admin_client_disable_row client;
	struct q_admin_grants_settled_row settled;
	if (q_admin_client_disable(cli_db(cli), cli->arena, &in, &client).err)
		return cli_db_fault(cli, cli_db(cli));
	if (!client.found)
		return cli_fail(cli, CLI_REFUSED, "no such client: %s", client_id);
	if (q_admin_grants_settled(cli_db(cli), cli->arena, &settled).err == ERR_NONE)
		return CLI_OK;
	if (!str_eq(db_sqlstate(cli_db(cli)), LOCKED))
		return cli_db_fault(cli, cli_db(cli));
	return cli_fail(cli, CLI_AWAY,
		"%s is disabled, but not removed: a sign-in is being stored for more than 2 s; "
		"repeat the command",
		client_id);
}

int cmd_client_remove(struct cli *cli)
{
	AUTO_JSON json_t *answer = json_object();
	const int stopped = stop_grants(cli, cli->args[0]);
	if (stopped != CLI_OK)
		return stopped;
	const struct q_admin_client_remove_in in = {.client_id = cli->args[0],
		.correlation_id = cli_correlation(cli),
		.detail = detail_of(cli, "removed")};
	struct q_admin_client_remove_row done;
	if (q_admin_client_remove(cli_db(cli), cli->arena, &in, &done).err)
		return cli_db_fault(cli, cli_db(cli));
	if (!done.removed)
		return cli_fail(cli, CLI_REFUSED, "no such client: %s", in.client_id);
	json_put(answer, "client_id", in.client_id);
	json_put_int(answer, "grants_revoked", done.grants);
	if (cli->json)
		cli_json(cli, answer);
	cli_print(cli, "%s is removed; grants revoked: %lld", in.client_id, (long long)done.grants);
	return CLI_OK;
}

int cmd_client_secret_new(struct cli *cli)
{
	AUTO_JSON json_t *answer = json_object();
	int64_t days = OVERLAP_DAYS;
	const struct q_admin_client_secret_new_row *row = NULL;
	if (!cli_number(cli, "--days", (struct cli_range){0, OVERLAP_DAYS_MAX}, &days))
		return CLI_USAGE;
	const char *secret = rng_opaque(&cli->rng, cli->arena);
	const struct q_admin_client_secret_new_in in = {.client_id = cli->args[0],
		.secret_hash = {crypto_sha256_text(cli->arena, secret), SHA256_LEN},
		.overlap_s = days * DAY_S,
		.correlation_id = cli_correlation(cli),
		.detail = detail_of(cli, "secret")};
	if (q_admin_client_secret_new(cli_db(cli), cli->arena, &in, &row).err)
		return cli_db_fault(cli, cli_db(cli));
	if (!row)
		return cli_fail(cli, CLI_REFUSED, "no such client with a secret: %s", in.client_id);
	json_put(answer, "client_id", in.client_id);
	json_put(answer, "client_secret", secret);
	json_put(answer, "former_until", row->former_until);
	if (cli->json)
		cli_json(cli, answer);
	cli_print(cli, "%s", secret);
	cli_warn(cli, "this secret of %s is not shown again; the former one %s%s", in.client_id,
		row->former_until ? "is taken, too, until " : "is not taken any more",
		row->former_until ? row->former_until : "");
	return CLI_OK;
}
