/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/vault_ops.h"

static const struct {
	const char *name;
	enum vault_outcome outcome;
} outcomes[] = {
	{"ok", VAULT_OK},
	{"refused", VAULT_REFUSED},
	{"wait", VAULT_WAIT},
	{"blocked", VAULT_BLOCKED},
	{"expired", VAULT_EXPIRED},
};

/* "failed", and anything unheard of, is a failure: the caller denies. */
static struct result outcome_of(const json_t *reply, enum vault_outcome *out)
{
	for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
		if (!str_eq(json_str(reply, "outcome"), outcomes[i].name))
			continue;
		*out = outcomes[i].outcome;
		return OK;
	}
	FAIL(ERR_VAULT);
}

/* Send the request (handed over) and read how it ended. *reply is owned by the caller. */
static struct result ask(
	struct vault_call *call, json_t *request, json_t **reply, enum vault_outcome *outcome)
{
	AUTO_JSON json_t *asked = request;
	AUTO_JSON json_t *answer = NULL;
	TRY(vault_call(call, asked, &answer));
	TRY(outcome_of(answer, outcome));
	*reply = answer;
	answer = NULL;
	return OK;
}

/* A text member of the reply, copied into the arena; its absence is a failure. */
static struct result text_of(
	struct arena *arena, const json_t *reply, const char *key, const char **out)
{
	const char *text = json_str(reply, key);
	if (text == NULL)
		FAIL(ERR_VAULT);
	*out = arena_strdup(arena, text);
	return OK;
}

static json_t *request_new(const char *op)
{
	json_t *request = json_object();
	json_put(request, "op", op);
	return request;
}

static json_t *context_json(const struct context *ctx, const struct vault_context *context)
{
	json_t *made = json_object();
	json_put(made, "address", ctx->request->address);
	json_put(made, "user_agent", http_header(ctx->request, "User-Agent"));
	json_put(made, "device_hash", context->device_hash);
	json_put(made, "correlation_id", ctx->request->correlation_id);
	json_put(made, "client_id", context->client_id);
	json_put(made, "session_id", context->session_id);
	return made;
}

struct result vault_password(struct context *ctx, const struct vault_context *context,
	const char *login, const char *password, struct vault_password *out)
{
	AUTO_JSON json_t *reply = NULL;
	struct vault_password made = {0};
	json_t *request = request_new("password");
	json_put(request, "login", login);
	json_put(request, "password", password);
	json_put(request, "transaction", context->transaction);
	json_put_new(request, "context", context_json(ctx, context));
	TRY(ask(ctx->vault, request, &reply, &made.outcome));
	if (made.outcome == VAULT_OK)
		TRY(text_of(ctx->arena, reply, "partial", &made.partial));
	if (made.outcome == VAULT_WAIT)
		made.wait_s = json_int(reply, "wait_s", 1);
	*out = made;
	return OK;
}

static struct result amr_of(struct arena *arena, const json_t *reply, struct str_list *out)
{
	const json_t *list = json_arr(reply, "amr");
	struct str_list made = {NULL, json_array_size(list)};
	if (made.n == 0)
		FAIL(ERR_VAULT);
	made.items = ARENA_ARRAY(arena, const char *, made.n);
	for (size_t i = 0; i < made.n; i++) {
		const char *item = json_string_value(json_array_get(list, i));
		if (item == NULL)
			FAIL(ERR_VAULT);
		made.items[i] = arena_strdup(arena, item);
	}
	*out = made;
	return OK;
}

static struct result sign_in_of(struct arena *arena, const json_t *reply, struct vault_sign_in *out)
{
	TRY(text_of(arena, reply, "ticket", &out->ticket));
	TRY(text_of(arena, reply, "authentication_id", &out->authentication_id));
	TRY(text_of(arena, reply, "citizen_id", &out->citizen_id));
	TRY(text_of(arena, reply, "acr", &out->acr));
	TRY(amr_of(arena, reply, &out->amr));
	out->auth_time_s = json_int(reply, "auth_time", 0);
	if (out->auth_time_s <= 0)
		FAIL(ERR_VAULT);
	return OK;
}

struct result vault_totp(struct context *ctx, const struct vault_context *context,
	const char *partial, const char *code, struct vault_sign_in *out)
{
	AUTO_JSON json_t *reply = NULL;
	struct vault_sign_in made = {0};
	json_t *request = request_new("totp");
	json_put(request, "partial", partial);
	json_put(request, "transaction", context->transaction);
	json_put(request, "code", code);
	json_put_new(request, "context", context_json(ctx, context));
	TRY(ask(ctx->vault, request, &reply, &made.outcome));
	if (made.outcome == VAULT_OK)
		TRY(sign_in_of(ctx->arena, reply, &made));
	*out = made;
	return OK;
}

struct result vault_bind(
	struct context *ctx, const struct vault_bind_request *in, struct vault_bind *out)
{
	AUTO_JSON json_t *reply = NULL;
	struct vault_bind made = {0};
	json_t *request = request_new("bind");
	json_put(request, "ticket", in->ticket);
	json_put(request, "client_id", in->client_id);
	json_put(request, "scope", in->scope);
	json_put_int(request, "expires_at", in->expires_at_s);
	TRY(ask(ctx->vault, request, &reply, &made.outcome));
	if (made.outcome == VAULT_OK) {
		TRY(text_of(ctx->arena, reply, "grant_ticket", &made.grant_ticket));
		TRY(text_of(ctx->arena, reply, "sub", &made.sub));
		TRY(text_of(ctx->arena, reply, "grant_id", &made.grant_id));
	}
	*out = made;
	return OK;
}

static json_t *sign_json(const struct vault_sign_request *in)
{
	json_t *request = request_new("sign");
	json_put(request, "grant_ticket", in->grant_ticket);
	if (in->id_token != NULL) {
		json_put(request, "alg", jose_alg_name(in->id_token_alg));
		json_put_new(request, "id_token", json_deep_copy(in->id_token));
	}
	if (in->access_token != NULL) {
		json_put(request, "access_token_alg", jose_alg_name(in->access_token_alg));
		json_put_new(request, "access_token", json_deep_copy(in->access_token));
	}
	return request;
}

struct result vault_sign(
	struct context *ctx, const struct vault_sign_request *in, struct vault_sign *out)
{
	AUTO_JSON json_t *reply = NULL;
	struct vault_sign made = {0};
	TRY(ask(ctx->vault, sign_json(in), &reply, &made.outcome));
	if (made.outcome == VAULT_OK && in->id_token != NULL)
		TRY(text_of(ctx->arena, reply, "id_token", &made.id_token));
	if (made.outcome == VAULT_OK && in->access_token != NULL) {
		TRY(text_of(ctx->arena, reply, "access_token", &made.access_token));
		TRY(text_of(ctx->arena, reply, "jti", &made.jti));
		made.expires_in_s = json_int(reply, "expires_in", 0);
	}
	*out = made;
	return OK;
}

struct result vault_national_id(struct context *ctx, const char *grant_ticket, const char **out)
{
	AUTO_JSON json_t *reply = NULL;
	enum vault_outcome outcome = VAULT_REFUSED;
	const char *made = NULL;
	json_t *request = request_new("national_id");
	json_put(request, "grant_ticket", grant_ticket);
	TRY(ask(ctx->vault, request, &reply, &outcome));
	if (outcome == VAULT_OK)
		TRY(text_of(ctx->arena, reply, "national_id", &made));
	*out = made;
	return OK;
}

struct result vault_jwks(struct vault_call *call, json_t **keys)
{
	AUTO_JSON json_t *reply = NULL;
	enum vault_outcome outcome = VAULT_REFUSED;
	TRY(ask(call, request_new("jwks"), &reply, &outcome));
	json_t *found = json_object_get(reply, "keys");
	if (outcome != VAULT_OK || !json_is_array(found))
		FAIL(ERR_VAULT);
	*keys = json_incref(found);
	return OK;
}
