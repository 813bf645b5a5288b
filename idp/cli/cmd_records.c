/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/table.h"
#include "idp/cli/who.h"
#include "queries_admin.h"
#include <stdio.h>
#include <string.h>

#define LIMIT_DEFAULT 1000
#define LIMIT_MOST 1000000
#define DAYS_LEAST 90 /* Thai law; the database refuses fewer as well */

/* What rows are asked for; NULL: any. */
struct filter {
	const char *since, *until, *citizen_id;
	int64_t limit;
};

static int read_filter(struct cli *cli, struct filter *out)
{
	static const char *const ids[] = {"--session", "--authentication"};
	const char *who = cli_option(cli, "--citizen");
	out->limit = LIMIT_DEFAULT;
	if (!cli_time(cli, "--since", &out->since) || !cli_time(cli, "--until", &out->until) ||
		!cli_number(cli, "--limit", (struct cli_range){1, LIMIT_MOST}, &out->limit))
		return CLI_USAGE;
	for (size_t i = 0; i < 2; i++) {
		const char *id = cli_option(cli, ids[i]);
		if (id != NULL && !str_is_uuid(str_lower(cli->arena, id, strlen(id))))
			return cli_fail(
				cli, CLI_USAGE, "%s: expected an id of 36 characters", ids[i]);
	}
	return who == NULL ? CLI_OK : who_find(cli, who, &out->citizen_id);
}

static struct db_args arguments(struct cli *cli, const struct filter *filter)
{
	static const char *const options[] = {"--client", "--kind", "--outcome", "--session",
		"--authentication", "--correlation"};
	struct db_args args = db_args(cli->arena);
	db_text(&args, filter->since);
	db_text(&args, filter->until);
	db_text(&args, filter->citizen_id);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		db_text(&args, cli_option(cli, options[i]));
	db_int(&args, filter->limit);
	return args;
}

/* Whoever looks is on record too: what was asked, and how much was seen. */
static struct result record_look(struct cli *cli, const struct filter *filter, int n)
{
	json_t *detail = json_object();
	json_put(detail, "since", filter->since);
	json_put(detail, "until", filter->until);
	for (size_t i = 0; i < cli->n_given; i++)
		if (cli->given[i].name[2] != 'c' || !str_eq(cli->given[i].name, "--citizen"))
			json_put(detail, cli->given[i].name + 2, cli->given[i].value);
	(void)json_object_del(detail, "json");
	(void)json_object_del(detail, "config");
	json_put_int(detail, "rows", n);
	const struct cli_event event = {"records_list", "ok", filter->citizen_id, NULL, detail};
	return cli_record(cli, &event);
}

static void print_json(const struct rows *rows)
{
	for (int i = 0; i < rows_n(rows); i++)
		(void)puts(rows_text(rows, i, "event"));
}

static void add_row(struct table *table, const char *text)
{
	AUTO_JSON json_t *event = NULL;
	if (json_parse(text, strlen(text), &event, NULL).err != ERR_NONE)
		return;
	const char *const cells[] = {json_str(event, "at"), json_str(event, "kind"),
		json_str(event, "outcome"), json_str(event, "reason"),
		json_str(event, "citizen_id"), json_str(event, "client_id"),
		json_str(event, "address"), json_str(event, "correlation_id")};
	table_add(table, cells);
}

static void print_table(const struct rows *rows)
{
	static const char *const headings[] = {"AT", "KIND", "OUTCOME", "REASON", "CITIZEN",
		"CLIENT", "ADDRESS", "CORRELATION", NULL};
	/* A page at a time: an arena has its limit, and a screen its height. */
	for (int from = 0; from < rows_n(rows); from += LIMIT_DEFAULT) {
		struct arena *arena = arena_new();
		struct table table = table_new(arena, headings);
		for (int i = from; i < rows_n(rows) && i < from + LIMIT_DEFAULT; i++)
			add_row(&table, rows_text(rows, i, "event"));
		table_print(&table);
		arena_free(arena);
	}
}

int cmd_records_list(struct cli *cli)
{
	AUTO_ROWS struct rows *rows = NULL;
	struct filter filter = {0};
	const int status = read_filter(cli, &filter);
	if (status != CLI_OK)
		return status;
	const struct db_args args = arguments(cli, &filter);
	if (db_query(cli_db(cli), &q_admin_record_list, &args, &rows).err != ERR_NONE ||
		record_look(cli, &filter, rows_n(rows)).err != ERR_NONE)
		return cli_db_fault(cli, cli_db(cli));
	if (cli->json)
		print_json(rows);
	else
		print_table(rows);
	if (rows_n(rows) == filter.limit)
		cli_warn(cli,
			"the newest %lld are shown, there may be more: --limit, --since, --until",
			(long long)filter.limit);
	return CLI_OK;
}

static int expire(struct cli *cli, int64_t days, bool dry_run)
{
	AUTO_JSON json_t *answer = json_object();
	const struct q_admin_record_expire_in in = {days, dry_run, cli_actor(cli)};
	struct q_admin_record_expire_rows rows;
	json_t *names = json_array();
	json_put_flag(answer, "dry_run", dry_run);
	json_put_int(answer, "days", days);
	json_put_new(answer, "dropped", names);
	if (q_admin_record_expire(cli_db(cli), cli->arena, &in, &rows).err)
		return cli_db_fault(cli, cli_db(cli));
	for (size_t i = 0; i < rows.n; i++) {
		const char *name = rows.items[i].partition;
		(void)json_array_append_new(names, json_string(name));
		cli_say(cli, "%-24s %s", name, dry_run ? "would be dropped" : "dropped");
	}
	if (rows.n == 0)
		cli_say(cli, "no month of the record ended more than %lld days ago",
			(long long)days);
	if (cli->json)
		cli_json(cli, answer);
	return CLI_OK;
}

int cmd_records_expire(struct cli *cli)
{
	int64_t days = cli->settings->record_retention_days;
	if (!cli_number(cli, "--days", (struct cli_range){0, 36500}, &days))
		return CLI_USAGE;
	if (days < DAYS_LEAST)
		return cli_fail(cli, CLI_REFUSED, "the record is kept %d days at least; came %lld",
			DAYS_LEAST, (long long)days);
	return expire(cli, days, cli_option(cli, "--dry-run") != NULL);
}
