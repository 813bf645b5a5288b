/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/clock.h"
#include "idp/io/http_impl.h"
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINGER_US 2000000
#define READS_MAX 64 /* per look: a client that sends without end is not read without end */
#define READ_LEN 16384

void http_linger_add(struct http_linger *linger, int fd, int64_t now_us)
{
	if (linger->n == linger->n_max)
		return;
	const int kept = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (kept < 0)
		return;
	shutdown(kept, SHUT_WR); /* so that the client sees the end now */
	linger->items[linger->n].fd = kept;
	linger->items[linger->n].until_us = now_us + LINGER_US;
	linger->n++;
}

/* Has the client closed, or the connection broken? */
static bool drained(int fd)
{
	char scrap[READ_LEN];
	ssize_t n = 1;
	for (int i = 0; i < READS_MAX && n > 0; i++)
		n = recv(fd, scrap, sizeof scrap, MSG_DONTWAIT | MSG_TRUNC);
	return n == 0;
}

void http_linger_sweep(struct http_linger *linger, int64_t now_us)
{
	for (int i = 0; i < linger->n;) {
		if (!drained(linger->items[i].fd) && now_us < linger->items[i].until_us) {
			i++;
			continue;
		}
		close(linger->items[i].fd);
		linger->items[i] = linger->items[--linger->n];
	}
}

void http_linger_end(struct http_linger *linger)
{
	while (linger->n > 0)
		close(linger->items[--linger->n].fd);
}
