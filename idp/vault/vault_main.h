/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault role: the process that holds passwords, seeds and signing keys, and lets nothing out
 * but answers to the operations of idp/vault/ops.c. Started by idp/cli, as a process of its own.
 */
#ifndef PRATU_VAULT_VAULT_MAIN_H
#define PRATU_VAULT_VAULT_MAIN_H

#include "idp/base/settings.h"
#include <sys/types.h>

/* Run the role until SIGTERM or SIGINT; what is in flight is finished. Hardens the process, becomes
 * settings' vault_user if it is root, and listens even while the database is away: operations then
 * answer `failed`. follow: the process to end with (a supervisor that forked this one), or 0.
 * Returns the exit status: 0 after a signal, 1 when it could not start (the log says why: the key
 * file, a socket). settings are borrowed. */
int vault_main(const struct settings *settings, pid_t follow);

#endif
