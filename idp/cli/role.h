/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One role under the supervisor (`pratu serve`): this very program, run again as `pratu NAME` with
 * the same settings. It takes its own user itself, once it has read what only root may read. A role
 * that ends is restarted with a growing delay: after 100 ms, then 200 ms, up to 5 s; one that had
 * lived 30 s starts over at 100 ms.
 */
#ifndef PRATU_CLI_ROLE_H
#define PRATU_CLI_ROLE_H

#include "idp/cli/ready.h"
#include "idp/cli/roles.h"
#include "idp/io/handed.h"
#include <stdint.h>

struct role {
	const struct role_kind *kind;
	const char *config; /* the settings' file */
	struct handed sockets[ROLE_SOCKETS_MAX]; /* that it is given, each time it is started */
	size_t n_sockets;
	struct ready ready;
	pid_t pid; /* 0: not running */
	bool is_ready;
	int64_t started_us, restart_us; /* monotonic; restart_us: when to start again */
	int64_t backoff_ms;
};

/* Bind its sockets, or take those that were handed to the supervisor itself. They stay open until
 * role_stop. ERR_CONFIG, ERR_IO; logged. */
MUST_CHECK struct result role_listen(struct role *role, const struct settings *settings);
/* Start it if it is down and its delay is over. Returns ms until then, -1: it runs. */
int64_t role_keep(struct role *role);
/* See whether it has ended, or become ready; log it. True: it has become ready just now. */
bool role_look(struct role *role);
/* Send a signal, if it runs. */
void role_signal(const struct role *role, int number);
/* SIGTERM, and wait until it has ended: at most until until_us (monotonic), or until a second stop
 * signal arrives on the descriptor of process_signals; then SIGKILL. */
void role_stop(struct role *role, int signals, int64_t until_us);

#endif
