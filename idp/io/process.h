/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the main of every role does with its own process: giving up what it does not need, taking
 * another user, waiting for signals, telling the service manager. Called from the main thread, and
 * process_harden, process_become and process_signals before any other thread is started.
 *
 * The usual order: process_harden, read settings and secrets, process_signals, process_files,
 * process_become, start the threads, process_ready, loop on process_wait, end the threads.
 */
#ifndef PRATU_IO_PROCESS_H
#define PRATU_IO_PROCESS_H

#include "idp/base/result.h"
#include <stdint.h>
#include <sys/types.h>

/* Close every descriptor but 0, 1 and 2 (missing ones of these become /dev/null) and those that
 * were handed to the process (idp/io/handed.h), umask 0077, no core dumps, no attaching debugger
 * (both but under a sanitizer), no privileges gained by exec, SIGPIPE ignored. ERR_IO. */
MUST_CHECK struct result process_harden(void);

/* Become user with its groups, for good: that it cannot be undone is checked. NULL, "" or the user
 * that the process is already: does nothing. A process that is not root does nothing either, since
 * it can become nobody else. ERR_CONFIG: no such user. ERR_IO: the system refused. */
MUST_CHECK struct result process_become(const char *user);

/* Let the process open at least n descriptors, raising the hard limit too where it may. Not getting
 * as many is logged and is no failure. Returns how many it may open. */
int64_t process_files(int64_t n);

/* How much memory the process may use, in MiB: memory.max of its own group in the second version's
 * hierarchy of cgroups, mounted at cgroups. -1: there is no limit, or none that can be read. */
int64_t process_memory_mib(const char *cgroups);

/* End with SIGTERM when the process `parent`, which has forked this one, ends. It outlives exec and
 * process_become. ERR_IO: the parent has ended already, or the system refused. */
MUST_CHECK struct result process_follow(pid_t parent);

/* What has happened, a bit set. */
enum process_event {
	PROCESS_STOP = 1, /* SIGTERM or SIGINT */
	PROCESS_RELOAD = 2, /* SIGHUP */
	PROCESS_CHILD = 4, /* SIGCHLD: at least one child has changed its state; reap with
			      waitpid(WNOHANG) */
};

/* From here on SIGTERM, SIGINT, SIGHUP and SIGCHLD no longer strike: they make *fd readable, so
 * that it can be polled beside other descriptors. Owned by the caller; close-on-exec. Threads that
 * are started later inherit this. ERR_IO. */
MUST_CHECK struct result process_signals(int *fd);
/* Wait for events on the fd of process_signals at most timeout_ms (0: only look, -1: without end).
 * Returns the set of enum process_event that were received since the last call; 0 at the time-out.
 */
unsigned process_wait(int fd, int timeout_ms);
/* In a forked child, before exec: signals strike again as they do in a fresh process, but for
 * SIGHUP. That waits until the program has called process_signals: a reload that is asked for while
 * a role starts does not end it. */
void process_signals_restore(void);

/* Tell the service manager (sd_notify(3) through $NOTIFY_SOCKET) that start is over. Does nothing
 * where there is none. */
void process_ready(void);
/* Tell it that the end has begun, which may take at most so many seconds: a process that hangs
 * after them is ended by SIGALRM. */
void process_stopping(unsigned most_s);

#endif
