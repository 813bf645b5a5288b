/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/vault/event.h"
#include "idp/vault/login.h"
#include "idp/vault/ticket.h"
#include "otp/throttle.h"
#include "queries_vault.h"
#include <string.h>

/*
 * Whoever asks, the same is done: one query to load, one to count the try, one Argon2id computation
 * (of nobody's hash where there is none), one query to record how it ended. So neither text nor
 * time tells whether the name is a citizen's, or one that is locked (I8).
 */

struct attempt {
	const struct vault_password_in *in;
	struct vault_password_out *out;
	struct login login;
	const char *citizen_id, *hash; /* NULL: nobody's; no password */
	bool locked;
	uint8_t bucket[SHA256_LEN];
	enum password_shape shape;
	struct password_peppered peppered;
	bool allowed;
	int64_t wait_s;
	const char *authentication_id; /* that the sign-in will have */
	const char *new_hash; /* NULL: the stored one is up to date */
};

/* One computation, on a thread of the hasher. */
struct computation {
	const struct password_peppered *peppered;
	const struct password_cost *cost;
	const char *hash;
	bool good;
	char made[PASSWORD_HASH_SIZE];
	struct result result;
};

static void verify(void *arg)
{
	struct computation *c = arg;
	c->result = password_verify(c->peppered, c->hash, &c->good);
}

static void make(void *arg)
{
	struct computation *c = arg;
	c->result = password_hash(c->peppered, c->cost, c->made);
}

static struct result load(struct op_call *call, struct db *db, struct attempt *attempt)
{
	AUTO_ROWS struct rows *rows = NULL;
	const struct bytes device = call->context.device_hash;
	struct db_args args = db_args(call->arena);
	db_bytes(&args, attempt->login.blind_index, SHA256_LEN);
	db_bytes(&args, device.data, device.len);
	TRY(db_query(db, &q_vault_password_load, &args, &rows));
	attempt->citizen_id = arena_strdup(call->arena, rows_text(rows, 0, "citizen_id"));
	attempt->hash = arena_strdup(call->arena, rows_text(rows, 0, "hash"));
	attempt->locked = rows_bool(rows, 0, "locked");
	const bool known = rows_bool(rows, 0, "known_device");
	const struct bytes unknown = {NULL, 0};
	const char *whose = attempt->citizen_id == NULL ? "" : attempt->citizen_id;
	login_bucket(call->arena, call->vault->secrets, whose, known ? device : unknown,
		attempt->bucket);
	if (attempt->citizen_id == NULL)
		memcpy(attempt->bucket, attempt->login.slot, SHA256_LEN);
	return OK;
}

static struct result count(struct op_call *call, struct db *db, struct attempt *attempt)
{
	AUTO_ROWS struct rows *rows = NULL;
	struct db_args args = db_args(call->arena);
	db_bytes(&args, attempt->bucket, SHA256_LEN);
	db_text(&args, throttle_delays_sql());
	TRY(db_query(db, &q_vault_password_try, &args, &rows));
	attempt->allowed = rows_bool(rows, 0, "allowed");
	attempt->wait_s = rows_int(rows, 0, "wait_s", 1);
	return OK;
}

static const char *unknown_detail(struct op_call *call, const struct attempt *attempt)
{
	if (attempt->citizen_id != NULL)
		return NULL;
	return arena_printf(call->arena, "{\"login\":\"%s\"}", attempt->login.typo);
}

static struct result answer_wait(struct op_call *call, struct db *db, const struct attempt *attempt)
{
	const struct event event = {.kind = "password",
		.outcome = "refused",
		.reason = "wait",
		.citizen_id = attempt->citizen_id,
		.detail = unknown_detail(call, attempt)};
	TRY(event_write(db, call, &event));
	attempt->out->wait_s = attempt->wait_s;
	attempt->out->outcome = VAULT_WAIT;
	return OK;
}

static struct result load_and_count(struct op_call *call, struct attempt *attempt)
{
	AUTO_LEASE struct pool_lease lease = {0};
	TRY(pool_take(call->vault->pool, &lease));
	TRY(load(call, lease.db, attempt));
	TRY(count(call, lease.db, attempt));
	return attempt->allowed ? OK : answer_wait(call, lease.db, attempt);
}

/* Why it is refused, or NULL if it was right. */
static const char *judge(const struct attempt *attempt, bool good)
{
	if (attempt->citizen_id == NULL)
		return "unknown_login";
	if (attempt->locked)
		return "locked";
	if (attempt->hash == NULL)
		return "no_password";
	return good && attempt->shape == PASSWORD_SHAPE_GOOD ? NULL : "wrong_password";
}

static struct result check(struct op_call *call, struct attempt *attempt, const char **reason)
{
	struct vault *vault = call->vault;
	struct computation c = {.peppered = &attempt->peppered, .cost = &vault->cost};
	c.hash = attempt->hash == NULL ? vault->dummy_hash : attempt->hash;
	hasher_run(vault->hasher, verify, &c);
	TRY(c.result);
	*reason = judge(attempt, c.good);
	if (*reason != NULL || !password_outdated(c.hash, &vault->cost))
		return OK;
	hasher_run(vault->hasher, make, &c);
	TRY(c.result);
	attempt->new_hash = arena_strdup(call->arena, c.made);
	return OK;
}

/* The row in the record, and with it what a right password earns. */
static struct result finish(struct op_call *call, const struct attempt *attempt, const char *reason)
{
	AUTO_LEASE struct pool_lease lease = {0};
	const bool good = reason == NULL;
	const struct event event = {.kind = "password",
		.outcome = good ? "ok" : "refused",
		.reason = reason,
		.citizen_id = attempt->citizen_id,
		.authentication_id = good ? attempt->authentication_id : NULL,
		.detail = unknown_detail(call, attempt)};
	struct db_args args = event_args(call, &event);
	db_bool(&args, good);
	db_bytes(&args, attempt->bucket, SHA256_LEN);
	db_text(&args, attempt->hash);
	db_text(&args, attempt->new_hash);
	TRY(pool_take(call->vault->pool, &lease));
	return db_exec(lease.db, &q_vault_password_finish, &args, NULL);
}

static void give_partial(struct op_call *call, const struct attempt *attempt)
{
	AUTO_JSON json_t *claims = json_object();
	json_put(claims, "authentication_id", attempt->authentication_id);
	json_put(claims, "citizen_id", attempt->citizen_id);
	json_put(claims, "transaction", attempt->in->transaction);
	json_put_int(claims, "exp", call->now_s + TICKET_PARTIAL_TTL_S);
	attempt->out->partial =
		ticket_make(call->arena, call->vault->secrets, TICKET_PARTIAL, claims);
}

static struct result attempt_within(struct op_call *call, struct attempt *attempt)
{
	const char *reason = NULL;
	TRY(load_and_count(call, attempt));
	if (!attempt->allowed)
		return OK;
	TRY(check(call, attempt, &reason));
	TRY(finish(call, attempt, reason));
	attempt->out->outcome = reason == NULL ? VAULT_OK : VAULT_REFUSED;
	if (reason == NULL)
		give_partial(call, attempt);
	return OK;
}

struct result op_password(
	struct op_call *call, const struct vault_password_in *in, struct vault_password_out *out)
{
	struct vault *vault = call->vault;
	struct attempt attempt = {
		.in = in,
		.out = out,
		.login = login_read(call->arena, vault->secrets, in->login),
		.authentication_id = rng_uuid(&vault->rng, call->arena),
	};
	attempt.shape =
		password_pepper(call->arena, vault->secrets, in->password, &attempt.peppered);
	/* Before the try is counted: a full house is no fault of the citizen's. */
	if (!hasher_enter(vault->hasher))
		FAIL(ERR_BUSY);
	const struct result done = attempt_within(call, &attempt);
	hasher_leave(vault->hasher);
	explicit_bzero(&attempt.peppered, sizeof attempt.peppered);
	return done;
}
