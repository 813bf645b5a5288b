/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/clock.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/role.h"
#include "idp/io/process.h"
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* In the order in which they end: the web role first, for what it has in flight needs the vault. */
enum { WEB, VAULT, ROLES };

/* The web role starts when the vault answers, but does not wait for it longer than this. */
#define HEAD_START_US 15000000

#define STOP_MOST_S 12 /* of the supervisor itself */

/* All has ended 10 s after SIGTERM, whatever hangs: a role that has not ended so long after it is
 * killed. Each role ends by itself sooner than that if nothing hangs. */
static const int64_t stop_us[ROLES] = {[WEB] = 6000000, [VAULT] = 8500000};

struct supervisor {
	struct role roles[ROLES];
	int signals;
	bool announced; /* that all answer */
};

/* Until a signal comes, a role has something to say, or a dead one is to be started again. */
static unsigned await(struct supervisor *s)
{
	struct pollfd fds[ROLES + 1];
	int64_t timeout_ms = -1;
	for (int i = 0; i < ROLES; i++) {
		const int64_t left_ms = role_keep(&s->roles[i]);
		if (left_ms >= 0 && (timeout_ms < 0 || left_ms < timeout_ms))
			timeout_ms = left_ms;
		fds[i] = (struct pollfd){.fd = s->roles[i].ready.fd, .events = POLLIN};
	}
	fds[ROLES] = (struct pollfd){.fd = s->signals, .events = POLLIN};
	(void)poll(fds, ROLES + 1, (int)timeout_ms);
	return process_wait(s->signals, 0);
}

static void look(struct supervisor *s)
{
	bool all = true;
	for (int i = 0; i < ROLES; i++) {
		if (role_look(&s->roles[i]) && i == VAULT)
			s->roles[WEB].restart_us = 0;
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
			for (int i = 0; i < ROLES; i++)
				role_signal(&s->roles[i], SIGHUP);
		}
	}
}

static struct result prepare(struct supervisor *s, const char *config)
{
	s->roles[WEB] = (struct role){.name = "web", .config = config};
	s->roles[VAULT] = (struct role){.name = "vault", .config = config};
	TRY(process_harden());
	TRY(process_signals(&s->signals));
	TRY(log_start());
	for (int i = 0; i < ROLES; i++)
		TRY(ready_open(&s->roles[i].ready));
	return OK;
}

/* A name that is not there would have the roles start and fail without end. */
static const char *missing_user(const struct settings *settings)
{
	const char *const users[] = {settings->web_user, settings->vault_user};
	for (size_t i = 0; i < 2 && geteuid() == 0; i++)
		if (!str_empty(users[i]) && getpwnam(users[i]) == NULL)
			return users[i];
	return NULL;
}

int cmd_serve(struct cli *cli)
{
	struct supervisor s = {.signals = -1};
	const char *missing = missing_user(cli->settings);
	log_open("serve", log_level_named(cli->settings->log_level));
	if (missing != NULL)
		return cli_fail(cli, CLI_REFUSED,
			"web_user, vault_user: there is no user %s; make it (adduser --system "
			"--group %s), or "
			"leave the setting empty",
			missing, missing);
	const struct result prepared = prepare(&s, cli->config);
	if (prepared.err != ERR_NONE)
		return cli_fail(cli, CLI_REFUSED, "cannot start: %s at %s: %s",
			result_name(prepared.err), prepared.where, strerror(errno));
	log_info("serve.started", "version", PRATU_VERSION, "config", cli->config);
	role_start(&s.roles[VAULT]);
	s.roles[WEB].restart_us = clock_monotonic_us() + HEAD_START_US;
	run(&s);
	process_stopping(STOP_MOST_S);
	log_info("serve.stopping");
	const int64_t asked_us = clock_monotonic_us();
	for (int i = 0; i < ROLES; i++)
		role_stop(&s.roles[i], s.signals, asked_us + stop_us[i]);
	log_info("serve.stopped");
	return CLI_OK;
}
