/* SPDX-License-Identifier: Apache-2.0 */
/* `pratu doctor`: the checks, each of which prints what it found and, for a fault, what to do about
 * it. */
#ifndef PRATU_CLI_DOCTOR_H
#define PRATU_CLI_DOCTOR_H

#include "idp/cli/cli.h"

enum doctor_verdict {
	DOCTOR_OK,
	DOCTOR_WARN,
	DOCTOR_FAULT,
};

struct doctor {
	struct cli *cli;
	const char *check; /* what is looked at now */
	json_t *lines; /* [{check, verdict, found, todo}] */
	int64_t warns, faults;
	bool database; /* pratu_admin reaches it, and it is migrated */
};

/* One line. todo: what to do, NULL where nothing is to be done. */
void doctor_report(struct doctor *doctor, enum doctor_verdict verdict, const char *todo,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Read the settings file into doctor->cli. */
void doctor_settings(struct doctor *doctor);
/* What max_connections may take, beside what the machine has. */
void doctor_limits(struct doctor *doctor);
/* Free space on the disks of the settings and, if it is on this machine, of the database. */
void doctor_disk(struct doctor *doctor);
void doctor_key_file(struct doctor *doctor);
/* What the settings name besides: seal_file, password_blocklist. */
void doctor_named_files(struct doctor *doctor);
void doctor_certificate(struct doctor *doctor);
/* Each role's connection to the database, durability, clock, migrations. */
void doctor_database(struct doctor *doctor);
void doctor_grants(struct doctor *doctor);
/* Whether the database was restored, and `pratu recover` not run since. */
void doctor_restore(struct doctor *doctor);
void doctor_partitions(struct doctor *doctor);
/* The courier's gateways, and the files with its users there. */
void doctor_gateways(struct doctor *doctor);
/* The vault itself, and the signing keys. */
void doctor_vault(struct doctor *doctor);
void doctor_signing_keys(struct doctor *doctor);

#endif
