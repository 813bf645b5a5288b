/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/jose.h"
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/table.h"
#include "queries_admin.h"

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

static json_t *what_to_ask(const struct cli *cli)
{
	const char *alg = cli_option(cli, "--alg");
	json_t *request = json_object();
	json_put(request, "op", "keys_rotate");
	json_put_new(request, "alg", alg == NULL ? json_null() : json_string(alg));
	json_put_flag(request, "now", cli_option(cli, "--now") != NULL);
	return request;
}

int cmd_keys_rotate(struct cli *cli)
{
	AUTO_JSON json_t *request = what_to_ask(cli);
	AUTO_JSON json_t *reply = NULL;
	const char *alg = cli_option(cli, "--alg");
	enum jose_alg known;
	if (alg != NULL && !jose_alg_parse(alg, &known))
		return cli_fail(
			cli, CLI_USAGE, "--alg: expected ES256, RS256 or PS256, came %s", alg);
	json_t *detail = json_object();
	json_put(detail, "alg", alg);
	json_put_flag(detail, "now", json_flag(request, "now", false));
	/* Said before it is done: a rotation without its row may not be. */
	const struct cli_event event = {"keys_rotate", "ok", NULL, NULL, detail};
	if (cli_record(cli, &event).err != ERR_NONE)
		return cli_db_fault(cli, cli_db(cli));
	const int status = cli_vault(cli, request, &reply);
	if (status != CLI_OK)
		return status;
	if (!str_eq(json_str(reply, "outcome"), "ok"))
		return cli_fail(cli, CLI_REFUSED, "the vault refused to rotate");
	return cmd_keys_list(cli);
}
