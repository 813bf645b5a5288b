/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/vault/ops.h"
#include "idp/vault/ticket.h"
#include "queries_vault.h"

static struct result load(struct op_call *call, const char *citizen_id, struct bytes *sealed)
{
	AUTO_LEASE struct pool_lease lease = {0};
	AUTO_ROWS struct rows *rows = NULL;
	struct db_args args = db_args(call->arena);
	db_text(&args, citizen_id);
	TRY(pool_take(call->vault->pool, &lease));
	TRY(db_query(lease.db, &q_vault_national_id_load, &args, &rows));
	if (rows_n(rows) == 1)
		*sealed = rows_bytes(call->arena, rows, 0, "sealed");
	return OK;
}

static bool granted(struct op_call *call, const json_t *grant)
{
	const struct str_list scopes = str_split(call->arena, json_str(grant, "scope"), ' ');
	return str_list_has(&scopes, "national_id");
}

struct result op_national_id(struct op_call *call, const struct vault_national_id_in *in,
	struct vault_national_id_out *out)
{
	AUTO_JSON json_t *grant = NULL;
	struct bytes sealed = {NULL, 0}, plain = {NULL, 0};
	out->outcome = VAULT_REFUSED;
	const struct ticket_check check = {call->vault->secrets, TICKET_GRANT, call->now_s};
	if (ticket_open(&check, in->grant_ticket, &grant) != TICKET_GOOD || !granted(call, grant))
		return OK;
	const char *citizen_id = json_str(grant, "citizen_id");
	TRY(load(call, citizen_id, &sealed));
	if (sealed.data == NULL)
		return OK;
	const struct seal seal = ops_seal(call);
	TRY(seal_open(&seal, (struct seal_name){"national_id", citizen_id}, sealed, &plain));
	out->national_id = (const char *)plain.data;
	out->outcome = VAULT_OK;
	return OK;
}
