/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a role tells its supervisor that it answers: the way that services tell systemd
 * (sd_notify(3)), so a role need not know who started it. Messages of other processes than the one
 * expected are dropped.
 */
#ifndef PRATU_CLI_READY_H
#define PRATU_CLI_READY_H

#include "idp/base/result.h"
#include <stdbool.h>
#include <sys/types.h>

struct ready {
	int fd; /* -1: not open; close-on-exec */
	char name[32]; /* for $NOTIFY_SOCKET */
};

/* Open a socket of its own name. ERR_IO. */
MUST_CHECK struct result ready_open(struct ready *ready);
/* Read the messages received. True: the process pid has sent READY=1. */
bool ready_heard(const struct ready *ready, pid_t pid);
/* Safe on one that is not open. */
void ready_close(struct ready *ready);

#endif
