/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/enc.h"
#include "idp/base/str.h"
#include "idp/vault/login.h"
#include "idp/vault/ops.h"
#include "queries_vault.h"

static struct result owner(
	struct op_call *call, const uint8_t index[static SHA256_LEN], const char **out)
{
	AUTO_LEASE struct pool_lease lease = {0};
	AUTO_ROWS struct rows *rows = NULL;
	struct db_args args = db_args(call->arena);
	db_bytes(&args, index, SHA256_LEN);
	TRY(pool_take(call->vault->pool, &lease));
	TRY(db_query(lease.db, &q_vault_identifier_owner, &args, &rows));
	if (rows_n(rows) == 1)
		*out = arena_strdup(call->arena, rows_text(rows, 0, "citizen_id"));
	return OK;
}

struct result op_blind_index(struct op_call *call)
{
	uint8_t index[SHA256_LEN];
	const char *citizen_id = NULL;
	const struct typed_login typed = typed_login(call->arena, ops_text(call, "value"));
	const char *kind = typed_kind_name(typed.kind);
	if (kind == NULL || !str_eq(kind, ops_text(call, "kind"))) {
		json_put(call->reply, "member", "value");
		json_put(call->reply, "reason", "not of that kind");
		return ops_outcome(call, "refused");
	}
	login_index(call->arena, call->vault->secrets, typed, index);
	TRY(owner(call, index, &citizen_id));
	json_put(call->reply, "blind_index", enc_b64url(call->arena, index, sizeof index));
	json_put_new(call->reply, "citizen_id",
		citizen_id == NULL ? json_null() : json_string(citizen_id));
	return ops_outcome(call, "ok");
}
