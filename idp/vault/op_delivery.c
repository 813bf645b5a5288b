/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/vault/event.h"
#include "idp/vault/partial.h"
#include "idp/vault/sent_code.h"
#include "queries_vault.h"

/* A message that is being handed over is one that waits, to whom it is for; one that was not tried
 * in its time has failed. */
static const char *told(const char *state)
{
	if (!state || str_eq(state, "claimed"))
		return "waiting";
	return str_eq(state, "expired") ? "failed" : state;
}

struct result op_delivery(
	struct op_call *call, const struct vault_delivery_in *in, struct vault_delivery_out *out)
{
	AUTO_LEASE struct pool_lease lease = {0};
	struct partial partial;
	const struct q_vault_challenge_state_row *row = NULL;
	const enum ticket_verdict verdict =
		partial_read(call, in->partial, in->transaction, &partial);
	if (verdict != TICKET_GOOD) {
		event_tally(call, "code_sent", partial_reason(verdict));
		out->outcome = VAULT_EXPIRED;
		return OK;
	}
	const struct q_vault_challenge_state_in asked = {partial.authentication_id, in->kind};
	TRY(pool_take(call->vault->pool, &lease));
	TRY(q_vault_challenge_state(lease.db, call->arena, &asked, &row));
	out->outcome = row ? VAULT_OK : VAULT_REFUSED;
	if (!row)
		return OK;
	out->state = told(row->state);
	out->sent_at = row->sent_s;
	out->expires_at = row->expires_s;
	out->resend_at = row->sent_s + CHALLENGE_RESEND_S;
	out->tries_left = row->expires_s > call->now_s ? CHALLENGE_TRIES - row->tries : 0;
	return OK;
}
