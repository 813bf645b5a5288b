/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that the vault gives the courier: those that open messages, one for each epoch
 * (idp/io/seal_epoch.h), and the one of delivery reports. Held in memory that is wiped; fetched
 * again by the keeper. Thread-safe.
 */
#ifndef PRATU_COURIER_KEYS_H
#define PRATU_COURIER_KEYS_H

#include "idp/base/crypto.h"
#include "idp/io/vault_call.h"

struct courier_keys;

/* Holds none. Owned by the caller; never NULL. */
struct courier_keys *courier_keys_new(void);
/* Wipes them. NULL-safe. */
void courier_keys_free(struct courier_keys *keys);
/* Ask the vault, and hold what it gives in place of all others. ERR_VAULT. */
MUST_CHECK struct result courier_keys_refresh(struct courier_keys *keys, struct vault_call *vault);
/* Should the vault be asked now? Never yet, or not for half an hour, or a key was missing that
 * courier_keys_find was asked for. */
bool courier_keys_due(struct courier_keys *keys, int64_t now_us);
/* Have they ever been given? */
bool courier_keys_known(struct courier_keys *keys);
/* The key of an epoch; the caller wipes it. False: there is none, or none yet. */
bool courier_keys_find(struct courier_keys *keys, int64_t epoch, uint8_t key[static KEY_LEN]);
/* The key of delivery reports; the caller wipes it. False: none yet. */
bool courier_keys_report(struct courier_keys *keys, uint8_t key[static KEY_LEN]);

#endif
