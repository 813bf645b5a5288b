/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/server.h"
#include "idp/base/log.h"
#include "idp/io/vault_frame.h"
#include "idp/vault/listener.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define STACK_SIZE ((size_t)512 * 1024)

struct server {
	struct listener listeners[VAULT_SOCKETS_N];
	int wake; /* an eventfd that ends the acceptor */
	struct vault *vault;
	pthread_t acceptor;
	bool started;
	pthread_mutex_t mutex;
	pthread_cond_t ended; /* a connection has */
	bool stopping;
	size_t n;
	int fds[SERVER_CONNECTIONS]; /* -1: a free place */
};

/* One connection, for its thread. */
struct connection {
	struct server *server;
	enum vault_socket caller;
	int fd;
	size_t place;
};

/* False: the connection is over. */
static bool serve_one(
	const struct connection *connection, struct vault_frame *request, struct vault_frame *reply)
{
	const struct result got = vault_frame_receive(connection->fd, request);
	if (got.err == ERR_FORMAT)
		log_warn("vault.refused_request", "error",
			"empty, over the bound of a frame, or more than one frame");
	bool good = got.err == ERR_NONE &&
		    ops_answer(connection->server->vault, connection->caller, request, reply);
	good = good && vault_frame_send(connection->fd, reply).err == ERR_NONE;
	vault_frame_clear(request);
	vault_frame_clear(reply);
	return good;
}

/* A connection may rest between requests as long as it likes; within one, the codec has its
 * time-out. */
static bool await_request(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	while (poll(&poll_fd, 1, -1) < 0)
		if (errno != EINTR)
			return false;
	return (poll_fd.revents & POLLIN) != 0;
}

static void *serve(void *arg)
{
	struct connection *connection = arg;
	struct server *server = connection->server;
	struct vault_frame request = {0}, reply = {0};
	while (await_request(connection->fd) && serve_one(connection, &request, &reply))
		continue;
	vault_frame_free(&request);
	vault_frame_free(&reply);
	pthread_mutex_lock(&server->mutex);
	close(connection->fd);
	server->fds[connection->place] = -1;
	server->n--;
	pthread_cond_signal(&server->ended);
	pthread_mutex_unlock(&server->mutex);
	free(connection);
	return NULL;
}

/* With the mutex held. NULL: no place is free. */
static struct connection *place_for(struct server *server, enum vault_socket caller, int fd)
{
	if (server->stopping || server->n == SERVER_CONNECTIONS)
		return NULL;
	struct connection *connection = malloc(sizeof *connection);
	if (!connection)
		return NULL;
	*connection = (struct connection){server, caller, fd, 0};
	while (server->fds[connection->place] >= 0)
		connection->place++;
	server->fds[connection->place] = fd;
	server->n++;
	return connection;
}

static bool thread_for(struct connection *connection)
{
	pthread_t thread;
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	const int rc = pthread_create(&thread, &attr, serve, connection);
	pthread_attr_destroy(&attr);
	return rc == 0;
}

static void serve_new(struct server *server, const struct listener *listener, int fd)
{
	pthread_mutex_lock(&server->mutex);
	struct connection *connection =
		place_for(server, (enum vault_socket)listener->row->bit, fd);
	bool served = connection && thread_for(connection);
	if (connection && !served) {
		server->fds[connection->place] = -1;
		server->n--;
		free(connection);
	}
	pthread_mutex_unlock(&server->mutex);
	if (served)
		return;
	log_warn("vault.connection_refused", "error", "too many connections");
	close(fd);
}

/* False: nobody waits. */
static bool accept_one(struct server *server, const struct listener *listener)
{
	int fd = -1;
	if (!listener_accept(listener, &fd))
		return false;
	if (fd >= 0)
		serve_new(server, listener, fd);
	return true;
}

/* Who has connected may have sent a request already, and gets its answer; who comes later tries
 * again with the next vault. */
static void accept_last(struct server *server)
{
	for (size_t i = 0; i < VAULT_SOCKETS_N; i++)
		listener_refuse(&server->listeners[i]);
	for (size_t i = 0; i < VAULT_SOCKETS_N; i++)
		while (accept_one(server, &server->listeners[i]))
			continue;
}

static void *accept_all(void *arg)
{
	struct server *server = arg;
	struct pollfd polled[VAULT_SOCKETS_N + 1] = {
		[VAULT_SOCKETS_N] = {.fd = server->wake, .events = POLLIN}};
	for (size_t i = 0; i < VAULT_SOCKETS_N; i++)
		polled[i] = (struct pollfd){.fd = server->listeners[i].fd, .events = POLLIN};
	while (polled[VAULT_SOCKETS_N].revents == 0) {
		for (size_t i = 0; i < VAULT_SOCKETS_N; i++)
			if (polled[i].revents != 0)
				(void)accept_one(server, &server->listeners[i]);
		for (size_t i = 0; i <= VAULT_SOCKETS_N; i++)
			polled[i].revents = 0;
		(void)poll(polled, VAULT_SOCKETS_N + 1, -1);
	}
	accept_last(server);
	return NULL;
}

static void init_sync(struct server *server)
{
	pthread_condattr_t attr;
	pthread_mutex_init(&server->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&server->ended, &attr);
	pthread_condattr_destroy(&attr);
}

static void release(struct server *server)
{
	for (size_t i = 0; i < VAULT_SOCKETS_N; i++)
		listener_close(&server->listeners[i]);
	close(server->wake);
	pthread_cond_destroy(&server->ended);
	pthread_mutex_destroy(&server->mutex);
	free(server);
}

static struct result open_all(const struct settings *settings, struct server *server)
{
	if (server->wake < 0)
		FAIL(ERR_IO);
	TRY(listener_directory(settings));
	for (size_t i = 0; i < VAULT_SOCKETS_N; i++)
		TRY(listener_open(settings, &vault_sockets[i], &server->listeners[i]));
	return OK;
}

struct result server_listen(const struct settings *settings, struct server **out)
{
	struct server *server = calloc(1, sizeof *server);
	if (!server)
		FAIL(ERR_IO);
	init_sync(server);
	for (size_t i = 0; i < SERVER_CONNECTIONS; i++)
		server->fds[i] = -1;
	for (size_t i = 0; i < VAULT_SOCKETS_N; i++)
		server->listeners[i].fd = -1;
	server->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	const struct result opened = open_all(settings, server);
	if (opened.err != ERR_NONE) {
		release(server);
		return opened;
	}
	*out = server;
	return OK;
}

struct result server_start(struct server *server, struct vault *vault)
{
	server->vault = vault;
	if (pthread_create(&server->acceptor, NULL, accept_all, server) != 0)
		FAIL(ERR_IO);
	server->started = true;
	return OK;
}

/* Those that rest see the end of their stream; those at work answer first. */
static bool drain(struct server *server, int grace_s)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += grace_s;
	pthread_mutex_lock(&server->mutex);
	server->stopping = true;
	for (size_t i = 0; i < SERVER_CONNECTIONS; i++)
		if (server->fds[i] >= 0)
			(void)shutdown(server->fds[i], SHUT_RD);
	int rc = 0;
	while (server->n > 0 && rc == 0)
		rc = pthread_cond_timedwait(&server->ended, &server->mutex, &until);
	const bool empty = server->n == 0;
	pthread_mutex_unlock(&server->mutex);
	return empty;
}

bool server_stop(struct server *server, int grace_s)
{
	if (!server)
		return true;
	if (server->started) {
		(void)eventfd_write(server->wake, 1);
		pthread_join(server->acceptor, NULL);
	}
	const bool empty = drain(server, grace_s);
	if (empty)
		release(server);
	return empty;
}
