/* SPDX-License-Identifier: Apache-2.0 */
/* What the vault counts: its meters, made once by vault_main, and the operation that shows them. */
#ifndef PRATU_VAULT_OP_METRICS_H
#define PRATU_VAULT_OP_METRICS_H

#include "idp/vault/vault.h"

/* Make the vault's meters and have the pool use them. */
void op_metrics_begin(struct vault *vault);
/* Release them, after the pool. Harmless if they were not made. */
void op_metrics_end(struct vault *vault);

#endif
