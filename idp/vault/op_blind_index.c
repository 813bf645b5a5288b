/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/vault/login.h"
#include "idp/vault/ops.h"
#include "queries_vault.h"

static struct result owner(
	struct op_call *call, const uint8_t index[static SHA256_LEN], const char **out)
{
	AUTO_LEASE struct pool_lease lease = {0};
	const struct q_vault_identifier_owner_in in = {{index, SHA256_LEN}};
	const struct q_vault_identifier_owner_row *row = NULL;
	TRY(pool_take(call->vault->pool, &lease));
	TRY(q_vault_identifier_owner(lease.db, call->arena, &in, &row));
	if (row)
		*out = row->citizen_id;
	return OK;
}

struct result op_blind_index(struct op_call *call, const struct vault_blind_index_in *in,
	struct vault_blind_index_out *out)
{
	uint8_t *const index = arena_alloc(call->arena, SHA256_LEN);
	const struct typed_login typed = typed_login(call->arena, in->value);
	const char *kind = typed_kind_name(typed.kind);
	if (!kind || !str_eq(kind, in->kind)) {
		out->outcome = VAULT_REFUSED;
		out->member = "value";
		out->reason = "not of that kind";
		return OK;
	}
	login_index(call->arena, call->vault->secrets, typed, index);
	TRY(owner(call, index, &out->citizen_id));
	out->blind_index = (struct bytes){index, SHA256_LEN};
	out->outcome = VAULT_OK;
	return OK;
}
