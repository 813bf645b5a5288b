/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/log.h"
#include "idp/vault/grant_ticket.h"
#include "idp/vault/ops.h"
#include "idp/vault/ticket.h"
#include "queries_vault.h"

/* Asked twice at most: the second time what another made at the same moment is there. */
#define TRIES 2

/* Sets sub and the outcome: without a sub it is VAULT_CHANGED or VAULT_REFUSED. */
static struct result query_sub(
	struct op_call *call, const struct subs_key *key, struct vault_bind_results_item *out)
{
	AUTO_LEASE struct pool_lease lease = {0};
	const struct q_vault_bind_subject_in in = {
		key->subject_id, key->client_id, key->client_version};
	TRY(pool_take(call->vault->pool, &lease));
	for (int i = 0; i < TRIES; i++) {
		struct q_vault_bind_subject_row row = {0};
		TRY(q_vault_bind_subject(lease.db, call->arena, &in, &row));
		out->outcome = row.client_fits ? VAULT_REFUSED : VAULT_CHANGED;
		out->sub = row.sub;
		if (row.sub || !row.client_fits || !row.subject_fits)
			return OK;
	}
	FAIL(ERR_DB);
}

static struct result find_sub(
	struct op_call *call, const struct subs_key *key, struct vault_bind_results_item *out)
{
	struct subs *const subs = call->vault->subs;
	out->sub = subs_find(subs, call->arena, key, call->now_ms);
	if (out->sub)
		return OK;
	TRY(query_sub(call, key, out));
	if (out->sub)
		subs_put(subs, key, out->sub, call->now_ms);
	return OK;
}

static struct result bind_job(struct op_call *call, const struct vault_bind_jobs_item *in,
	struct vault_bind_results_item *out)
{
	AUTO_JSON json_t *sign_in = NULL;
	out->outcome = VAULT_REFUSED;
	const struct ticket_check check = {call->vault->secrets, TICKET_SIGN_IN, call->now_s};
	if (ticket_open(&check, in->ticket, &sign_in) != TICKET_GOOD)
		return OK;
	const struct subs_key key = {ticket_subject(sign_in), in->client_id, in->client_version};
	TRY(find_sub(call, &key, out));
	if (!out->sub)
		return OK;
	const struct grant_given given = {
		in->client_id, in->scope, in->grant_id, out->sub, in->expires_at};
	out->grant_ticket = grant_ticket_make(call, sign_in, &given);
	out->outcome = VAULT_OK;
	return OK;
}

/* A job that fails is logged and takes none of the others with it. */
struct result op_bind(
	struct op_call *call, const struct vault_bind_in *in, struct vault_bind_out *out)
{
	struct vault_bind_results_item *const results =
		ARENA_ARRAY(call->arena, struct vault_bind_results_item, in->jobs.n);
	for (size_t i = 0; i < in->jobs.n; i++) {
		const struct result done = bind_job(call, &in->jobs.items[i], &results[i]);
		if (done.err == ERR_NONE)
			continue;
		log_error("vault.failed", "op", "bind", "error", result_name(done.err), "where",
			done.where);
		results[i] = (struct vault_bind_results_item){.outcome = VAULT_FAILED};
	}
	out->results.items = results;
	out->results.n = in->jobs.n;
	out->outcome = VAULT_OK;
	return OK;
}
