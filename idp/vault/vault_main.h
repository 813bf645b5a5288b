/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault role: the process that holds passwords, seeds and signing keys, and lets nothing out
 * but answers to the operations of idp/vault/ops.c. Started by idp/cli, as a process of its own.
 */
#ifndef PRATU_VAULT_VAULT_MAIN_H
#define PRATU_VAULT_VAULT_MAIN_H

#include "idp/base/settings.h"

/* Run the role until SIGTERM or SIGINT; what is in flight is finished. It hardens the process,
 * becomes settings' vault_user if it is root (once the key file was read), and listens even while
 * the database is away: operations then answer `failed`. The caller has read the settings, which
 * are borrowed, and opened nothing else. Returns the exit status: 0 after an orderly stop, 1 when
 * it could not start (the log has the reason: the key file, a socket). */
int vault_main(const struct settings *settings);

#endif
