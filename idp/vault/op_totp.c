/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/vault/event.h"
#include "idp/vault/sandbox_code.h"
#include "idp/vault/ticket.h"
#include "otp/channel.h"
#include "otp/throttle.h"
#include "otp/typed.h"
#include "queries_vault.h"
#include <string.h>

/*
 * The second step. The try is counted as a failure before it is judged, so that no number of
 * parallel guesses is more than the limit; a right one takes that back in the same statement that
 * spends it, knows the device and writes the sign-in's record. Only after that statement's COMMIT
 * is the ticket computed (I1).
 */

/* One factor that the citizen has and that could be tried. */
struct factor {
	const struct channel *channel; /* NULL: not there */
	struct bytes secret;
	int64_t last_step;
	const struct query *accept; /* makes a right code good */
};

struct attempt {
	const struct vault_totp_in *in;
	struct vault_totp_out *out;
	const char *citizen_id, *authentication_id;
	int64_t partial_exp_s;
	bool locked, bound;
	struct factor totp, sandbox;
	const char *reason; /* of a refusal */
	const struct factor *right;
	int64_t step;
};

static struct result refuse(struct op_call *call, struct db *db, const struct attempt *attempt,
	const char *reason, enum vault_outcome outcome)
{
	const struct event event = {.kind = "totp",
		.outcome = "refused",
		.reason = reason,
		.citizen_id = attempt->citizen_id,
		.authentication_id = attempt->authentication_id};
	TRY(event_write(db, call, &event));
	attempt->out->outcome = outcome;
	return OK;
}

/* Read the partial ticket. False: not ours, too old, or of another transaction. */
static bool read_partial(struct op_call *call, struct attempt *attempt)
{
	AUTO_JSON json_t *claims = NULL;
	const struct ticket_check check = {call->vault->secrets, TICKET_PARTIAL, call->now_s};
	const enum ticket_verdict verdict = ticket_open(&check, attempt->in->partial, &claims);
	if (verdict == TICKET_FOREIGN)
		return false;
	attempt->citizen_id = arena_strdup(call->arena, json_str(claims, "citizen_id"));
	attempt->authentication_id =
		arena_strdup(call->arena, json_str(claims, "authentication_id"));
	attempt->partial_exp_s = json_int(claims, "exp", 0);
	return verdict == TICKET_GOOD &&
	       crypto_equal_text(json_str(claims, "transaction"), attempt->in->transaction);
}

static bool sandbox(const struct op_call *call)
{
	return call->vault->settings->mode == MODE_SANDBOX;
}

/* Open the seed and take the sandbox code's hash, of those factors that were counted. */
static struct result read_factors(
	struct op_call *call, const struct rows *rows, struct attempt *attempt)
{
	const struct seal seal = ops_seal(call);
	const struct bytes seed = rows_bytes(call->arena, rows, 0, "totp");
	const struct bytes code = rows_bytes(call->arena, rows, 0, "sandbox_code");
	if (seed.data != NULL) {
		attempt->totp = (struct factor){.channel = channel_find("totp"),
			.last_step = rows_int(rows, 0, "last_step", 0),
			.accept = &q_vault_totp_accept};
		TRY(seal_open(&seal, (struct seal_name){"totp", attempt->citizen_id}, seed,
			&attempt->totp.secret));
	}
	if (code.data != NULL)
		attempt->sandbox = (struct factor){.channel = channel_find("sandbox_code"),
			.secret = code,
			.accept = &q_vault_sandbox_code_accept};
	return OK;
}

static struct result count(struct op_call *call, struct db *db, struct attempt *attempt)
{
	AUTO_ROWS struct rows *rows = NULL;
	struct db_args args = db_args(call->arena);
	db_text(&args, attempt->citizen_id);
	db_int(&args, THROTTLE_FACTOR_FAILURES_MAX);
	db_bool(&args, sandbox(call));
	TRY(db_query(db, &q_vault_factor_count, &args, &rows));
	if (rows_n(rows) == 0)
		return OK; /* gone since the first step */
	attempt->locked = rows_bool(rows, 0, "locked");
	attempt->bound = rows_bool(rows, 0, "bound");
	return read_factors(call, rows, attempt);
}

static struct result judge_one(struct op_call *call, const struct factor *factor, const char *code,
	struct attempt *attempt)
{
	uint8_t hash[SHA256_LEN];
	struct channel_decision decision;
	if (factor->channel == NULL || (factor->channel->sandbox_only && !sandbox(call)))
		return OK;
	sandbox_code_hash(call->arena, call->vault->secrets, attempt->citizen_id, code, hash);
	const struct channel_facts facts = {.code = code,
		.code_hash = {hash, sizeof hash},
		.secret = factor->secret,
		.last_step = factor->last_step,
		.now_s = call->now_s};
	TRY(factor->channel->judge(&facts, &decision));
	if (decision.good && attempt->right == NULL) {
		attempt->right = factor;
		attempt->step = decision.step;
	}
	if (attempt->reason == NULL || str_eq(decision.reason, "replayed"))
		attempt->reason = decision.reason;
	return OK;
}

/* Every factor is judged, whichever fits. */
static struct result judge(struct op_call *call, struct attempt *attempt)
{
	const char *code = typed_code(call->arena, attempt->in->code);
	TRY(judge_one(call, &attempt->totp, code, attempt));
	TRY(judge_one(call, &attempt->sandbox, code, attempt));
	if (attempt->locked)
		attempt->reason = "locked";
	else if (attempt->totp.channel == NULL && attempt->sandbox.channel == NULL)
		attempt->reason = "no_factor";
	return OK;
}

struct sign_in {
	const struct channel *channel;
	struct str_list amr;
	const char *acr;
};

static struct sign_in sign_in_of(struct op_call *call, const struct attempt *attempt)
{
	const struct channel *channel = attempt->right->channel;
	return (struct sign_in){
		channel, channel_amr(call->arena, channel), level_acr(channel->level)};
}

/* One statement makes it so. *done false: something of it was spent at the same moment. */
static struct result accept(struct op_call *call, struct db *db, const struct attempt *attempt,
	const struct sign_in *sign_in, bool *done)
{
	AUTO_ROWS struct rows *rows = NULL;
	const struct bytes device = call->context.device_hash;
	const char *detail =
		arena_printf(call->arena, "{\"channel\":\"%s\"}", sign_in->channel->name);
	const struct event event = {.kind = "totp",
		.outcome = "ok",
		.citizen_id = attempt->citizen_id,
		.authentication_id = attempt->authentication_id,
		.acr = sign_in->acr,
		.amr = db_text_array(call->arena, sign_in->amr.items, sign_in->amr.n),
		.detail = detail};
	const struct factor *other =
		attempt->right == &attempt->totp ? &attempt->sandbox : &attempt->totp;
	struct db_args args = event_args(call, &event);
	db_int(&args, attempt->step);
	db_int(&args, attempt->partial_exp_s);
	db_bytes(&args, device.data, device.len);
	db_text(&args, detail);
	db_bool(&args, other->channel != NULL);
	TRY(db_query(db, attempt->right->accept, &args, &rows));
	*done = rows_n(rows) == 1;
	return OK;
}

static json_t *texts(const struct str_list *list)
{
	json_t *array = json_array();
	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(array, json_string(list->items[i]));
	return array;
}

/* What the ticket says and the reply says are the same. */
static void give_ticket(
	struct op_call *call, const struct attempt *attempt, const struct sign_in *sign_in)
{
	struct vault_totp_out *const out = attempt->out;
	AUTO_JSON json_t *claims = json_object();
	json_put(claims, "authentication_id", attempt->authentication_id);
	json_put(claims, "citizen_id", attempt->citizen_id);
	json_put(claims, "acr", sign_in->acr);
	json_put_new(claims, "amr", texts(&sign_in->amr));
	json_put_int(claims, "auth_time", call->now_s);
	json_put_int(claims, "exp", call->now_s + call->vault->settings->session_absolute_s);
	*out = (struct vault_totp_out){
		.outcome = VAULT_OK,
		.ticket = ticket_make(call->arena, call->vault->secrets, TICKET_SIGN_IN, claims),
		.authentication_id = attempt->authentication_id,
		.citizen_id = attempt->citizen_id,
		.acr = sign_in->acr,
		.amr = sign_in->amr,
		.auth_time = call->now_s,
	};
}

static struct result finish(struct op_call *call, struct db *db, const struct attempt *attempt)
{
	bool done = false;
	if (attempt->right == NULL || attempt->locked)
		return refuse(call, db, attempt, attempt->reason, VAULT_REFUSED);
	const struct sign_in sign_in = sign_in_of(call, attempt);
	TRY(accept(call, db, attempt, &sign_in, &done));
	if (!done)
		return refuse(call, db, attempt, "replayed", VAULT_REFUSED);
	give_ticket(call, attempt, &sign_in);
	return OK;
}

struct result op_totp(
	struct op_call *call, const struct vault_totp_in *in, struct vault_totp_out *out)
{
	AUTO_LEASE struct pool_lease lease = {0};
	struct attempt attempt = {.in = in, .out = out};
	const bool ours = read_partial(call, &attempt);
	TRY(pool_take(call->vault->pool, &lease));
	if (!ours)
		return refuse(call, lease.db, &attempt, "partial_expired", VAULT_EXPIRED);
	TRY(count(call, lease.db, &attempt));
	if (attempt.bound && attempt.totp.channel == NULL && attempt.sandbox.channel == NULL)
		return refuse(call, lease.db, &attempt, "blocked", VAULT_BLOCKED);
	TRY(judge(call, &attempt));
	return finish(call, lease.db, &attempt);
}
