/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/ops.h"
#include "idp/base/clock.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/vault/op_types.h"

#define MEMBERS_MAX 8

struct member {
	const char *name;
	enum op_type type;
	bool optional; /* may be null or left out */
};

struct op {
	const char *name;
	unsigned callers; /* a set of enum op_caller */
	op_handler *handler;
	struct member members[MEMBERS_MAX]; /* ended by a NULL name */
};

static const struct op table[] = {
	{"password", OP_WEB, op_password,
		{{"login", OP_TEXT, false}, {"password", OP_TEXT, false},
			{"transaction", OP_TEXT, false}, {"context", OP_CONTEXT, false}}},
	{"totp", OP_WEB, op_totp,
		{{"partial", OP_TEXT, false}, {"transaction", OP_TEXT, false},
			{"code", OP_TEXT, false}, {"context", OP_CONTEXT, false}}},
	{"bind", OP_WEB, op_bind,
		{{"ticket", OP_TEXT, false}, {"client_id", OP_TEXT, false},
			{"scope", OP_TEXT, false}, {"expires_at", OP_INT, false}}},
	{"sign", OP_WEB, op_sign,
		{{"grant_ticket", OP_TEXT, false}, {"alg", OP_ALG, true},
			{"id_token", OP_OBJECT, true}, {"access_token_alg", OP_ALG, true},
			{"access_token", OP_OBJECT, true}}},
	{"national_id", OP_WEB, op_national_id, {{"grant_ticket", OP_TEXT, false}}},
	{"jwks", OP_WEB | OP_ADMIN, op_jwks, {{NULL, OP_TEXT, false}}},
	{"prepare_citizen", OP_ADMIN, op_prepare_citizen,
		{{"citizen_id", OP_UUID, false}, {"national_id", OP_TEXT, true},
			{"alias", OP_TEXT, true}, {"password", OP_TEXT, true},
			{"totp_secret", OP_TEXT, true}, {"sandbox_code", OP_TEXT, true}}},
	{"blind_index", OP_ADMIN, op_blind_index,
		{{"kind", OP_TEXT, false}, {"value", OP_TEXT, false}}},
	{"keys_rotate", OP_ADMIN, op_keys_rotate, {{"alg", OP_ALG, true}, {"now", OP_BOOL, true}}},
	{"status", OP_WEB | OP_ADMIN, op_status, {{NULL, OP_TEXT, false}}},
};

static const struct op *find(const char *name, enum op_caller caller)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (str_eq(name, table[i].name) && (table[i].callers & caller) != 0)
			return &table[i];
	return NULL;
}

static bool member_fits(struct op_call *call, const struct member *member)
{
	const json_t *value = json_object_get(call->request, member->name);
	if (value == NULL || json_is_null(value))
		return member->optional;
	if (member->type == OP_CONTEXT)
		return op_types_context(call->arena, value, &call->context);
	return op_types_fit(member->type, value);
}

/* Every member of the row fits, and every member of the request is one of the row. */
static bool members_fit(struct op_call *call, const struct op *op)
{
	size_t known = 1; /* "op" itself */
	for (size_t i = 0; i < MEMBERS_MAX && op->members[i].name != NULL; i++) {
		if (!member_fits(call, &op->members[i]))
			return false;
		if (json_object_get(call->request, op->members[i].name) != NULL)
			known++;
	}
	return known == json_object_size(call->request);
}

static void run(struct op_call *call, const struct op *op)
{
	const struct result done = op->handler(call);
	if (done.err == ERR_NONE)
		return;
	log_error("vault.failed", "op", op->name, "error", result_name(done.err), "where",
		done.where, "correlation_id", call->context.correlation_id);
	json_object_clear(call->reply);
	json_put(call->reply, "outcome", "failed");
}

bool ops_answer(struct vault *vault, enum op_caller caller, const json_t *request, json_t **reply)
{
	const struct op *op = find(json_str(request, "op"), caller);
	struct op_call call = {.vault = vault, .request = request};
	if (op == NULL) {
		log_warn("vault.refused_request", "error", "no such operation on this socket");
		return false;
	}
	call.arena = arena_new();
	const bool fits = members_fit(&call, op);
	if (fits) {
		call.now_s = clock_now_s(&vault->clock);
		call.reply = json_object();
		run(&call, op);
		*reply = call.reply;
	} else {
		log_warn("vault.refused_request", "op", op->name, "error",
			"a member is missing, unknown or of another type");
	}
	arena_free(call.arena);
	return fits;
}

const char *ops_text(const struct op_call *call, const char *member)
{
	return json_str(call->request, member);
}

struct result ops_outcome(struct op_call *call, const char *outcome)
{
	json_put(call->reply, "outcome", outcome);
	return OK;
}

struct seal ops_seal(const struct op_call *call)
{
	return (struct seal){call->arena, call->vault->secrets, &call->vault->rng};
}
