/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/handle.h"
#include "idp/vault/code_text.h"
#include "idp/vault/event.h"
#include "idp/vault/factor_secret.h"
#include "idp/vault/message.h"
#include "idp/vault/partial.h"
#include "idp/vault/sent_code.h"
#include "otp/delivered.h"
#include "otp/factor_judge.h"
#include "queries_vault.h"
#include <arpa/inet.h>
#include <string.h>

/*
 * A code is sent: one transaction. A statement locks the citizen's factors and loads them; another
 * counts the message and tells what there was before it; the decision is made under the locks of
 * both, so that of fifty requests at once one sends. Then the message, the code's hash and the row
 * in the record are written, all or nothing. What is decided against is rolled back, and with it
 * the count.
 */

struct sending {
	struct op_call *call;
	const struct vault_challenge_in *in;
	struct vault_challenge_out *out;
	struct partial partial;
	const struct factor *factor;
	struct q_vault_factor_begin_rows rows;
	const struct q_vault_factor_begin_row *row; /* of the factor */
	struct delivered_target target;
	struct q_vault_challenge_count_row counted;
	struct challenge_decision decision;
};

/* It can be had again and again with the same ticket: no row of its own (I9). */
static struct result refuse(
	const struct sending *sending, const char *reason, enum vault_outcome outcome)
{
	event_tally(sending->call, "code_sent", reason);
	sending->out->outcome = outcome;
	return OK;
}

static struct result wait(const struct sending *sending, const char *reason, int64_t wait_s)
{
	sending->out->reason = reason;
	sending->out->wait_s = wait_s;
	return refuse(sending, reason, VAULT_WAIT);
}

static struct result block(const struct sending *sending, const char *reason)
{
	sending->out->reason_blocked = reason;
	return refuse(sending, reason, VAULT_BLOCKED);
}

static struct result begin(struct db *db, struct sending *sending)
{
	static const uint8_t none[1] = {0};
	const struct op_call *const call = sending->call;
	const struct bytes device = call->context.device_hash;
	const struct q_vault_factor_begin_in in = {sending->partial.subject_id,
		device.data ? device : (struct bytes){none, 0}, sending->partial.authentication_id,
		sending->partial.exp_s};
	TRY(db_begin_with_next(db));
	TRY(q_vault_factor_begin(db, call->arena, &in, &sending->rows));
	for (size_t i = 0; i < sending->rows.n; i++)
		if (str_eq(sending->rows.items[i].kind, sending->factor->kind))
			sending->row = &sending->rows.items[i];
	return OK;
}

/* Would a code be looked at now? FACTOR_LATE: it would, and there is none. */
static struct result judge(const struct sending *sending, struct factor_judgement *out)
{
	const struct op_call *const call = sending->call;
	const struct factor_bound bound = {.factor = sending->factor,
		.facts = {.code = "", .now_s = call->now_s},
		.blocked = sending->row->blocked,
		.failures = sending->row->failures,
		.since_ms = sending->row->since_ms,
		.total = sending->row->total};
	const struct factor_try in = {
		&bound, 1, sending->factor->kind, call->vault->settings->mode == MODE_SANDBOX};
	return factor_judge(call->arena, &in, out);
}

static struct result open_target(struct sending *sending)
{
	const struct seal seal = ops_seal(sending->call);
	const struct factor_owner owner = {sending->factor, sending->partial.subject_id};
	struct factor_facts facts = {.code = ""};
	TRY(factor_secret_facts(&seal, owner, sending->row->secret, &facts));
	sending->target = delivered_target(sending->call->arena, facts.secret);
	return OK;
}

/* Who asks: one address, or of IPv6 the network that one subscriber has. No data: not known. */
static struct bytes address_key(const struct op_call *call)
{
	const char *const text = call->context.address;
	struct in6_addr six;
	char network[INET6_ADDRSTRLEN];
	if (!text)
		return (struct bytes){NULL, 0};
	if (inet_pton(AF_INET6, text, &six) != 1)
		return sent_code_name(call, "address", text);
	memset(six.s6_addr + 8, 0, 8);
	if (!inet_ntop(AF_INET6, &six, network, sizeof network))
		return (struct bytes){NULL, 0};
	return sent_code_name(call, "address", network);
}

static struct bytes range_key(const struct op_call *call, const char *number)
{
	if (!number)
		return (struct bytes){NULL, 0};
	return sent_code_name(call, "range",
		arena_strndup(call->arena, number, strlen(number) - CHALLENGE_RANGE_DIGITS));
}

/* The targets' names, sorted: rows are locked in one order. */
static struct bytes_list target_keys(
	const struct op_call *call, const struct delivered_target *target)
{
	struct bytes *const keys = ARENA_ARRAY(call->arena, struct bytes, 2);
	size_t n = 0;
	if (target->number)
		keys[n++] = sent_code_name(call, "number", target->number);
	if (target->mailbox)
		keys[n++] = sent_code_name(call, "mailbox", target->mailbox);
	if (n == 2 && memcmp(keys[0].data, keys[1].data, SHA256_LEN) > 0) {
		const struct bytes first = keys[0];
		keys[0] = keys[1];
		keys[1] = first;
	}
	return (struct bytes_list){keys, n};
}

static struct result count(struct db *db, struct sending *sending)
{
	const struct op_call *const call = sending->call;
	const struct settings *const settings = call->vault->settings;
	struct q_vault_challenge_count_row *const n = &sending->counted;
	const struct q_vault_challenge_count_in in = {
		.targets = target_keys(call, &sending->target),
		.address = address_key(call),
		.range_key = range_key(call, sending->target.number),
		.client_id = call->context.client_id,
	};
	TRY(q_vault_challenge_count(db, call->arena, &in, n));
	const struct challenge_target targets[] = {
		{n->last_ms, n->nth_ms}, {n->other_last_ms, n->other_nth_ms}};
	const struct challenge_facts facts = {
		.targets = targets,
		.n = in.targets.n,
		.number = sending->target.number,
		.prefixes = settings->sms_prefixes,
		.address = {n->by_address, settings->codes_per_address},
		.range = {n->by_range, settings->sms_per_range},
		.hour = {n->by_hour, settings->sms_budget_per_hour},
		.day = {n->by_day, settings->sms_budget_per_day},
	};
	sending->decision = challenge_decide(&facts);
	return OK;
}

static bool is_thai(const struct sending *sending)
{
	return !str_eq(sending->in->language, "en");
}

static struct code_text text_of(const struct sending *sending, const char *code)
{
	const struct settings *const settings = sending->call->vault->settings;
	const struct q_vault_challenge_count_row *const names = &sending->counted;
	const bool thai = is_thai(sending);
	const char *const name = thai ? names->name_th : names->name_en;
	return (struct code_text){.code = code,
		.thai = thai,
		.agency = name ? name : names->name,
		.service = thai ? settings->service_name_th : settings->service_name_en,
		.issuer = settings->issuer};
}

static struct result put_message(const struct sending *sending, struct db *db,
	const struct message *like, const char **message_id)
{
	struct message message = *like;
	message.purpose = "code";
	message.ttl_s = CHALLENGE_TTL_S;
	message.subject_id = sending->partial.subject_id;
	message.authentication_id = sending->partial.authentication_id;
	message.client_id = sending->call->context.client_id;
	message.language = is_thai(sending) ? "th" : "en";
	return message_put(sending->call, db, &message, message_id);
}

/* A message for each channel; ids has space for two. */
static struct result put_messages(
	const struct sending *sending, struct db *db, const char *code, struct str_list *ids)
{
	struct arena *const arena = sending->call->arena;
	const struct code_text text = text_of(sending, code);
	struct message sms = {.channel = "sms", .text = {.to = sending->target.number}},
		       mail = {.channel = "email", .text = {.to = sending->target.mailbox}};
	if (sms.text.to) {
		sms.text.body = code_text_sms(arena, &text);
		TRY(put_message(sending, db, &sms, &ids->items[ids->n++]));
	}
	if (mail.text.to) {
		code_text_mail(arena, &text, &mail.text);
		TRY(put_message(sending, db, &mail, &ids->items[ids->n++]));
	}
	return OK;
}

static struct result send_code(const struct sending *sending, struct db *db)
{
	const struct op_call *const call = sending->call;
	const char *const code = sent_code_new(call);
	const char *const challenge_id = handle_uuid(&call->vault->rng, call->arena, call->now_ms);
	struct str_list messages = {ARENA_ARRAY(call->arena, const char *, 2), 0};
	TRY(put_messages(sending, db, code, &messages));
	const struct q_vault_challenge_put_in in = {
		.kind = sending->factor->kind,
		.challenge_id = challenge_id,
		.code_hash = sent_code_hash(call, challenge_id, code),
		.ttl_s = CHALLENGE_TTL_S,
		.messages = messages,
		.spent = sending->decision.spent,
		.subject_id = sending->partial.subject_id,
		.authentication_id = sending->partial.authentication_id,
		EVENT_CONTEXT(call),
	};
	db_commit_with_next(db);
	TRY(q_vault_challenge_put(db, call->arena, &in, NULL));
	TRY(db_commit(db));
	sending->out->sent_at = call->now_s;
	sending->out->expires_at = call->now_s + CHALLENGE_TTL_S;
	sending->out->resend_at = call->now_s + CHALLENGE_RESEND_S;
	sending->out->outcome = VAULT_OK;
	return OK;
}

static struct result count_and_send(struct db *db, struct sending *sending)
{
	TRY(open_target(sending));
	TRY(count(db, sending));
	switch (sending->decision.verdict) {
	case CHALLENGE_SEND:
		return send_code(sending, db);
	case CHALLENGE_WAIT:
		return wait(sending, sending->decision.reason, sending->decision.wait_s);
	case CHALLENGE_REFUSED:
		return block(sending, sending->decision.reason);
	}
	FAIL(ERR_BOUNDS);
}

/* What stands against it that is no matter of messages; *reason NULL: nothing. */
static enum vault_outcome against(const struct sending *sending, const char **reason)
{
	*reason = NULL;
	if (!sending->row) {
		*reason = "no_factor";
		return VAULT_REFUSED;
	}
	if (sending->row->credentials_us != sending->partial.credentials_us) {
		*reason = "credentials_changed";
		return VAULT_EXPIRED;
	}
	if (sending->row->spent) {
		*reason = "partial_spent";
		return VAULT_EXPIRED;
	}
	if (sending->row->locked)
		*reason = "locked";
	return VAULT_REFUSED;
}

static struct result transact(struct sending *sending)
{
	AUTO_LEASE struct pool_lease lease = {0};
	struct factor_judgement judged;
	const char *reason = NULL;
	TRY(pool_take(sending->call->vault->pool, &lease));
	TRY(begin(lease.db, sending));
	const enum vault_outcome outcome = against(sending, &reason);
	if (reason)
		return refuse(sending, reason, outcome);
	TRY(judge(sending, &judged));
	if (judged.verdict == FACTOR_WAIT)
		return wait(sending, "codes", judged.wait_s);
	if (judged.verdict != FACTOR_LATE)
		return block(sending, judged.reason);
	return count_and_send(lease.db, sending);
}

struct result op_challenge(
	struct op_call *call, const struct vault_challenge_in *in, struct vault_challenge_out *out)
{
	struct sending sending = {.call = call, .in = in, .out = out};
	const enum ticket_verdict verdict =
		partial_read(call, in->partial, in->transaction, &sending.partial);
	if (verdict != TICKET_GOOD)
		return refuse(&sending, partial_reason(verdict), VAULT_EXPIRED);
	sending.factor = factor_find(call->vault->factors, in->kind);
	if (!sending.factor || !sending.factor->channels)
		return refuse(&sending, "no_factor", VAULT_REFUSED);
	return transact(&sending);
}
