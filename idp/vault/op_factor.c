/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/event.h"
#include "idp/vault/factor_secret.h"
#include "idp/vault/grant_ticket.h"
#include "idp/vault/partial.h"
#include "idp/vault/sent_code.h"
#include "otp/factor_judge.h"
#include "otp/typed.h"
#include "queries_vault.h"

/*
 * The second step: one transaction. A statement locks the citizen's factors and loads them; the
 * code is judged under that lock, so that guesses are counted one after the other and a code and a
 * partial ticket are spent once; a statement stores how it ended. A refused try changes its own
 * count and nothing else. Only after the COMMIT are the tickets computed (I1).
 */

struct attempt {
	struct op_call *call;
	const struct vault_factor_in *in;
	struct vault_factor_out *out;
	struct partial partial;
	const struct factor *sent; /* the kind that the code is for, if its codes are sent */
	struct sent_code sent_code;
	bool writes;
	struct bytes device; /* no data: len 0 */
	struct q_vault_factor_begin_rows rows; /* at least one */
	struct factor_judgement judged;
};

static const struct q_vault_factor_begin_row *facts(const struct attempt *attempt)
{
	return &attempt->rows.items[0];
}

static bool wants_grant(const struct vault_factor_in *in)
{
	return in->client_id && in->has_client_version && in->scope && in->grant_id &&
	       in->has_grant_expires_at;
}

static struct result begin(struct db *db, struct attempt *attempt)
{
	const struct q_vault_factor_begin_in in = {attempt->partial.subject_id, attempt->device,
		attempt->partial.authentication_id, attempt->partial.exp_s};
	TRY(db_begin_with_next(db));
	return q_vault_factor_begin(db, attempt->call->arena, &in, &attempt->rows);
}

static struct result bound_of(const struct attempt *attempt,
	const struct q_vault_factor_begin_row *row, const char *code, struct factor_bound *out)
{
	const struct op_call *const call = attempt->call;
	const struct seal seal = ops_seal(call);
	const struct factor_owner owner = {out->factor, attempt->partial.subject_id};
	out->facts = (struct factor_facts){.code = code,
		.counter = row->counter,
		.steps_from_s = row->steps_from_s,
		.now_s = call->now_s};
	out->blocked = row->blocked;
	out->failures = row->failures;
	out->since_ms = row->since_ms;
	out->total = row->total;
	TRY(factor_secret_facts(&seal, owner, row->secret, &out->facts));
	if (out->factor != attempt->sent || !attempt->sent_code.challenge_id)
		return OK;
	out->facts.sent_hash = attempt->sent_code.hash;
	out->facts.code_hash = sent_code_hash(call, attempt->sent_code.challenge_id, code);
	return OK;
}

/* A factor of a kind that this build does not know cannot be tried, nor one whose code is sent,
 * unless it is asked for. */
static struct result judge(struct db *db, struct attempt *attempt)
{
	const struct op_call *const call = attempt->call;
	const char *const code = typed_code(call->arena, attempt->in->code);
	struct factor_bound *const bound =
		ARENA_ARRAY(call->arena, struct factor_bound, attempt->rows.n);
	struct factor_try in = {.items = bound,
		.kind = attempt->in->kind,
		.sandbox = call->vault->settings->mode == MODE_SANDBOX};
	if (attempt->sent)
		TRY(sent_code_take(call, db, attempt->partial.authentication_id,
			attempt->sent->kind, &attempt->sent_code));
	for (size_t i = 0; i < attempt->rows.n; i++) {
		const struct q_vault_factor_begin_row *const row = &attempt->rows.items[i];
		const struct factor *const factor = factor_find(call->vault->factors, row->kind);
		if (!factor || (factor->channels && factor != attempt->sent))
			continue;
		bound[in.n].factor = factor;
		TRY(bound_of(attempt, row, code, &bound[in.n]));
		in.n++;
	}
	return factor_judge(call->arena, &in, &attempt->judged);
}

/* The next statement is the transaction's last. */
static void last(struct db *db, struct attempt *attempt)
{
	attempt->writes = true;
	db_commit_with_next(db);
}

/* A refusal before the code was judged: it ends this sign-in, and so is one row. */
static struct result refuse(
	struct db *db, struct attempt *attempt, const char *reason, enum vault_outcome outcome)
{
	const struct op_call *const call = attempt->call;
	last(db, attempt);
	const struct q_vault_factor_refused_in in = {
		.reason = reason,
		.factor = attempt->in->kind,
		.subject_id = attempt->partial.subject_id,
		.partial_expires_s = attempt->partial.exp_s,
		.authentication_id = attempt->partial.authentication_id,
		EVENT_CONTEXT(call),
	};
	db_commit_with_next(db);
	TRY(q_vault_factor_refused(db, call->arena, &in, NULL));
	attempt->out->outcome = outcome;
	return OK;
}

/* A refusal that may be had again and again with the same ticket, and delays nobody: no row of its
 * own (I9). */
static struct result count(
	const struct attempt *attempt, const char *reason, enum vault_outcome outcome)
{
	event_tally(attempt->call, "factor", reason);
	attempt->out->outcome = outcome;
	return OK;
}

static struct result write_wrong(struct db *db, struct attempt *attempt)
{
	const struct op_call *const call = attempt->call;
	const bool of_no_more_use = attempt->sent && attempt->sent_code.tries >= CHALLENGE_TRIES;
	const struct factor_judgement *const judged = &attempt->judged;
	const struct q_vault_factor_wrong_in in = {
		.subject_id = attempt->partial.subject_id,
		.device_hash = attempt->device,
		.known_device = facts(attempt)->known_device,
		.kinds = judged->tried,
		.blocked = judged->blocked,
		.reason = judged->reason,
		.factor = str_join(call->arena, &judged->tried, " "),
		.authentication_id = attempt->partial.authentication_id,
		EVENT_CONTEXT(call),
	};
	last(db, attempt);
	TRY(q_vault_factor_wrong(db, call->arena, &in, NULL));
	attempt->out->outcome = of_no_more_use ? VAULT_CHANGED : VAULT_REFUSED;
	return OK;
}

/* The device's hash from here on: a new one, or the one it has; no data: none. */
static struct bytes device_after(const struct attempt *attempt)
{
	if (attempt->in->new_device_hash.data)
		return attempt->in->new_device_hash;
	return attempt->call->context.device_hash;
}

/* What was proven now, and before by the session that steps up; each method once. */
static struct str_list methods(const struct attempt *attempt)
{
	struct arena *const arena = attempt->call->arena;
	const struct str_list now = factor_amr(arena, attempt->judged.right->factor);
	const struct str_list *const before = &attempt->partial.amr;
	struct str_list all = {ARENA_ARRAY(arena, const char *, now.n + before->n + 1), 0};
	for (size_t i = 0; i < now.n + before->n; i++) {
		const char *const one = i < before->n ? before->items[i] : now.items[i - before->n];
		if (!str_list_has(&all, one))
			all.items[all.n++] = one;
	}
	return all;
}

/* Nothing that is proven later makes the password's proof any younger. */
static int64_t proven_at(const struct attempt *attempt)
{
	const int64_t before_s = attempt->partial.auth_time_s;
	return before_s > 0 ? before_s : attempt->call->now_s;
}

/* Are there wrong codes, of whatever device? */
static bool has_failures(const struct attempt *attempt)
{
	for (size_t i = 0; i < attempt->rows.n; i++)
		if (attempt->rows.items[i].total > 0)
			return true;
	return facts(attempt)->stopped > 0;
}

static struct result settle(struct db *db, struct attempt *attempt)
{
	const struct q_vault_factor_settle_in in = {
		.subject_id = attempt->partial.subject_id,
		.device_hash = attempt->device,
		.earned = attempt->judged.earned,
		.stopped = facts(attempt)->stopped,
	};
	last(db, attempt);
	return q_vault_factor_settle(db, attempt->call->arena, &in, NULL);
}

/* Failures are forgotten only once the statement that spends has found something to spend, so the
 * COMMIT goes with it only where there are none. */
static struct result write_right(struct db *db, struct attempt *attempt)
{
	const struct op_call *const call = attempt->call;
	const bool failed = has_failures(attempt);
	const struct factor *const factor = attempt->judged.right->factor;
	const bool grant = wants_grant(attempt->in);
	const struct q_vault_factor_right_in in = {
		.subject_id = attempt->partial.subject_id,
		.factor = factor->kind,
		.step = attempt->judged.step,
		.step_null = !factor->has_steps,
		.partial_expires_s = attempt->partial.exp_s,
		.device_hash = attempt->device,
		.new_device_hash = device_after(attempt),
		.acr = level_acr(factor->level),
		.amr = methods(attempt),
		.grant_client_id = grant ? attempt->in->client_id : NULL,
		.client_version = attempt->in->client_version,
		.client_version_null = !grant,
		.authentication_id = attempt->partial.authentication_id,
		EVENT_CONTEXT(call),
	};
	const struct q_vault_factor_right_row *row = NULL;
	if (!failed)
		last(db, attempt);
	TRY(q_vault_factor_right(db, call->arena, &in, &row));
	if (!row) /* spent since it was looked at, though the lock is held: what is not known is
		     denied */
		FAIL(ERR_DB);
	if (failed)
		TRY(settle(db, attempt));
	attempt->out->sub = row->sub;
	attempt->out->outcome = VAULT_OK;
	return OK;
}

/* Judge and write; the COMMIT goes with the last statement, and the caller makes sure of it. */
static struct result judge_and_write(struct db *db, struct attempt *attempt)
{
	if (attempt->rows.n == 0)
		return refuse(db, attempt, "no_factor", VAULT_REFUSED);
	if (facts(attempt)->credentials_us != attempt->partial.credentials_us)
		return refuse(db, attempt, "credentials_changed", VAULT_EXPIRED);
	if (facts(attempt)->spent)
		return count(attempt, "partial_spent", VAULT_EXPIRED);
	if (facts(attempt)->locked)
		return refuse(db, attempt, "locked", VAULT_REFUSED);
	TRY(judge(db, attempt));
	switch (attempt->judged.verdict) {
	case FACTOR_RIGHT:
		return write_right(db, attempt);
	case FACTOR_WRONG:
		return write_wrong(db, attempt);
	case FACTOR_WAIT:
		attempt->out->wait_s = attempt->judged.wait_s;
		return count(attempt, "wait", VAULT_WAIT);
	case FACTOR_BLOCKED:
		return count(attempt, attempt->judged.reason, VAULT_BLOCKED);
	case FACTOR_LATE:
		return count(attempt, attempt->judged.reason, VAULT_CHANGED);
	case FACTOR_NONE:
		if (!attempt->in->kind) /* not one: another code is of no use */
			return refuse(db, attempt, attempt->judged.reason, VAULT_REFUSED);
		return count(attempt, attempt->judged.reason, VAULT_REFUSED);
	}
	FAIL(ERR_BOUNDS);
}

static json_t *texts(const struct str_list *list)
{
	json_t *const array = json_array();
	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(array, json_string(list->items[i]));
	return array;
}

static void give_grant(const struct attempt *attempt, const json_t *sign_in)
{
	struct op_call *const call = attempt->call;
	const struct vault_factor_in *const in = attempt->in;
	const struct grant_given given = {
		in->client_id, in->scope, in->grant_id, attempt->out->sub, in->grant_expires_at};
	const struct subs_key key = {
		attempt->partial.subject_id, in->client_id, in->client_version};
	subs_put(call->vault->subs, &key, attempt->out->sub, call->now_ms);
	attempt->out->grant_ticket = grant_ticket_make(call, sign_in, &given);
}

/* The tickets and the reply carry the same values. */
static void give_tickets(const struct attempt *attempt)
{
	const struct op_call *const call = attempt->call;
	const struct factor *const factor = attempt->judged.right->factor;
	struct vault_factor_out *const out = attempt->out;
	AUTO_JSON json_t *claims = json_object();
	out->authentication_id = attempt->partial.authentication_id;
	out->subject_id = attempt->partial.subject_id;
	out->actor_id = attempt->partial.actor_id;
	out->acr = level_acr(factor->level);
	out->amr = methods(attempt);
	out->auth_time = proven_at(attempt);
	out->stopped = facts(attempt)->stopped;
	json_put(claims, "authentication_id", out->authentication_id);
	json_put(claims, "subject_id", out->subject_id);
	json_put(claims, "actor_id", out->actor_id);
	json_put(claims, "acr", out->acr);
	json_put_new(claims, "amr", texts(&out->amr));
	json_put_int(claims, "auth_time", out->auth_time);
	json_put_int(claims, "exp", out->auth_time + call->vault->settings->session_absolute_s);
	out->ticket = ticket_make(call->arena, call->vault->secrets, TICKET_SIGN_IN, claims);
	if (out->sub)
		give_grant(attempt, claims);
}

static struct result transact(struct attempt *attempt)
{
	AUTO_LEASE struct pool_lease lease = {0};
	TRY(pool_take(attempt->call->vault->pool, &lease));
	TRY(begin(lease.db, attempt));
	TRY(judge_and_write(lease.db, attempt));
	/* A code that was not looked at had no try: that is rolled back. */
	return attempt->writes ? db_commit(lease.db) : OK;
}

/* The kind that was right, or that was asked for; "any" where that is no kind of ours. */
static const char *kind_of(const struct attempt *attempt)
{
	const struct factor *factor = attempt->judged.right ? attempt->judged.right->factor : NULL;
	if (!factor && attempt->in->kind)
		factor = factor_find(attempt->call->vault->factors, attempt->in->kind);
	return factor ? factor->kind : "any";
}

static struct result run(struct attempt *attempt)
{
	const struct vault_factor_in *const in = attempt->in;
	const enum ticket_verdict verdict =
		partial_read(attempt->call, in->partial, in->transaction, &attempt->partial);
	if (verdict != TICKET_GOOD)
		return count(attempt, partial_reason(verdict), VAULT_EXPIRED);
	const struct factor *const factor = factor_find(attempt->call->vault->factors, in->kind);
	attempt->sent = factor && factor->channels ? factor : NULL;
	TRY(transact(attempt));
	if (attempt->out->outcome == VAULT_OK)
		give_tickets(attempt);
	return OK;
}

struct result op_factor(
	struct op_call *call, const struct vault_factor_in *in, struct vault_factor_out *out)
{
	static const uint8_t none[1] = {0};
	const struct bytes device = call->context.device_hash;
	struct attempt attempt = {.call = call,
		.in = in,
		.out = out,
		.device = device.data ? device : (struct bytes){none, 0}};
	const struct result done = run(&attempt);
	meter_add(call->vault->checks, kind_of(&attempt),
		done.err == ERR_NONE ? out->outcome : VAULT_FAILED, 0);
	return done;
}
