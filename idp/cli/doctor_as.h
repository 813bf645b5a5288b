/* SPDX-License-Identifier: Apache-2.0 */
/* A look at the machine through the eyes of a role: root may read everything, and that proves
 * nothing. */
#ifndef PRATU_CLI_DOCTOR_AS_H
#define PRATU_CLI_DOCTOR_AS_H

#include <stdbool.h>
#include <stddef.h>

/* Fill what was found (a plain struct without pointers) from arg. Runs in a process of its own
 * where another user is taken. */
typedef void doctor_as_look(const void *arg, void *found);

struct doctor_as {
	const char *user; /* to be while looking, if this process is root and there is such a user;
			     or NULL */
	doctor_as_look *look;
	const void *arg;
	size_t len; /* of what is found */
};

/* Look, and fill found. False: it could not be done, found is as it was. */
bool doctor_as(const struct doctor_as *as, void *found);

#endif
