/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/kinds.h"
#include "idp/cli/table.h"
#include "idp/cli/who.h"
#include "queries_admin.h"
#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define LIMIT_DEFAULT 1000
#define LIMIT_MOST 1000000
#define PAGE_ROWS 500 /* of one query: an arena has its limit */
#define SINCE_DEFAULT "30d"
#define DAYS_LEAST 90 /* Thai law; the database refuses fewer as well */

/* One page of rows, newest first; in its own arena. */
struct page {
	struct page *newer;
	struct arena *arena;
	struct q_admin_record_list_rows rows;
};

/* All that was found: pages from the oldest on. */
struct found {
	struct page *oldest;
	size_t n;
};

static void found_auto(struct found *found)
{
	while (found->oldest) {
		struct page *page = found->oldest;
		found->oldest = page->newer;
		arena_free(page->arena);
	}
}

/* "203.0.113.9", "203.0.113.0/24", "2001:db8::/32" */
static bool is_network(const char *text)
{
	char address[INET6_ADDRSTRLEN];
	uint8_t bytes[16];
	const char *slash = strchr(text, '/');
	const size_t len = slash ? (size_t)(slash - text) : strlen(text);
	if (len >= sizeof address)
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	const bool v4 = inet_pton(AF_INET, address, bytes) == 1;
	if (!v4 && inet_pton(AF_INET6, address, bytes) != 1)
		return false;
	if (!slash)
		return true;
	const size_t digits = strlen(slash + 1);
	const int bits = digits >= 1 && digits <= 3 ? cli_digits(slash + 1, digits) : -1;
	return bits >= 0 && bits <= (v4 ? 32 : 128);
}

#define MEMBER(name) offsetof(struct q_admin_record_list_in, name)
#define ID_EXPECTED "an id of 36 characters"

/* What is searched by: an option, the query's member that it becomes, and what it may be. A new
 * column to search by is a row here and one of record.search_index. */
static const struct filter {
	const char *option;
	size_t member;
	bool (*fits)(const char *text); /* NULL: any text */
	const char *expected; /* NULL: one of the kinds */
} filters[] = {
	{"--client", MEMBER(client_id), NULL, NULL},
	{"--session", MEMBER(session_id), str_is_uuid, ID_EXPECTED},
	{"--authentication", MEMBER(authentication_id), str_is_uuid, ID_EXPECTED},
	{"--grant", MEMBER(grant_id), str_is_uuid, ID_EXPECTED},
	{"--correlation", MEMBER(correlation_id), NULL, NULL},
	{"--address", MEMBER(network), is_network, "an address, or a network as 203.0.113.0/24"},
	{"--kind", MEMBER(kind), kinds_has, NULL},
	{"--outcome", MEMBER(outcome), NULL, NULL},
};

static int read_filters(struct cli *cli, struct q_admin_record_list_in *in)
{
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
		const struct filter *filter = &filters[i];
		const char *value = cli_option(cli, filter->option);
		if (value && filter->fits && !filter->fits(value))
			return cli_fail(cli, CLI_USAGE, "%s: expected %s; received %s",
				filter->option,
				filter->expected ? filter->expected : kinds_expected(cli->arena),
				value);
		memcpy((char *)in + filter->member, &value, sizeof value);
	}
	const char *who = cli_option(cli, "--citizen");
	return who ? who_find(cli, who, &in->subject_id) : CLI_OK;
}

/* --before AT,ID: where the page before ended. */
static int read_before(struct cli *cli, struct q_admin_record_list_in *in)
{
	const char *text = cli_option(cli, "--before");
	if (!text)
		return CLI_OK;
	const char *comma = strchr(text, ',');
	if (!comma || !str_is_uuid(comma + 1))
		return cli_fail(
			cli, CLI_USAGE, "--before: expected AT,ID as printed; received %s", text);
	in->before_id = comma + 1;
	const char *at = arena_printf(cli->arena, "%.*s", (int)(comma - text), text);
	return cli_time_read(cli, "--before", at, &in->before_at) ? CLI_OK : CLI_USAGE;
}

/* A range of time is always set: no search reads the whole record. */
static int read_range(struct cli *cli, struct q_admin_record_list_in *in)
{
	const char *since = cli_option(cli, "--since");
	if (!cli_time_read(cli, "--since", since ? since : SINCE_DEFAULT, &in->since) ||
		!cli_time(cli, "--until", &in->until))
		return CLI_USAGE;
	if (!in->until)
		in->until = "infinity";
	return read_before(cli, in);
}

/* Whoever looks is on record too: what was asked, and how much was seen. */
static struct result record_look(
	struct cli *cli, const struct q_admin_record_list_in *in, const struct found *found)
{
	json_t *detail = json_object();
	for (size_t i = 0; i < cli->n_given; i++)
		if (!str_eq(cli->given[i].name, "--citizen"))
			json_put(detail, cli->given[i].name + 2, cli->given[i].value);
	(void)json_object_del(detail, "json");
	(void)json_object_del(detail, "config");
	json_put(detail, "since", in->since);
	json_put_int(detail, "rows", (json_int_t)found->n);
	const struct cli_event event = {"records_list", "ok", in->subject_id, NULL, detail};
	return cli_record(cli, &event);
}

/* One page older than those found. */
static struct result fetch_page(
	struct cli *cli, const struct q_admin_record_list_in *in, struct found *found)
{
	struct arena *arena = arena_new();
	struct page *page = arena_alloc(arena, sizeof *page);
	page->arena = arena;
	page->newer = found->oldest;
	found->oldest = page;
	TRY(q_admin_record_list(cli_db(cli), page->arena, in, &page->rows));
	found->n += page->rows.n;
	return OK;
}

/* Up to `limit` rows, page by page. */
static struct result read_rows(
	struct cli *cli, struct q_admin_record_list_in in, int64_t limit, struct found *found)
{
	for (;;) {
		const int64_t left = limit - (int64_t)found->n;
		in.limit = left < PAGE_ROWS ? left : PAGE_ROWS;
		if (in.limit == 0)
			return OK;
		TRY(fetch_page(cli, &in, found));
		const struct q_admin_record_list_rows *rows = &found->oldest->rows;
		if (rows->n < (size_t)in.limit)
			return OK;
		in.before_at = rows->items[rows->n - 1].at;
		in.before_id = rows->items[rows->n - 1].event_id;
	}
}

static void print_json(const struct found *found)
{
	for (const struct page *page = found->oldest; page; page = page->newer)
		for (size_t i = page->rows.n; i > 0; i--)
			(void)puts(page->rows.items[i - 1].event);
}

static void add_row(struct table *table, const char *text)
{
	AUTO_JSON json_t *event = NULL;
	if (json_parse(text, strlen(text), &event, NULL).err != ERR_NONE)
		return;
	const char *const reason = json_str(event, "reason");
	/* What staff gave as theirs (--reason) stands in the detail. */
	const char *const why = json_str(json_object_get(event, "detail"), "why");
	const char *const cells[] = {json_str(event, "at"), json_str(event, "kind"),
		json_str(event, "outcome"), reason ? reason : why, json_str(event, "subject_id"),
		json_str(event, "client_id"), json_str(event, "address"),
		json_str(event, "correlation_id")};
	table_add(table, cells);
}

static void print_table(const struct found *found)
{
	static const char *const headings[] = {"AT", "KIND", "OUTCOME", "REASON", "CITIZEN",
		"CLIENT", "ADDRESS", "CORRELATION", NULL};
	for (const struct page *page = found->oldest; page; page = page->newer) {
		struct table table = table_new(page->arena, headings);
		for (size_t i = page->rows.n; i > 0; i--)
			add_row(&table, page->rows.items[i - 1].event);
		if (page->rows.n > 0 || page == found->oldest)
			table_print(&table);
	}
}

/* Where to go on when there may be older rows. */
static void print_next(struct cli *cli, const struct found *found)
{
	const struct page *page = found->oldest;
	if (page && page->rows.n == 0)
		page = page->newer;
	if (!page)
		return;
	const struct q_admin_record_list_rows *rows = &page->rows;
	cli_warn(cli, "the newest %zu since %s are shown, there may be more: --before %s,%s",
		found->n, cli_option(cli, "--since") ? cli_option(cli, "--since") : "30 days ago",
		rows->items[rows->n - 1].at, rows->items[rows->n - 1].event_id);
}

int cmd_records_list(struct cli *cli)
{
	__attribute__((cleanup(found_auto))) struct found found = {0};
	struct q_admin_record_list_in in = {0};
	int64_t limit = LIMIT_DEFAULT;
	if (!cli_number(cli, "--limit", (struct cli_range){1, LIMIT_MOST}, &limit))
		return CLI_USAGE;
	int status = read_range(cli, &in);
	if (status == CLI_OK)
		status = read_filters(cli, &in);
	if (status != CLI_OK)
		return status;
	if (read_rows(cli, in, limit, &found).err || record_look(cli, &in, &found).err)
		return cli_db_fault(cli, cli_db(cli));
	if (cli->json)
		print_json(&found);
	else
		print_table(&found);
	if (found.n == (size_t)limit)
		print_next(cli, &found);
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
		cli_print(cli, "%-24s %s", name, dry_run ? "would be dropped" : "dropped");
	}
	if (rows.n == 0)
		cli_print(cli, "no partition of the audit log ended more than %lld days ago",
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
		return cli_fail(cli, CLI_REFUSED,
			"the audit log is kept for at least %d days; received %lld", DAYS_LEAST,
			(long long)days);
	return expire(cli, days, cli_option(cli, "--dry-run") != NULL);
}

/* Until none is missing. */
static int build_indexes(struct cli *cli, json_t *built)
{
	struct q_admin_record_index_row row;
	if (db_patience(cli_db(cli)).err)
		return cli_db_fault(cli, cli_db(cli));
	for (;;) {
		if (q_admin_record_index(cli_db(cli), cli->arena, &row).err)
			return cli_db_fault(cli, cli_db(cli));
		if (!row.built)
			return CLI_OK;
		cli_print(cli, "%s built", row.built);
		(void)json_array_append_new(built, json_string(row.built));
	}
}

int cmd_records_index(struct cli *cli)
{
	AUTO_JSON json_t *answer = json_object();
	json_t *built = json_array();
	json_put_new(answer, "built", built);
	const int status = build_indexes(cli, built);
	if (status == CLI_OK && json_array_size(built) == 0)
		cli_print(cli, "no index is missing");
	if (status == CLI_OK && cli->json)
		cli_json(cli, answer);
	return status;
}
