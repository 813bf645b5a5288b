/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/grant_ticket.h"
#include "idp/vault/ops.h"
#include "idp/vault/ticket.h"
#include "queries_vault.h"

/* Asked twice at most: the second time what another made at the same moment is there. */
#define TRIES 2

/* *sub stays NULL: no such client of that version, or the citizen is locked. */
static struct result query_sub(struct op_call *call, const struct subs_key *key, const char **sub)
{
	AUTO_LEASE struct pool_lease lease = {0};
	const struct q_vault_bind_subject_in in = {
		key->subject_id, key->client_id, key->client_version};
	TRY(pool_take(call->vault->pool, &lease));
	for (int i = 0; i < TRIES; i++) {
		const struct q_vault_bind_subject_row *row = NULL;
		TRY(q_vault_bind_subject(lease.db, call->arena, &in, &row));
		if (row)
			*sub = row->sub;
		if (!row || row->sub)
			return OK;
	}
	FAIL(ERR_DB);
}

static struct result find_sub(struct op_call *call, const struct subs_key *key, const char **sub)
{
	struct subs *const subs = call->vault->subs;
	*sub = subs_find(subs, call->arena, key, call->now_ms);
	if (*sub)
		return OK;
	TRY(query_sub(call, key, sub));
	if (*sub)
		subs_put(subs, key, *sub, call->now_ms);
	return OK;
}

struct result op_bind(
	struct op_call *call, const struct vault_bind_in *in, struct vault_bind_out *out)
{
	AUTO_JSON json_t *sign_in = NULL;
	out->outcome = VAULT_REFUSED;
	const struct ticket_check check = {call->vault->secrets, TICKET_SIGN_IN, call->now_s};
	if (ticket_open(&check, in->ticket, &sign_in) != TICKET_GOOD)
		return OK;
	const struct subs_key key = {ticket_subject(sign_in), in->client_id, in->client_version};
	TRY(find_sub(call, &key, &out->sub));
	if (!out->sub)
		return OK;
	const struct grant_given given = {
		in->client_id, in->scope, in->grant_id, out->sub, in->expires_at};
	out->grant_ticket = grant_ticket_make(call, sign_in, &given);
	out->outcome = VAULT_OK;
	return OK;
}
