/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/role.h"
#include "idp/base/clock.h"
#include "idp/base/log.h"
#include "idp/io/http_listen.h"
#include "idp/io/process.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BACKOFF_LEAST_MS 100
#define BACKOFF_MOST_MS 5000
#define HEALTHY_US 30000000
#define KILL_WAIT_MS 1000
#define EXIT_NOT_STARTED 127

struct result role_listen(struct role *role, const struct settings *settings)
{
	struct arena *arena = arena_new();
	struct result listening = OK;
	for (size_t i = 0; i < ROLE_SOCKETS_MAX && listening.err == ERR_NONE; i++) {
		const struct role_socket *kind = &role->kind->sockets[i];
		struct handed *socket = &role->sockets[role->n_sockets];
		const char *address;
		int64_t port;
		if (!kind->name || !kind->at(arena, settings, &address, &port))
			continue;
		socket->name = kind->name;
		listening = http_listen(kind->name, address, port, &socket->fd);
		role->n_sockets += listening.err == ERR_NONE;
	}
	arena_free(arena);
	return listening;
}

static void close_sockets(struct role *role)
{
	while (role->n_sockets > 0)
		(void)close(role->sockets[--role->n_sockets].fd);
}

/* In the child. A process group of its own keeps a Ctrl-C at the terminal from striking all roles
 * at once: the supervisor ends them in order. */
static void become_role(const struct role *role, pid_t supervisor)
{
	char *const argv[] = {strdup("pratu"), strdup(role->kind->name), strdup("--config"),
		strdup(role->config), NULL};
	process_signals_restore();
	(void)setpgid(0, 0);
	if (setenv("NOTIFY_SOCKET", role->ready.name, 1) != 0 ||
		handed_give(role->sockets, role->n_sockets).err != ERR_NONE ||
		process_follow(supervisor).err != ERR_NONE)
		_exit(EXIT_NOT_STARTED);
	(void)execv("/proc/self/exe", argv);
	log_error("role.exec", "role", role->kind->name, "error", strerror(errno));
	_exit(EXIT_NOT_STARTED);
}

static void plan_restart(struct role *role)
{
	const int64_t now_us = clock_monotonic_us();
	if (role->backoff_ms == 0 || now_us - role->started_us >= HEALTHY_US)
		role->backoff_ms = BACKOFF_LEAST_MS;
	role->restart_us = now_us + role->backoff_ms * 1000;
	role->backoff_ms *= 2;
	if (role->backoff_ms > BACKOFF_MOST_MS)
		role->backoff_ms = BACKOFF_MOST_MS;
}

/* Or plan the next try where that did not work. */
static void start(struct role *role)
{
	const pid_t supervisor = getpid();
	role->started_us = clock_monotonic_us();
	role->is_ready = false;
	const pid_t pid = fork();
	if (pid == 0)
		become_role(role, supervisor);
	if (pid < 0) {
		log_error("role.fork", "role", role->kind->name, "error", strerror(errno));
		plan_restart(role);
		return;
	}
	role->pid = pid;
}

int64_t role_keep(struct role *role)
{
	const int64_t left_us = role->restart_us - clock_monotonic_us();
	if (role->pid != 0)
		return -1;
	if (left_us > 0)
		return left_us / 1000 + 1;
	start(role);
	return role->pid != 0 ? -1 : BACKOFF_LEAST_MS;
}

static void log_end(const struct role *role, int status)
{
	char text[64];
	if (WIFSIGNALED(status))
		(void)snprintf(text, sizeof text, "signal %d", WTERMSIG(status));
	else
		(void)snprintf(text, sizeof text, "exit status %d", WEXITSTATUS(status));
	log_warn("role.ended", "ended", role->kind->name, "by", text);
}

/* True: it has ended just now. */
static bool reap(struct role *role, int *status)
{
	if (role->pid == 0 || waitpid(role->pid, status, WNOHANG) != role->pid)
		return false;
	role->pid = 0;
	role->is_ready = false;
	return true;
}

bool role_look(struct role *role)
{
	int status = 0;
	const bool heard = ready_heard(&role->ready, role->pid);
	if (reap(role, &status)) {
		plan_restart(role);
		log_end(role, status);
		return false;
	}
	if (!heard || role->is_ready || role->pid == 0)
		return false;
	role->is_ready = true;
	log_info("role.ready", "ready", role->kind->name);
	return true;
}

void role_signal(const struct role *role, int number)
{
	if (role->pid != 0)
		(void)kill(role->pid, number);
}

/* Wait for the end, at most until then. A stop signal cuts it short. */
static void await_end(struct role *role, int signals, int64_t until_us)
{
	int status = 0;
	while (role->pid != 0 && !reap(role, &status)) {
		const int64_t left_us = until_us - clock_monotonic_us();
		if (left_us <= 0)
			return;
		if (process_wait(signals, (int)(left_us / 1000 + 1)) & PROCESS_STOP)
			return;
	}
}

void role_stop(struct role *role, int signals, int64_t until_us)
{
	role_signal(role, SIGTERM);
	await_end(role, signals, until_us);
	if (role->pid != 0) {
		log_warn("role.killed", "killed", role->kind->name);
		role_signal(role, SIGKILL);
		await_end(role, signals, clock_monotonic_us() + KILL_WAIT_MS * 1000);
	}
	close_sockets(role);
	ready_close(&role->ready);
}
