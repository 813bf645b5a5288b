/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/http_listen.h"
#include "idp/base/log.h"
#include "idp/io/handed.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024
#define TEXT_LEN 96

/* Either family, in place of a cast. */
union place {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	struct sockaddr_storage room;
};

static struct result listen_on(const struct addrinfo *at, int *out)
{
	const int on = 1, off = 0;
	const int fd = socket(
		at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol);
	if (fd < 0)
		FAIL(ERR_IO);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (at->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	if (bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
		log_error("http.listen", "error", strerror(errno));
		close(fd);
		FAIL(ERR_IO);
	}
	*out = fd;
	return OK;
}

static bool is_loopback(const union place *at)
{
	if (at->any.sa_family == AF_INET)
		return ntohl(at->four.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	if (at->any.sa_family != AF_INET6)
		return false;
	const struct in6_addr *six = &at->six.sin6_addr;
	return IN6_IS_ADDR_LOOPBACK(six) ||
	       (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == IN_LOOPBACKNET);
}

static bool is_same(const union place *one, const union place *other)
{
	if (one->any.sa_family != other->any.sa_family)
		return false;
	if (one->any.sa_family == AF_INET)
		return one->four.sin_port == other->four.sin_port &&
		       one->four.sin_addr.s_addr == other->four.sin_addr.s_addr;
	return one->six.sin6_port == other->six.sin6_port &&
	       memcmp(&one->six.sin6_addr, &other->six.sin6_addr, sizeof one->six.sin6_addr) == 0;
}

static const char *text_of(const union place *at, socklen_t len, char text[static TEXT_LEN])
{
	char host[64], port[8];
	if (getnameinfo(&at->any, len, host, sizeof host, port, sizeof port,
		    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return "another address";
	(void)snprintf(text, TEXT_LEN, "%s port %s", host, port);
	return text;
}

/* Whoever wrote a loopback address may rely on it: plain HTTP is permitted there alone. */
static struct result check_place(const char *name, int fd, const struct addrinfo *wanted)
{
	union place at = {.room = {0}}, as_set = {.room = {0}};
	socklen_t len = sizeof at;
	char text[TEXT_LEN];
	if (getsockname(fd, &at.any, &len) != 0)
		FAIL(ERR_IO);
	memcpy(&as_set, wanted->ai_addr, wanted->ai_addrlen);
	if (is_loopback(&as_set) && !is_loopback(&at)) {
		log_error("http.listen", "name", name, "handed", text_of(&at, len, text), "error",
			"the settings name a loopback address, and this is none");
		FAIL(ERR_CONFIG);
	}
	if (!is_same(&at, &as_set))
		log_warn("http.listen", "name", name, "handed", text_of(&at, len, text), "error",
			"the settings name another address: change the socket unit, or restart "
			"pratu serve");
	return OK;
}

static struct result take_or_open(const char *name, const struct addrinfo *wanted, int *out)
{
	int fd = -1;
	if (name)
		TRY(handed_take(name, &fd));
	if (fd < 0)
		return listen_on(wanted, out);
	TRY(check_place(name, fd, wanted));
	*out = fd;
	return OK;
}

struct result http_listen(const char *name, const char *address, int64_t port, int *fd)
{
	const struct addrinfo hints = {
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	char number[24];
	snprintf(number, sizeof number, "%lld", (long long)port);
	if (getaddrinfo(address, number, &hints, &found) != 0) {
		log_error("http.listen", "address", address, "error", "no such address");
		FAIL(ERR_CONFIG);
	}
	const struct result opened = take_or_open(name, found, fd);
	freeaddrinfo(found);
	return opened;
}
