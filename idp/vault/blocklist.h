/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operator's list of passwords that nobody may choose (setting password_blocklist), beside what
 * otp/strength.h knows: read once, when the vault starts. A password counts as listed in whatever
 * case and composition (Unicode form C) it is written. What is held is a fingerprint of each line,
 * not the line.
 */
#ifndef PRATU_VAULT_BLOCKLIST_H
#define PRATU_VAULT_BLOCKLIST_H

#include "idp/base/result.h"
#include <stdbool.h>
#include <stddef.h>

#define BLOCKLIST_LINES_MAX 2000000

struct blocklist;

/* Read the file at path, one password a line. Lines that are no password anyway (too short, too
 * long, no UTF-8) are left out. An empty path or file: a list of none. *out is owned by the caller.
 * The log tells how many it holds. ERR_CONFIG: it cannot be read, has more than
 * SETTINGS_BLOCKLIST_MAX bytes or BLOCKLIST_LINES_MAX passwords, or has lines and no password among
 * them, as one in UTF-16 does; the log tells why. */
MUST_CHECK struct result blocklist_load(const char *path, struct blocklist **out);
/* NULL-safe. */
void blocklist_free(struct blocklist *blocklist);
/* Is the password on the list? NULL holds none. */
bool blocklist_has(const struct blocklist *blocklist, const char *password);
/* How many different passwords it holds. */
size_t blocklist_count(const struct blocklist *blocklist);

#endif
