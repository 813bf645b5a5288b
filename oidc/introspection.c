/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/introspection.h"

static bool is_active(const struct introspection *in)
{
	const struct token_facts *facts = in->facts;
	if (!facts->found || !str_eq(facts->client_id, in->client_id))
		return false;
	if (token_decide_grant_dead(&facts->grant))
		return false;
	if (in->access)
		return str_eq(in->access->client_id, in->client_id) &&
		       in->access->exp_s > in->now_s;
	return !facts->spent && !facts->expired;
}

json_t *introspection_answer(const struct introspection *in)
{
	const struct access_token *access = in->access;
	json_t *answer = json_object();
	bool active = is_active(in);
	json_put_flag(answer, "active", active);
	if (!active)
		return answer;
	json_put(answer, "iss", in->issuer);
	json_put(answer, "client_id", in->client_id);
	json_put(answer, "sub", in->sub);
	json_put(answer, "scope", access ? access->scope : in->facts->grant.scope);
	json_put_int(answer, "exp", access ? access->exp_s : in->facts->expires_at_s);
	if (!access)
		return answer;
	json_put(answer, "token_type", "Bearer");
	json_put(answer, "aud", in->issuer);
	json_put(answer, "jti", access->jti);
	json_put_int(answer, "iat", access->iat_s);
	json_put(answer, "acr", access->acr);
	if (access->auth_time_s >= 0)
		json_put_int(answer, "auth_time", access->auth_time_s);
	return answer;
}
