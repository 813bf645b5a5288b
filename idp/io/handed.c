/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "idp/io/handed.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAMES_LEN 256

/* The whole of a variable as a number; -1: it is none. */
static long number_of(const char *variable)
{
	const char *text = getenv(variable);
	char *end;
	if (str_empty(text) || text[0] < '0' || text[0] > '9')
		return -1;
	errno = 0;
	const long n = strtol(text, &end, 10);
	return *end == '\0' && errno == 0 ? n : -1;
}

int handed_count(void)
{
	const long n = number_of("LISTEN_FDS");
	if (number_of("LISTEN_PID") != (long)getpid() || n <= 0 || n > HANDED_MAX)
		return 0;
	return (int)n;
}

/* How many have that name; *fd is the last of them. */
static int find(const char *name, int *fd)
{
	const char *at = getenv("LISTEN_FDNAMES");
	int found = 0;
	for (int i = 0; i < handed_count() && at; i++) {
		const size_t len = strcspn(at, ":");
		if (len == strlen(name) && strncmp(at, name, len) == 0) {
			*fd = HANDED_FIRST + i;
			found++;
		}
		at = at[len] == ':' ? at + len + 1 : NULL;
	}
	return found;
}

static bool has_option(int fd, int option, int wanted)
{
	int value = -1;
	socklen_t len = sizeof value;
	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 && value == wanted;
}

static struct result fault(const char *name, const char *what)
{
	log_error("handed.socket", "name", name, "error", what);
	FAIL(ERR_CONFIG);
}

struct result handed_take(const char *name, int *fd)
{
	int given = -1;
	const int n = find(name, &given);
	*fd = -1;
	if (n == 0)
		return OK;
	if (n > 1)
		return fault(name, "expected one socket of this name, found more");
	if (!has_option(given, SO_TYPE, SOCK_STREAM) || !has_option(given, SO_ACCEPTCONN, 1))
		return fault(name, "expected a stream socket that listens");
	const int flags = fcntl(given, F_GETFL);
	if (flags < 0 || fcntl(given, F_SETFL, flags | O_NONBLOCK) != 0 ||
		fcntl(given, F_SETFD, FD_CLOEXEC) != 0)
		return fault(name, strerror(errno));
	*fd = given;
	return OK;
}

/* Out of the way first: one may lie where another is to go. */
static struct result place(const struct handed *items, size_t n)
{
	int aside[HANDED_MAX];
	for (size_t i = 0; i < n; i++) {
		aside[i] = fcntl(items[i].fd, F_DUPFD_CLOEXEC, HANDED_FIRST + HANDED_MAX);
		if (aside[i] < 0)
			FAIL(ERR_IO);
	}
	for (size_t i = 0; i < n; i++)
		if (dup2(aside[i], HANDED_FIRST + (int)i) < 0) /* without close-on-exec */
			FAIL(ERR_IO);
	return OK;
}

struct result handed_give(const struct handed *items, size_t n)
{
	char names[NAMES_LEN] = "", count[24], pid[24];
	if (n > HANDED_MAX)
		FAIL(ERR_IO);
	for (size_t i = 0; i < n; i++) {
		const size_t len = strlen(names);
		(void)snprintf(
			names + len, sizeof names - len, "%s%s", i == 0 ? "" : ":", items[i].name);
	}
	(void)snprintf(count, sizeof count, "%zu", n);
	(void)snprintf(pid, sizeof pid, "%ld", (long)getpid());
	TRY(place(items, n));
	if (setenv("LISTEN_FDS", count, 1) != 0 || setenv("LISTEN_PID", pid, 1) != 0 ||
		setenv("LISTEN_FDNAMES", names, 1) != 0)
		FAIL(ERR_IO);
	return OK;
}
