/* SPDX-License-Identifier: Apache-2.0 */
/* The operations jwks and keys_rotate, and what others tell of keys. */
#ifndef PRATU_VAULT_OP_KEYS_H
#define PRATU_VAULT_OP_KEYS_H

#include "idp/vault/ops.h"

struct op_keys {
	struct vault_keys_rotate_keys_item *items;
	size_t n;
};
/* Each key that is not retired, in the call's arena. */
struct op_keys op_keys_describe(struct op_call *call);

#endif
