/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/jose.h"
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/table.h"
#include "queries_admin.h"
#include "vault_table.h"

static const char *const names[] = {
	"kid", "alg", "state", "created_at", "active_from", "retired_at"};
#define NAMES (sizeof names / sizeof names[0])

/* Read from the database, so that it works without the vault too. */
int cmd_keys_list(struct cli *cli)
{
	AUTO_ROWS struct rows *rows = NULL;
	AUTO_JSON json_t *list = json_array();
	static const char *const headings[] = {
		"KEY", "ALG", "STATE", "CREATED", "SIGNS FROM", "IN THE JWKS UNTIL", NULL};
	struct table table = table_new(cli->arena, headings);
	if (db_query(cli_db(cli), &q_admin_key_list, NULL, &rows).err != ERR_NONE)
		return cli_db_fault(cli, cli_db(cli));
	for (int i = 0; i < rows_n(rows); i++) {
		const char *cells[NAMES];
		json_t *item = json_object();
		for (size_t k = 0; k < NAMES; k++) {
			cells[k] = rows_text(rows, i, names[k]);
			json_put(item, names[k], cells[k]);
		}
		table_add(&table, cells);
		(void)json_array_append_new(list, item);
	}
	if (cli->json)
		cli_json(cli, list);
	else
		table_print(&table);
	return CLI_OK;
}

int cmd_keys_rotate(struct cli *cli)
{
	const char *alg = cli_option(cli, "--alg");
	struct vault_keys_rotate_in in = {
		.has_alg = alg != NULL, .now = cli_option(cli, "--now") != NULL};
	struct vault_keys_rotate_out out;
	if (alg != NULL && !jose_alg_parse(alg, &in.alg))
		return cli_fail(
			cli, CLI_USAGE, "--alg: expected ES256, RS256 or PS256, came %s", alg);
	json_t *detail = json_object();
	json_put(detail, "alg", alg);
	json_put_flag(detail, "now", in.now);
	/* Said before it is done: a rotation without its row may not be. */
	const struct cli_event event = {"keys_rotate", "ok", NULL, NULL, detail};
	if (cli_record(cli, &event).err != ERR_NONE)
		return cli_db_fault(cli, cli_db(cli));
	const struct result asked = vault_call_keys_rotate(cli_vault(cli), cli->arena, &in, &out);
	const int status = cli_vault_status(cli, asked, out.outcome);
	if (status != CLI_OK)
		return status;
	if (out.outcome != VAULT_OK)
		return cli_fail(cli, CLI_REFUSED, "the vault refused to rotate");
	return cmd_keys_list(cli);
}
