/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backup: a directory with what pg_dump wrote (BACKUP_DATABASE, in its directory format) and
 * BACKUP_MANIFEST, which is written last and tells what the backup shows and the SHA-256 of each
 * file. A directory without it is no backup.
 */
#ifndef PRATU_CLI_BACKUP_H
#define PRATU_CLI_BACKUP_H

#include "idp/cli/cli.h"

#define BACKUP_DATABASE "database"
#define BACKUP_MANIFEST "manifest.json"
#define BACKUP_FORMAT 1

/* List and hash the files of dir below BACKUP_DATABASE. *out is a new array of {name, bytes,
 * sha256}, in order of name. Anything but CLI_OK has been printed. */
int backup_list(struct cli *cli, const char *dir, json_t **out);
/* Read the manifest of dir and compare each file with it. *out is owned by the caller. Anything but
 * CLI_OK has been printed: it is no backup, of another format, or not as it was written. */
int backup_open(struct cli *cli, const char *dir, json_t **out);

#endif
