/* SPDX-License-Identifier: Apache-2.0 */
/* The few files and directories that the command line makes. Nothing that is there is ever
 * overwritten. */
#ifndef PRATU_CLI_FILES_H
#define PRATU_CLI_FILES_H

#include "idp/base/result.h"
#include <stdbool.h>
#include <sys/types.h>

/* Make the directory `path` with `mode`, and those above it (0755). *made false: it was there.
 * ERR_IO, errno has the reason. */
MUST_CHECK struct result files_directory(const char *path, mode_t mode, bool *made);
/* The same for the directory that holds the file `path`. */
MUST_CHECK struct result files_directory_of(const char *path, mode_t mode, bool *made);
/* A directory that can be read and holds nothing? */
bool files_is_empty(const char *path);
struct files_new {
	const char *path, *text;
	mode_t mode;
};
/* Write a new file, on the disk before this returns. *made false: it was there, and is left as it
 * is. ERR_IO, errno has the reason. */
MUST_CHECK struct result files_write_new(const struct files_new *file, bool *made);
struct files_owner {
	const char *user, *group_of; /* "" or NULL: as it is */
};
/* Give path to a user and to another's group, as far as they exist, if this process is root.
 * ERR_IO. */
MUST_CHECK struct result files_give(const char *path, const struct files_owner *owner);

#endif
