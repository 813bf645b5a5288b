/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/vault/ops.h"
#include "idp/vault/ticket.h"
#include "queries_vault.h"

/* Asked twice at most: the second time what another made at the same moment is there. */
#define TRIES 2

/* Whose subject at which client. */
struct pair {
	const char *citizen_id, *client_id;
};

static struct result query_subject(
	struct op_call *call, struct db *db, struct pair pair, bool *found, const char **sub)
{
	AUTO_ROWS struct rows *rows = NULL;
	struct db_args args = db_args(call->arena);
	db_text(&args, pair.citizen_id);
	db_text(&args, pair.client_id);
	TRY(db_query(db, &q_vault_bind_subject, &args, &rows));
	*found = rows_n(rows) == 1;
	if (*found)
		*sub = arena_strdup(call->arena, rows_text(rows, 0, "sub"));
	return OK;
}

/* *sub stays NULL: no such client, or the citizen is locked. */
static struct result subject(struct op_call *call, struct pair pair, const char **sub)
{
	AUTO_LEASE struct pool_lease lease = {0};
	bool found = true;
	TRY(pool_take(call->vault->pool, &lease));
	for (int i = 0; i < TRIES && found && *sub == NULL; i++)
		TRY(query_subject(call, lease.db, pair, &found, sub));
	if (found && *sub == NULL)
		FAIL(ERR_DB);
	return OK;
}

/* A grant lives no longer than the sign-in it stands on; with offline_access, no longer than a
 * refresh token. */
static int64_t expiry(
	const struct op_call *call, const struct vault_bind_in *in, const json_t *sign_in)
{
	struct str_list scopes = str_split(call->arena, in->scope, ' ');
	const int64_t most = str_list_has(&scopes, "offline_access")
				     ? call->now_s + call->vault->settings->refresh_token_ttl_s
				     : json_int(sign_in, "exp", 0);
	return in->expires_at < most ? in->expires_at : most;
}

static void give_grant(struct op_call *call, const struct vault_bind_in *in, json_t *sign_in,
	struct vault_bind_out *out)
{
	AUTO_JSON json_t *claims = json_copy(sign_in);
	out->grant_id = rng_uuid(&call->vault->rng, call->arena);
	json_put(claims, "grant_id", out->grant_id);
	json_put(claims, "sub", out->sub);
	json_put(claims, "client_id", in->client_id);
	json_put(claims, "scope", in->scope);
	json_put_int(claims, "exp", expiry(call, in, sign_in));
	out->grant_ticket = ticket_make(call->arena, call->vault->secrets, TICKET_GRANT, claims);
	out->outcome = VAULT_OK;
}

struct result op_bind(
	struct op_call *call, const struct vault_bind_in *in, struct vault_bind_out *out)
{
	AUTO_JSON json_t *sign_in = NULL;
	out->outcome = VAULT_REFUSED;
	const struct ticket_check check = {call->vault->secrets, TICKET_SIGN_IN, call->now_s};
	if (ticket_open(&check, in->ticket, &sign_in) != TICKET_GOOD)
		return OK;
	const struct pair pair = {json_str(sign_in, "citizen_id"), in->client_id};
	TRY(subject(call, pair, &out->sub));
	if (out->sub)
		give_grant(call, in, sign_in, out);
	return OK;
}
