/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long calls wait for a vault that is being restarted: one for all calls of a process. While
 * nobody listens on its socket, a call that has sent nothing tries again for VAULT_WAIT_MS. Where
 * the vault stays away, only those that noticed first wait so long: later ones fail at once, so
 * that a vault that is gone holds no worker.
 */
#ifndef PRATU_IO_VAULT_WAIT_H
#define PRATU_IO_VAULT_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#define VAULT_WAIT_MS 5000

struct vault_wait;

/* Owned by the caller; never NULL. */
struct vault_wait *vault_wait_new(void);
/* NULL-safe. */
void vault_wait_free(struct vault_wait *wait);
/* Nobody listened, at now_us (monotonic). True: try again soon. wait NULL: never. Any thread. */
bool vault_wait_again(struct vault_wait *wait, int64_t now_us);
/* The vault was reached. wait may be NULL. Any thread. */
void vault_wait_over(struct vault_wait *wait);

#endif
