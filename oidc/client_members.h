/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The members of a client's metadata, one table row each. Only oidc/client.c calls this; all
 * others call client_parse.
 */
#ifndef PRATU_OIDC_CLIENT_MEMBERS_H
#define PRATU_OIDC_CLIENT_MEMBERS_H

#include "oidc/client.h"

enum client_subject_type {
	CLIENT_SUBJECT_PAIRWISE,
	CLIENT_SUBJECT_PUBLIC,
};

enum client_application_type {
	CLIENT_APPLICATION_WEB,
	CLIENT_APPLICATION_NATIVE,
};

/* A client while it is being read: what the cross checks need besides the client itself. */
struct client_draft {
	struct arena *arena;
	struct client_fault *fault; /* may be NULL */
	struct client client;
	struct jose_key **keys; /* client.keys.n of them are made */
	const char *scope;
	struct str_list grant_types, response_types, contacts;
	int auth_method, subject_type, application_type; /* their enums */
	enum jose_alg auth_alg;
	const char *sector_identifier_uri;
	const char *software_id, *software_version;
	uint64_t given; /* bit i: the member of row i was given */
};

/* Note the fault, by printf; returns false, so that a reader can end with it. */
bool client_members_fault(struct client_draft *draft, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Read every member of metadata into the draft, which holds the defaults. False with the fault
 * set; keys read so far stay in the draft. An unknown member is a fault. */
bool client_members_read(struct client_draft *draft, const json_t *metadata);
/* Whether the member was given. name: one of the table's. */
bool client_members_given(const struct client_draft *draft, const char *name);

#endif
