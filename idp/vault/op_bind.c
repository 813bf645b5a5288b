/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/vault/ops.h"
#include "idp/vault/ticket.h"
#include "queries_vault.h"

/* Asked twice at most: the second time what another made at the same moment is there. */
#define TRIES 2

static struct result query_subject(
	struct op_call *call, struct db *db, const char *citizen_id, bool *found, const char **sub)
{
	AUTO_ROWS struct rows *rows = NULL;
	struct db_args args = db_args(call->arena);
	db_text(&args, citizen_id);
	db_text(&args, ops_text(call, "client_id"));
	TRY(db_query(db, &q_vault_bind_subject, &args, &rows));
	*found = rows_n(rows) == 1;
	if (*found)
		*sub = arena_strdup(call->arena, rows_text(rows, 0, "sub"));
	return OK;
}

/* *sub stays NULL: no such client, or the citizen is locked. */
static struct result subject(struct op_call *call, const char *citizen_id, const char **sub)
{
	AUTO_LEASE struct pool_lease lease = {0};
	bool found = true;
	TRY(pool_take(call->vault->pool, &lease));
	for (int i = 0; i < TRIES && found && *sub == NULL; i++)
		TRY(query_subject(call, lease.db, citizen_id, &found, sub));
	if (found && *sub == NULL)
		FAIL(ERR_DB);
	return OK;
}

/* A grant lives no longer than the sign-in it stands on; with offline_access, no longer than a
 * refresh token. */
static int64_t expiry(const struct op_call *call, const json_t *sign_in)
{
	struct str_list scopes = str_split(call->arena, ops_text(call, "scope"), ' ');
	const int64_t asked = json_int(call->request, "expires_at", 0);
	const int64_t most = str_list_has(&scopes, "offline_access")
				     ? call->now_s + call->vault->settings->refresh_token_ttl_s
				     : json_int(sign_in, "exp", 0);
	return asked < most ? asked : most;
}

static void give_grant(struct op_call *call, json_t *sign_in, const char *sub)
{
	AUTO_JSON json_t *claims = json_copy(sign_in);
	const char *grant_id = rng_uuid(&call->vault->rng, call->arena);
	json_put(claims, "grant_id", grant_id);
	json_put(claims, "sub", sub);
	json_put(claims, "client_id", ops_text(call, "client_id"));
	json_put(claims, "scope", ops_text(call, "scope"));
	json_put_int(claims, "exp", expiry(call, sign_in));
	json_put(call->reply, "grant_ticket",
		ticket_make(call->arena, call->vault->secrets, TICKET_GRANT, claims));
	json_put(call->reply, "sub", sub);
	json_put(call->reply, "grant_id", grant_id);
}

struct result op_bind(struct op_call *call)
{
	AUTO_JSON json_t *sign_in = NULL;
	const char *sub = NULL;
	const struct ticket_check check = {call->vault->secrets, TICKET_SIGN_IN, call->now_s};
	if (ticket_open(&check, ops_text(call, "ticket"), &sign_in) != TICKET_GOOD)
		return ops_outcome(call, "refused");
	TRY(subject(call, json_str(sign_in, "citizen_id"), &sub));
	if (sub == NULL)
		return ops_outcome(call, "refused");
	give_grant(call, sign_in, sub);
	return ops_outcome(call, "ok");
}
