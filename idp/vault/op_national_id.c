/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/vault/ops.h"
#include "idp/vault/ticket.h"
#include "queries_vault.h"

static struct result load(struct op_call *call, const char *citizen_id, struct bytes *sealed)
{
	AUTO_LEASE struct pool_lease lease = {0};
	const struct q_vault_national_id_load_in in = {citizen_id};
	const struct q_vault_national_id_load_row *row = NULL;
	TRY(pool_take(call->vault->pool, &lease));
	TRY(q_vault_national_id_load(lease.db, call->arena, &in, &row));
	if (row)
		*sealed = row->sealed;
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
	const char *citizen_id = ticket_subject(grant);
	TRY(load(call, citizen_id, &sealed));
	if (!sealed.data)
		return OK;
	const struct seal seal = ops_seal(call);
	TRY(seal_open(&seal, (struct seal_name){"national_id", citizen_id}, sealed, &plain));
	out->national_id = (const char *)plain.data;
	out->outcome = VAULT_OK;
	return OK;
}
