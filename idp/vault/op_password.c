/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/handle.h"
#include "idp/vault/event.h"
#include "idp/vault/factor_list.h"
#include "idp/vault/login.h"
#include "idp/vault/ticket.h"
#include "otp/throttle.h"
#include "queries_vault.h"
#include <string.h>

/*
 * One try of a password is one transaction on one of the hashing threads: a statement that locks
 * the bucket of the name and device and loads what the check needs, one Argon2id computation (of
 * nobody's hash where there is none), a statement that stores how it ended. Whoever asks, the same
 * is done, so that neither text nor time tells whether the name is a citizen's, or one that is
 * locked (I8). Tries at one bucket wait for each other, and no answer is given before the COMMIT:
 * so guesses are bounded whatever is asked at once, and whoever dies. What fails leaves nothing.
 */

struct attempt {
	struct op_call *call;
	const struct vault_password_in *in;
	struct vault_password_out *out;
	struct login login;
	uint8_t bucket_unknown[SHA256_LEN], bucket_known[SHA256_LEN];
	enum password_shape shape;
	struct password_peppered peppered;
	const char *authentication_id; /* that the sign-in will have */
	struct q_vault_password_begin_row found;
	struct q_vault_password_right_rows factors; /* of a right one */
	const char *reason; /* why it is refused; NULL: it was right */
	const char *new_hash; /* NULL: the stored one is up to date */
	int64_t hashes; /* computed */
	struct result result;
};

static struct bytes bucket_of(const struct attempt *attempt)
{
	return (struct bytes){
		attempt->found.known_device ? attempt->bucket_known : attempt->bucket_unknown,
		SHA256_LEN};
}

static struct result begin(struct db *db, struct attempt *attempt)
{
	static const uint8_t none[1] = {0};
	const struct bytes device = attempt->call->context.device_hash;
	const struct q_vault_password_begin_in in = {
		.login_index = {attempt->login.blind_index, SHA256_LEN},
		.device_hash = device.data ? device : (struct bytes){none, 0},
		.bucket_unknown = {attempt->bucket_unknown, SHA256_LEN},
		.bucket_known = {attempt->bucket_known, SHA256_LEN},
	};
	TRY(db_begin_with_next(db));
	return q_vault_password_begin(db, attempt->call->arena, &in, &attempt->found);
}

static const char *reason_of(const struct attempt *attempt, bool good)
{
	if (!attempt->found.subject_id)
		return "unknown_login";
	if (attempt->found.locked)
		return "locked";
	if (!attempt->found.hash)
		return "no_password";
	return good && attempt->shape == PASSWORD_SHAPE_GOOD ? NULL : "wrong_password";
}

static struct result check(struct attempt *attempt)
{
	const struct vault *const vault = attempt->call->vault;
	const char *const hash = attempt->found.hash ? attempt->found.hash : vault->dummy_hash;
	char made[PASSWORD_HASH_SIZE];
	bool good = false;
	attempt->hashes++;
	TRY(password_verify(&attempt->peppered, hash, &good));
	attempt->reason = reason_of(attempt, good);
	if (!password_outdated(hash, &vault->cost))
		return OK;
	if (attempt->reason) {
		const struct password_cost saved = password_saved(hash, &vault->cost);
		return password_spend(&saved);
	}
	attempt->hashes++;
	TRY(password_hash(&attempt->peppered, &vault->cost, made));
	attempt->new_hash = arena_strdup(attempt->call->arena, made);
	return OK;
}

static struct result write_wrong(struct db *db, const struct attempt *attempt)
{
	const struct op_call *const call = attempt->call;
	const int64_t before = attempt->found.failures;
	const int64_t failures = before < THROTTLE_FAILURES_MAX ? before + 1 : before;
	const struct q_vault_password_wrong_in in = {
		.bucket = bucket_of(attempt),
		.failures = failures,
		.delay_s = throttle_password_delay_s(failures),
		.forget_s = throttle_password_forget_s(failures),
		.reason = attempt->reason,
		.subject_id = attempt->found.subject_id,
		.login_hash = attempt->found.subject_id ? NULL : attempt->login.typo,
		.authentication_id = attempt->authentication_id,
		EVENT_CONTEXT(call),
	};
	db_commit_with_next(db);
	return q_vault_password_wrong(db, call->arena, &in, NULL);
}

/* A statement more where there is something to settle, before the one that the COMMIT goes with. */
static struct result settle(struct db *db, const struct attempt *attempt)
{
	const struct q_vault_password_settle_in in = {
		.subject_id = attempt->found.subject_id,
		.bucket = bucket_of(attempt),
		.hash = attempt->found.hash,
		.new_hash = attempt->new_hash,
	};
	if (attempt->found.failures == 0 && !attempt->new_hash)
		return OK;
	return q_vault_password_settle(db, attempt->call->arena, &in, NULL);
}

static struct result write_right(struct db *db, struct attempt *attempt)
{
	const struct op_call *const call = attempt->call;
	const struct q_vault_password_right_in in = {
		.subject_id = attempt->found.subject_id,
		.authentication_id = attempt->authentication_id,
		EVENT_CONTEXT(call),
	};
	TRY(settle(db, attempt));
	db_commit_with_next(db);
	return q_vault_password_right(db, call->arena, &in, &attempt->factors);
}

static void give_partial(const struct attempt *attempt)
{
	const struct op_call *const call = attempt->call;
	AUTO_JSON json_t *claims = json_object();
	json_put(claims, "authentication_id", attempt->authentication_id);
	json_put(claims, "subject_id", attempt->found.subject_id);
	json_put(claims, "actor_id", attempt->found.subject_id);
	json_put(claims, "transaction", attempt->in->transaction);
	json_put_int(claims, "credentials_us", attempt->found.credentials_us);
	json_put_int(claims, "exp", call->now_s + TICKET_PARTIAL_TTL_S);
	attempt->out->partial =
		ticket_make(call->arena, call->vault->secrets, TICKET_PARTIAL, claims);
}

static struct result give_factors(const struct attempt *attempt)
{
	const struct op_call *const call = attempt->call;
	const struct q_vault_password_right_rows *const rows = &attempt->factors;
	struct factor_list list = factor_list_new(call, rows->n);
	for (size_t i = 0; i < rows->n; i++) {
		const struct q_vault_password_right_row *const row = &rows->items[i];
		const struct factor_stored stored = {
			row->kind, attempt->found.subject_id, row->secret, row->blocked};
		TRY(factor_list_add(call, &list, &stored));
	}
	struct vault_password_factors_item *const items =
		ARENA_ARRAY(call->arena, struct vault_password_factors_item, list.n + 1);
	for (size_t i = 0; i < list.n; i++)
		items[i] = (struct vault_password_factors_item){list.items[i].factor->kind,
			level_acr(list.items[i].factor->level), list.items[i].hint,
			list.items[i].factor->channels != 0};
	attempt->out->factors.items = items;
	attempt->out->factors.n = list.n;
	return OK;
}

static struct result wait(const struct attempt *attempt)
{
	event_tally(attempt->call, "password", "wait");
	attempt->out->wait_s = (attempt->found.wait_ms + 999) / 1000;
	attempt->out->outcome = VAULT_WAIT;
	return OK;
}

static struct result run(struct attempt *attempt)
{
	AUTO_LEASE struct pool_lease lease = {0};
	TRY(pool_take(attempt->call->vault->pool, &lease));
	TRY(begin(lease.db, attempt));
	if (attempt->found.wait_ms > 0)
		return wait(attempt);
	TRY(check(attempt));
	TRY(attempt->reason ? write_wrong(lease.db, attempt) : write_right(lease.db, attempt));
	TRY(db_commit(lease.db));
	attempt->out->outcome = attempt->reason ? VAULT_REFUSED : VAULT_OK;
	if (attempt->reason)
		return OK;
	give_partial(attempt);
	return give_factors(attempt);
}

static int64_t work(void *arg)
{
	struct attempt *const attempt = arg;
	attempt->result = run(attempt);
	return attempt->hashes;
}

struct result op_password(
	struct op_call *call, const struct vault_password_in *in, struct vault_password_out *out)
{
	const struct vault *const vault = call->vault;
	struct attempt attempt = {
		.call = call,
		.in = in,
		.out = out,
		.login = login_read(call->arena, vault->secrets, in->login),
		.authentication_id = handle_uuid(&vault->rng, call->arena, call->now_ms),
	};
	login_bucket(call->arena, vault->secrets, &attempt.login, (struct bytes){NULL, 0},
		attempt.bucket_unknown);
	login_bucket(call->arena, vault->secrets, &attempt.login, call->context.device_hash,
		attempt.bucket_known);
	attempt.shape =
		password_pepper(call->arena, vault->secrets, in->password, &attempt.peppered);
	/* Before anything is counted: that all threads are busy is no fault of the citizen's. All
	 * devices are one name here: which of them are known is not looked up yet. */
	const struct hasher_job job = {hasher_name(attempt.bucket_unknown), work, &attempt};
	if (!hasher_enter(vault->hasher, job.name))
		FAIL(ERR_BUSY);
	hasher_run(vault->hasher, &job);
	hasher_leave(vault->hasher, job.name);
	explicit_bzero(&attempt.peppered, sizeof attempt.peppered);
	meter_add(vault->checks, "password",
		attempt.result.err == ERR_NONE ? out->outcome : VAULT_FAILED, 0);
	return attempt.result;
}
