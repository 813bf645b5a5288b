/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listening sockets that outlive the process that accepts from them: whoever starts it (systemd's
 * socket units, or `pratu serve`) has bound them and hands them over by the protocol of
 * sd_listen_fds(3): they are the descriptors from 3 on, $LISTEN_FDS says how many, $LISTEN_PID for
 * which process, $LISTEN_FDNAMES their names. While a process is replaced, connections wait in the
 * socket's backlog and none is refused.
 */
#ifndef PRATU_IO_HANDED_H
#define PRATU_IO_HANDED_H

#include "idp/base/result.h"
#include <stddef.h>

#define HANDED_FIRST 3
#define HANDED_MAX 8
#define HANDED_METRICS "metrics" /* the name of the one for Prometheus */

/* How many descriptors were handed to this very process; 0: none, or what the environment says is
 * malformed. */
int handed_count(void);
/* The one that was handed over under this name, made close-on-exec and non-blocking. *fd is owned
 * by the caller, who asks once for each name; -1: none was. ERR_CONFIG, logged: there are two of
 * that name, or it is not a stream socket that listens. */
MUST_CHECK struct result handed_take(const char *name, int *fd);

struct handed {
	const char *name; /* letters, digits, '-' and '.' */
	int fd; /* borrowed */
};
/* In a forked child, before exec: hand these n (at most HANDED_MAX) to the program that it becomes.
 * ERR_IO. */
MUST_CHECK struct result handed_give(const struct handed *items, size_t n);

#endif
