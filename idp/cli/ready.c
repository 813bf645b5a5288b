/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "idp/cli/ready.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct result name_of(int fd, struct ready *ready)
{
	struct sockaddr_un address = {0};
	socklen_t len = sizeof address;
	if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		FAIL(ERR_IO);
	const size_t n = (size_t)len - offsetof(struct sockaddr_un, sun_path);
	if (n < 2 || n >= sizeof ready->name || address.sun_path[0] != '\0')
		FAIL(ERR_IO);
	(void)snprintf(
		ready->name, sizeof ready->name, "@%.*s", (int)(n - 1), address.sun_path + 1);
	return OK;
}

struct result ready_open(struct ready *ready)
{
	/* An address without a path has the kernel choose a free abstract name (unix(7), autobind).
	 */
	const struct sockaddr_un any = {.sun_family = AF_UNIX};
	const int on = 1;
	ready->fd = -1;
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		FAIL(ERR_IO);
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0 ||
		bind(fd, (const struct sockaddr *)&any, sizeof any.sun_family) != 0 ||
		name_of(fd, ready).err != ERR_NONE) {
		(void)close(fd);
		FAIL(ERR_IO);
	}
	ready->fd = fd;
	return OK;
}

/* The kernel attests the sender. */
static pid_t sender(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct ucred who;
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS)
			continue;
		memcpy(&who, CMSG_DATA(c), sizeof who);
		return who.pid;
	}
	return 0;
}

/* One message: 1 it is the word from pid, 0 it is something else, -1 there is none. */
static int one(const struct ready *ready, pid_t pid)
{
	char text[256];
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct iovec part = {text, sizeof text - 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control};
	const ssize_t n = recvmsg(ready->fd, &message, MSG_CMSG_CLOEXEC);
	if (n < 0)
		return -1;
	text[n] = '\0';
	return sender(&message) == pid && strncmp(text, "READY=1", 7) == 0 ? 1 : 0;
}

bool ready_heard(const struct ready *ready, pid_t pid)
{
	bool heard = false;
	for (int received = one(ready, pid); received >= 0; received = one(ready, pid))
		heard = heard || received == 1;
	return heard;
}

void ready_close(struct ready *ready)
{
	if (ready->fd >= 0)
		(void)close(ready->fd);
	ready->fd = -1;
}
