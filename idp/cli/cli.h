/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every command of `pratu` shares: its row in the table of commands, its options once they are
 * read, its access to the settings, the database and the vault, and its output. A command
 * returns its exit status. Results go to standard output, as text for people or, with --json, as
 * JSON; what went wrong goes to standard error. The command line holds no key: secrets go through
 * the vault.
 */
#ifndef PRATU_CLI_CLI_H
#define PRATU_CLI_CLI_H

#include "idp/base/clock.h"
#include "idp/base/json.h"
#include "idp/base/rng.h"
#include "idp/base/settings.h"
#include "idp/io/db.h"
#include "idp/io/vault_call.h"

enum cli_exit {
	CLI_OK = 0,
	CLI_REFUSED = 1, /* not done, or a fault was found; the message says which */
	CLI_USAGE = 2, /* the command line itself was not understood */
	CLI_AWAY = 3, /* the database or the vault is away: try again later */
};

#define CLI_CONFIG_DEFAULT "/etc/pratu/pratu.conf"
#define CLI_ARGS_MAX 4
#define CLI_GIVEN_MAX 24

struct cli_option {
	const char *name; /* "--since" */
	const char *value; /* what follows it, for the help: "TIME"; "a|b": one of these and
			      nothing else; NULL: nothing does */
	const char *help;
};

struct cli;

struct cli_command {
	const char *name; /* "init", "citizen lock" */
	const char *args; /* for the help: "WHO"; "" if none */
	const char *summary; /* one line */
	const char *help; /* more lines, or NULL */
	const struct cli_option *options; /* ended by a NULL name; NULL: none of its own */
	size_t least_args, most_args;
	bool needs_settings; /* read before it runs; a fault in them ends it */
	int (*run)(struct cli *cli); /* returns an enum cli_exit */
};

struct cli {
	const struct cli_command *command;
	const char *config; /* the settings' file, never NULL */
	bool json, help;
	struct arena *arena; /* lives as long as the command */
	struct settings *settings; /* NULL unless needs_settings */
	struct clock clock;
	struct rng rng;
	size_t n_args;
	const char *args[CLI_ARGS_MAX];
	size_t n_given;
	struct {
		const char *name, *value;
	} given[CLI_GIVEN_MAX];
	struct db *db; /* see cli_db */
	struct vault_call *vault;
	const char *actor; /* see cli_actor */
	const char *correlation_id; /* of this run, in its rows of the audit log */
};

/* Run what argv asks of the table (ended by a NULL name). Returns the exit status. */
int cli_run(const struct cli_command *table, int argc, char **argv);

/* The value of an option, "" of a flag that was given; NULL: not given. */
const char *cli_option(const struct cli *cli, const char *name);
struct cli_range {
	int64_t least, most;
};
/* The value as a whole number from least to most; *out keeps its value if the option was not given.
 * False: it is not such a number, which has been printed (exit with CLI_USAGE). */
bool cli_number(struct cli *cli, const char *name, struct cli_range range, int64_t *out);
/* The value as a time: 2026-11-20, RFC 3339, or 90s, 15m, 1h, 2d, 1w back from now. *out is a text
 * for timestamptz, in the arena, or NULL if it was not given. False: it is not a time, which
 * has been printed. */
bool cli_time(struct cli *cli, const char *name, const char **out);
/* The same of a text that is part of the option `name`, or replaces it; NULL: not given. */
bool cli_time_read(struct cli *cli, const char *name, const char *text, const char **out);

/* n decimal digits as a number (n at most 9); -1: they are none. */
int cli_digits(const char *text, size_t n);

/* A line for people, on standard output; nothing with --json. */
void cli_print(const struct cli *cli, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A line on standard error, after "pratu NAME: ". */
void cli_warn(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same, and with --json also {"error": ...} on standard output. Returns status. */
int cli_fail(const struct cli *cli, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* One line of JSON on standard output. */
void cli_json(const struct cli *cli, const json_t *value);

/* The connection as pratu_admin, opened on first use. Never NULL. */
struct db *cli_db(struct cli *cli);
/* Print the database's last failure. Returns CLI_AWAY when it is away, otherwise
 * CLI_REFUSED. */
int cli_db_fault(const struct cli *cli, const struct db *db);
/* Take the lock of this command, so that no two runs of it work at once; it is held until db is
 * freed or its connection ends. One that is held is waited for (lock_timeout of idp/io: 4 s), with
 * a line on standard error. Anything but CLI_OK has been printed. */
int cli_lock(struct cli *cli, struct db *db);
/* The connection to the vault's admin.sock, opened on first use. Never NULL. */
struct vault_call *cli_vault(struct cli *cli);
/* How the vault call ended. Anything but CLI_OK has been printed; outcome is not VAULT_FAILED then.
 */
int cli_vault_status(const struct cli *cli, struct result asked, enum vault_outcome outcome);

struct cli_event {
	const char *kind, *outcome, *subject_id, *client_id;
	json_t *detail;
};
/* Write a row of the audit log: what the command did or read. detail is owned by this call, may be
 * NULL, and gets the member "by": the system's user, and through whom (sudo). ERR_DB. */
MUST_CHECK struct result cli_record(struct cli *cli, const struct cli_event *event);
/* Who runs this, for the audit log: "root", "root for somchai". In the arena. */
const char *cli_actor(struct cli *cli);
/* The id that all rows of this run carry. In the arena. */
const char *cli_correlation(struct cli *cli);

#endif
