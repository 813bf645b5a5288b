/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/jose.h"
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/table.h"
#include "idp/io/jwks_times.h"
#include "queries_admin.h"
#include "vault_table.h"
#include <poll.h>
#include <time.h>

#define WAIT_LOOKS 50
#define WAIT_LOOK_MS 100

static json_t *describe(const struct q_admin_key_list_row *row)
{
	json_t *made = json_object();
	json_put(made, "kid", row->kid);
	json_put(made, "alg", row->alg);
	json_put(made, "state", row->state);
	json_put(made, "created_at", row->created_at);
	json_put(made, "active_from", row->active_from);
	json_put(made, "retired_at", row->retired_at);
	return made;
}

/* Read from the database, so that it works without the vault too. */
int cmd_keys_list(struct cli *cli)
{
	AUTO_JSON json_t *list = json_array();
	static const char *const headings[] = {
		"KEY", "ALG", "STATE", "CREATED", "SIGNS FROM", "IN THE JWKS UNTIL", NULL};
	struct table table = table_new(cli->arena, headings);
	struct q_admin_key_list_rows rows;
	if (q_admin_key_list(cli_db(cli), cli->arena, &rows).err)
		return cli_db_fault(cli, cli_db(cli));
	for (size_t i = 0; i < rows.n; i++) {
		const struct q_admin_key_list_row *row = &rows.items[i];
		const char *const cells[] = {row->kid, row->alg, row->state, row->created_at,
			row->active_from, row->retired_at};
		table_add(&table, cells);
		(void)json_array_append_new(list, describe(row));
	}
	if (cli->json)
		cli_json(cli, list);
	else
		table_print(&table);
	return CLI_OK;
}

static bool any_waits(
	const struct vault_keys_rotate_out *made, const struct q_admin_key_list_rows *rows)
{
	const int64_t now_s = (int64_t)time(NULL) + 1; /* rounded */
	for (size_t i = 0; i < made->keys.n; i++)
		for (size_t j = 0; j < rows->n && made->keys.items[i].active_from <= now_s; j++)
			if (str_eq(rows->items[j].kid, made->keys.items[i].kid) &&
				str_eq(rows->items[j].state, "next"))
				return true;
	return false;
}

/* A key that is to sign now does so when all web processes publish it, which takes about a second.
 */
static void await_begin(struct cli *cli, const struct vault_keys_rotate_out *made)
{
	struct q_admin_key_list_rows rows;
	for (int i = 0; i < WAIT_LOOKS; i++) {
		if (q_admin_key_list(cli_db(cli), cli->arena, &rows).err != ERR_NONE ||
			!any_waits(made, &rows))
			return;
		(void)poll(NULL, 0, WAIT_LOOK_MS);
	}
	cli_warn(cli,
		"a web process does not publish the new key yet; it signs when all do, or "
		"%d s after the vault last heard from those that do not",
		JWKS_LIVE_S);
}

int cmd_keys_rotate(struct cli *cli)
{
	const char *alg = cli_option(cli, "--alg");
	struct vault_keys_rotate_in in = {
		.has_alg = alg != NULL, .now = cli_option(cli, "--now") != NULL};
	struct vault_keys_rotate_out out;
	if (alg && !jose_alg_parse(alg, &in.alg))
		return cli_fail(cli, CLI_USAGE, "--alg: no such algorithm: %s", alg);
	json_t *detail = json_object();
	json_put(detail, "alg", alg);
	json_put_flag(detail, "now", in.now);
	/* Recorded before it is done: a rotation without its row may not be. */
	const struct cli_event event = {"keys_rotate", "ok", NULL, NULL, detail};
	if (cli_record(cli, &event).err != ERR_NONE)
		return cli_db_fault(cli, cli_db(cli));
	const struct result asked = vault_call_keys_rotate(cli_vault(cli), cli->arena, &in, &out);
	const int status = cli_vault_status(cli, asked, out.outcome);
	if (status != CLI_OK)
		return status;
	if (out.outcome != VAULT_OK)
		return cli_fail(cli, CLI_REFUSED, "the vault refused to rotate");
	await_begin(cli, &out);
	return cmd_keys_list(cli);
}
