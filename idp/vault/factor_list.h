/* SPDX-License-Identifier: Apache-2.0 */
/* The second factors that a citizen can choose from, as the page that asks shows them. */
#ifndef PRATU_VAULT_FACTOR_LIST_H
#define PRATU_VAULT_FACTOR_LIST_H

#include "idp/vault/ops.h"

/* As it is stored. */
struct factor_stored {
	const char *kind, *citizen_id;
	struct bytes secret;
	bool blocked;
};

struct factor_offer {
	const struct factor *factor;
	const char *hint; /* whereto its codes are sent, so far as it may be shown; "": they are
			     not sent */
	bool blocked;
};

struct factor_list {
	struct factor_offer *items;
	size_t n;
};

/* An empty one with space for n, in the call's arena. */
struct factor_list factor_list_new(const struct op_call *call, size_t n);
/* Append a factor, if this build knows its kind and it counts here. One that is blocked is left
 * out, or gives way, where there is one that is not. ERR_CRYPTO. */
MUST_CHECK struct result factor_list_add(
	const struct op_call *call, struct factor_list *list, const struct factor_stored *stored);

#endif
