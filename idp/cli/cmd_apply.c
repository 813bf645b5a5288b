/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/apply.h"
#include "idp/cli/commands.h"
#include "queries_admin.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOCUMENT_MAX (64u << 20) /* bytes */

static void file_auto(FILE **file)
{
	if (*file && *file != stdin)
		(void)fclose(*file);
}

/* The whole of a stream, not in the arena: a document may be large. NULL: it cannot be read, or is
 * too long. */
static char *read_all(FILE *file, size_t *len)
{
	size_t cap = 65536;
	char *text = malloc(cap);
	*len = 0;
	while (text && !feof(file) && !ferror(file)) {
		if (*len == cap) {
			cap *= 2;
			char *more = cap > DOCUMENT_MAX ? NULL : realloc(text, cap);
			if (!more)
				free(text);
			text = more;
			continue;
		}
		*len += fread(text + *len, 1, cap - *len, file);
	}
	if (ferror(file)) {
		free(text);
		return NULL;
	}
	return text;
}

/* The document holds passwords in the clear: no copy stays behind. */
static void wipe(char *text, size_t len)
{
	if (text)
		explicit_bzero(text, len);
	free(text);
}

static int load(struct apply *apply, const char *path)
{
	struct cli *cli = apply->cli;
	struct json_fault fault = {0, 0, ""};
	const bool from_stdin = str_eq(path, "-");
	const char *name = from_stdin ? "standard input" : path;
	size_t len = 0;
	__attribute__((cleanup(file_auto))) FILE *file = from_stdin ? stdin : fopen(path, "re");
	if (!file)
		return cli_fail(cli, CLI_REFUSED, "%s: %s", path, strerror(errno));
	char *text = read_all(file, &len);
	if (!text)
		return cli_fail(cli, CLI_REFUSED, "%s: cannot be read, or is longer than %u MiB",
			name, DOCUMENT_MAX >> 20);
	const struct result parsed = json_parse(text, len, &apply->document, &fault);
	wipe(text, len);
	if (parsed.err != ERR_NONE)
		return cli_fail(cli, CLI_REFUSED, "%s: line %d, column %d: %s", name, fault.line,
			fault.column, fault.text);
	return CLI_OK;
}

static void print_notes(const struct cli *cli, const json_t *notes, const char *before)
{
	size_t i;
	json_t *note;
	json_array_foreach(notes, i, note)
	{
		cli_warn(cli, "%s%s: %s", before, json_str(note, "path"), json_str(note, "fault"));
	}
}

/* CLI_OK if there is no fault. */
static int judge(struct apply *apply)
{
	struct cli *cli = apply->cli;
	const size_t n = json_array_size(apply->faults);
	if (n == 0)
		return CLI_OK;
	print_notes(cli, apply->faults, "");
	cli_warn(cli, "%zu mistake%s; nothing was changed", n, n == 1 ? "" : "s");
	if (cli->json) {
		AUTO_JSON json_t *answer = json_object();
		json_put(answer, "error", "refused");
		json_put_new(answer, "faults", json_incref(apply->faults));
		cli_json(cli, answer);
	}
	return CLI_REFUSED;
}

/* What only the database and the vault can tell. */
static int check(struct apply *apply)
{
	for (size_t i = 0; i < apply->n_clients; i++)
		if (apply_client_check(apply, &apply->clients[i]).err != ERR_NONE)
			return cli_db_fault(apply->cli, cli_db(apply->cli));
	for (size_t i = 0; i < apply->n_citizens; i++) {
		const int prepared = apply_citizen_prepare(apply, &apply->citizens[i]);
		if (prepared != CLI_OK)
			return prepared;
	}
	return judge(apply);
}

static struct result store(struct apply *apply)
{
	struct db *db = cli_db(apply->cli);
	TRY(db_begin(db));
	for (size_t i = 0; i < apply->n_clients; i++)
		TRY(apply_client_store(apply, &apply->clients[i]));
	for (size_t i = 0; i < apply->n_citizens; i++)
		TRY(apply_citizen_store(apply, &apply->citizens[i]));
	if (!cli_option(apply->cli, "--dry-run"))
		return db_commit(db);
	db_rollback(db);
	return OK;
}

static int tell(struct apply *apply)
{
	struct cli *cli = apply->cli;
	AUTO_JSON json_t *answer = json_object();
	print_notes(cli, apply->warnings, "warning: ");
	json_put_int(answer, "created", apply->created);
	json_put_int(answer, "changed", apply->changed);
	json_put_int(answer, "unchanged", apply->unchanged);
	json_put_new(answer, "items", json_incref(apply->items));
	json_put_new(answer, "warnings", json_incref(apply->warnings));
	if (cli->json)
		cli_json(cli, answer);
	cli_print(cli, "%lld created, %lld changed, %lld unchanged%s", (long long)apply->created,
		(long long)apply->changed, (long long)apply->unchanged,
		cli_option(cli, "--dry-run") ? " (a dry run: nothing was written)" : "");
	return CLI_OK;
}

static int run(struct apply *apply)
{
	int status = load(apply, apply->cli->args[0]);
	if (status != CLI_OK)
		return status;
	apply_document_read(apply);
	status = judge(apply);
	if (status == CLI_OK)
		status = cli_lock(apply->cli, cli_db(apply->cli));
	if (status == CLI_OK)
		status = check(apply);
	if (status != CLI_OK)
		return status;
	if (store(apply).err != ERR_NONE) {
		status = cli_db_fault(apply->cli, cli_db(apply->cli));
		db_rollback(cli_db(apply->cli));
		return status;
	}
	return tell(apply);
}

static void release(struct apply *apply)
{
	for (size_t i = 0; i < apply->n_clients; i++)
		json_decref(apply->clients[i].metadata);
	for (size_t i = 0; i < apply->n_citizens; i++) {
		json_decref(apply->citizens[i].claims);
		if (i % APPLY_BATCH == 0)
			arena_free(apply->citizens[i].arena);
	}
	free(apply->clients);
	free(apply->citizens);
	json_decref(apply->document);
	json_decref(apply->faults);
	json_decref(apply->warnings);
	json_decref(apply->items);
	json_decref(apply->seen);
}

int cmd_apply(struct cli *cli)
{
	struct apply apply = {.cli = cli,
		.faults = json_array(),
		.warnings = json_array(),
		.items = json_array(),
		.seen = json_object()};
	const int status = run(&apply);
	release(&apply);
	return status;
}
