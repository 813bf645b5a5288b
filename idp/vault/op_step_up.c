/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/handle.h"
#include "idp/vault/event.h"
#include "idp/vault/factor_list.h"
#include "idp/vault/partial.h"
#include "queries_vault.h"

/*
 * A session that is too low for an agency proves more. Its ticket shows that password and factor
 * were right, and when; what is proven next is added to that. The ticket does not know whether the
 * session lives: the web role asked the database, and who holds a ticket alone must still prove the
 * factor. But what was proven before the credentials changed proves nothing here.
 */

static struct result refuse(const struct op_call *call, struct vault_step_up_out *out)
{
	event_tally(call, "factor", "step_up");
	out->outcome = VAULT_REFUSED;
	return OK;
}

static const char *partial_of(const struct op_call *call, const struct vault_step_up_in *in,
	const json_t *ticket, int64_t credentials_us)
{
	AUTO_JSON json_t *claims = json_object();
	const int64_t ends = json_int(ticket, "exp", 0);
	const int64_t exp = call->now_s + TICKET_PARTIAL_TTL_S;
	json_put(claims, "authentication_id",
		handle_uuid(&call->vault->rng, call->arena, call->now_ms));
	json_put(claims, "subject_id", ticket_subject(ticket));
	json_put(claims, "actor_id", ticket_actor(ticket));
	json_put(claims, "transaction", in->transaction);
	json_put_int(claims, "credentials_us", credentials_us);
	json_put_int(claims, "auth_time", json_int(ticket, "auth_time", 0));
	json_put_new(claims, "amr", json_copy((json_t *)(uintptr_t)json_arr(ticket, "amr")));
	json_put_int(claims, "exp", exp < ends ? exp : ends);
	return ticket_make(call->arena, call->vault->secrets, TICKET_PARTIAL, claims);
}

static struct result load(
	const struct op_call *call, const json_t *ticket, struct q_vault_step_up_rows *out)
{
	AUTO_LEASE struct pool_lease lease = {0};
	const struct q_vault_step_up_in in = {
		ticket_subject(ticket), json_str(ticket, "authentication_id")};
	TRY(pool_take(call->vault->pool, &lease));
	return q_vault_step_up(lease.db, call->arena, &in, out);
}

static struct result give_factors(const struct op_call *call, const char *citizen_id,
	const struct q_vault_step_up_rows *rows, struct vault_step_up_out *out)
{
	struct factor_list list = factor_list_new(call, rows->n);
	for (size_t i = 0; i < rows->n && rows->items[i].kind; i++) {
		const struct factor_stored stored = {rows->items[i].kind, citizen_id,
			rows->items[i].secret, rows->items[i].blocked};
		TRY(factor_list_add(call, &list, &stored));
	}
	struct vault_step_up_factors_item *const items =
		ARENA_ARRAY(call->arena, struct vault_step_up_factors_item, list.n + 1);
	for (size_t i = 0; i < list.n; i++)
		items[i] = (struct vault_step_up_factors_item){list.items[i].factor->kind,
			level_acr(list.items[i].factor->level), list.items[i].hint,
			list.items[i].factor->channels != 0};
	out->factors.items = items;
	out->factors.n = list.n;
	return OK;
}

struct result op_step_up(
	struct op_call *call, const struct vault_step_up_in *in, struct vault_step_up_out *out)
{
	AUTO_JSON json_t *ticket = NULL;
	struct q_vault_step_up_rows rows = {0};
	const struct ticket_check check = {call->vault->secrets, TICKET_SIGN_IN, call->now_s};
	if (ticket_open(&check, in->ticket, &ticket) != TICKET_GOOD)
		return refuse(call, out);
	TRY(load(call, ticket, &rows));
	if (rows.n == 0)
		return refuse(call, out);
	TRY(give_factors(call, ticket_subject(ticket), &rows, out));
	out->partial = partial_of(call, in, ticket, rows.items[0].credentials_us);
	out->outcome = VAULT_OK;
	return OK;
}
