/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a key file is the one that a database was sealed with. For the command line, in a process
 * that no vault runs in: it opens one value, and wipes all that it derived. */
#ifndef PRATU_VAULT_KEY_CHECK_H
#define PRATU_VAULT_KEY_CHECK_H

#include "idp/base/crypto.h"
#include "idp/base/result.h"

/* Try the key file on the sealed private part of the signing key kid. ERR_CONFIG: the file cannot
 * be read, or is none. ERR_CRYPTO: it is another one. */
MUST_CHECK struct result key_check(const char *key_file, const char *kid, struct bytes sealed);

#endif
