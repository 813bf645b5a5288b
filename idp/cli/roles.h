/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The roles of Pratu: one row each. A new role is a folder with its main function, its settings and
 * a row: the row makes its command, has `pratu serve` run it, and `pratu doctor` look at it.
 */
#ifndef PRATU_CLI_ROLES_H
#define PRATU_CLI_ROLES_H

#include "idp/base/settings.h"
#include "idp/cli/cli.h"

#define ROLES_MAX 8
#define ROLE_SOCKETS_MAX 2

/* A listening socket that the supervisor binds and hands to the role (idp/io/handed.h), so that
 * nobody is refused while the role is replaced. */
struct role_socket {
	const char *name; /* by which the role asks for it; NULL: none */
	/* Where it listens; *address is in the arena or the settings'. False: nowhere. */
	bool (*at)(struct arena *arena, const struct settings *settings, const char **address,
		int64_t *port);
};

struct role_kind {
	const char *name; /* of the role and of its command */
	const char *summary; /* for the help */
	int (*main)(const struct settings *settings); /* returns the process's exit status */
	const char *needs; /* the role that is to answer before this one starts, or NULL */
	int64_t stop_us; /* after SIGTERM to the supervisor: killed if it has not ended by then */
	const char *user_setting, *database_setting; /* names in the settings' file */
	size_t user, database; /* offsets of these in struct settings */
	struct role_socket sockets[ROLE_SOCKETS_MAX];
	const char *database_role; /* as whom it is to reach PostgreSQL */
};

/* In the order in which they end: who asks another one ends before it. Ended by a NULL name. */
extern const struct role_kind role_kinds[];

/* The user that the role becomes, "" if its own; and its conninfo. Borrowed from the settings. */
const char *role_kind_user(const struct role_kind *kind, const struct settings *settings);
const char *role_kind_database(const struct role_kind *kind, const struct settings *settings);
/* A user that the settings name and the system does not know: its row, or NULL. Only root can give
 * users to roles, so others find none. */
const struct role_kind *role_kind_without_user(const struct settings *settings);
/* The table of commands, with one for each role behind `serve`. In the arena. */
const struct cli_command *role_commands(struct arena *arena, const struct cli_command *commands);

#endif
