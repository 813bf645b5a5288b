/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/clock.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/role.h"
#include "idp/io/process.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

/* A role starts when the one that it needs answers, but does not wait for that longer than this. */
#define HEAD_START_US 15000000

#define STOP_MOST_S 12 /* of the supervisor itself */

struct supervisor {
	struct role roles[ROLES_MAX]; /* in the order of role_kinds */
	size_t n;
	int signals;
	bool announced; /* that all answer */
};

/* Until there is a signal, a role tells something, or a dead one is to be started again. */
static unsigned await(struct supervisor *s)
{
	struct pollfd fds[ROLES_MAX + 1];
	int64_t timeout_ms = -1;
	for (size_t i = 0; i < s->n; i++) {
		const int64_t left_ms = role_keep(&s->roles[i]);
		if (left_ms >= 0 && (timeout_ms < 0 || left_ms < timeout_ms))
			timeout_ms = left_ms;
		fds[i] = (struct pollfd){.fd = s->roles[i].ready.fd, .events = POLLIN};
	}
	fds[s->n] = (struct pollfd){.fd = s->signals, .events = POLLIN};
	(void)poll(fds, s->n + 1, (int)timeout_ms);
	return process_wait(s->signals, 0);
}

/* Those that need the role that has just become ready need not wait any longer. */
static void start_dependents(struct supervisor *s, const struct role *ready)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->roles[i].kind->needs, ready->kind->name))
			s->roles[i].restart_us = 0;
}

static void look(struct supervisor *s)
{
	bool all = true;
	for (size_t i = 0; i < s->n; i++) {
		if (role_look(&s->roles[i]))
			start_dependents(s, &s->roles[i]);
		all = all && s->roles[i].is_ready;
	}
	if (all && !s->announced) {
		s->announced = true;
		log_info("serve.ready");
		process_ready();
	}
}

static void run(struct supervisor *s)
{
	for (;;) {
		const unsigned events = await(s);
		if (events & PROCESS_STOP)
			return;
		look(s);
		if (events & PROCESS_RELOAD) {
			log_info("serve.reload");
			for (size_t i = 0; i < s->n; i++)
				role_signal(&s->roles[i], SIGHUP);
		}
	}
}

static struct result prepare(struct supervisor *s, const struct cli *cli)
{
	for (const struct role_kind *kind = role_kinds; kind->name; kind++)
		s->roles[s->n++] = (struct role){.kind = kind, .config = cli->config};
	TRY(process_harden());
	TRY(process_signals(&s->signals));
	TRY(log_start());
	for (size_t i = 0; i < s->n; i++) {
		TRY(ready_open(&s->roles[i].ready));
		TRY(role_listen(&s->roles[i], cli->settings));
	}
	return OK;
}

/* role_keep starts each when its delay is over. */
static void plan_starts(struct supervisor *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->roles[i].kind->needs)
			s->roles[i].restart_us = clock_monotonic_us() + HEAD_START_US;
}

static void stop_all(struct supervisor *s)
{
	const int64_t asked_us = clock_monotonic_us();
	for (size_t i = 0; i < s->n; i++)
		role_stop(&s->roles[i], s->signals, asked_us + s->roles[i].kind->stop_us);
}

int cmd_serve(struct cli *cli)
{
	struct supervisor s = {.signals = -1};
	const struct role_kind *missing = role_kind_without_user(cli->settings);
	log_open("serve", log_level_named(cli->settings->log_level));
	/* A name that is not there would have the role start and fail without end. */
	if (missing)
		return cli_fail(cli, CLI_REFUSED,
			"%s: there is no user %s; make it (adduser --system --group %s), or leave "
			"the setting empty",
			missing->user_setting, role_kind_user(missing, cli->settings),
			role_kind_user(missing, cli->settings));
	const struct result prepared = prepare(&s, cli);
	if (prepared.err != ERR_NONE)
		return cli_fail(cli, CLI_REFUSED, "cannot start: %s at %s: %s",
			result_name(prepared.err), prepared.where, strerror(errno));
	log_info("serve.started", "version", PRATU_VERSION, "config", cli->config);
	plan_starts(&s);
	run(&s);
	process_stopping(STOP_MOST_S);
	log_info("serve.stopping");
	stop_all(&s);
	log_info("serve.stopped");
	return CLI_OK;
}
