/* SPDX-License-Identifier: Apache-2.0 */
/* The operations jwks and keys_rotate, and what others tell of keys. */
#ifndef PRATU_VAULT_OP_KEYS_H
#define PRATU_VAULT_OP_KEYS_H

#include "idp/vault/ops.h"

/* A new array: {kid, alg, state ("current", "next", "retiring"), active_from, retired_at?} of each
 * key that is not retired. */
json_t *op_keys_describe(struct keyring *keyring, int64_t now_s);

#endif
