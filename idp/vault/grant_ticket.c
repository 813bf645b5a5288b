/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/grant_ticket.h"
#include "idp/base/str.h"
#include "idp/vault/ticket.h"

static int64_t expiry(
	const struct op_call *call, const json_t *sign_in, const struct grant_given *given)
{
	const struct str_list scopes = str_split(call->arena, given->scope, ' ');
	const int64_t most = str_list_has(&scopes, "offline_access")
				     ? call->now_s + call->vault->settings->refresh_token_ttl_s
				     : json_int(sign_in, "exp", 0);
	return given->expires_at_s < most ? given->expires_at_s : most;
}

const char *grant_ticket_make(
	struct op_call *call, const json_t *sign_in, const struct grant_given *given)
{
	AUTO_JSON json_t *claims = json_copy((json_t *)(uintptr_t)sign_in);
	json_put(claims, "subject_id", ticket_subject(sign_in));
	json_put(claims, "actor_id", ticket_actor(sign_in));
	(void)json_object_del(claims, "citizen_id");
	json_put(claims, "grant_id", given->grant_id);
	json_put(claims, "sub", given->sub);
	json_put(claims, "client_id", given->client_id);
	json_put(claims, "scope", given->scope);
	json_put_int(claims, "exp", expiry(call, sign_in, given));
	return ticket_make(call->arena, call->vault->secrets, TICKET_GRANT, claims);
}
