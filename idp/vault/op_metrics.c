/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/op_metrics.h"
#include "idp/base/meter.h"
#include "idp/vault/ops.h"

static const char *const outcomes[] = {[VAULT_FAILED] = "failed",
	[VAULT_OK] = "ok",
	[VAULT_REFUSED] = "refused",
	[VAULT_WAIT] = "wait",
	[VAULT_BLOCKED] = "blocked",
	[VAULT_EXPIRED] = "expired",
	[VAULT_CHANGED] = "changed"};
#define OUTCOMES .outcomes = outcomes, .n_outcomes = sizeof outcomes / sizeof *outcomes

static const struct meter_kind operations_kind = {
	.counter = "pratu_vault_operations_total",
	.counter_help = "Operations of the vault, by how they ended.",
	.duration = "pratu_vault_operation_duration_seconds",
	.duration_help = "How long operations took, waiting for a hashing thread included.",
	.label = "op",
	.outcome_label = "outcome",
	OUTCOMES,
};

static const struct meter_kind checks_kind = {
	.counter = "pratu_signin_checks_total",
	.counter_help = "Steps of sign-ins: the password, then a second factor; wait: throttled.",
	.label = "factor",
	.outcome_label = "outcome",
	OUTCOMES,
};

void op_metrics_begin(struct vault *vault)
{
	vault->calls = meter_new(&db_meter_kind);
	vault->operations = meter_new(&operations_kind);
	vault->checks = meter_new(&checks_kind);
	pool_observe(vault->pool, vault->calls);
}

void op_metrics_end(struct vault *vault)
{
	meter_free(vault->calls);
	meter_free(vault->operations);
	meter_free(vault->checks);
}

static void put_hasher(struct buf *out, struct hasher *hasher)
{
	const struct hasher_figures figures = hasher_figures(hasher);
	metrics_one(out, METRICS_COUNTER, "pratu_password_hashes_total",
		"Password hashes computed.", figures.done);
	metrics_one(out, METRICS_COUNTER, "pratu_password_refused_total",
		"Password checks that were not admitted: too many waited, or of one login name.",
		figures.refused);
	metrics_one(out, METRICS_GAUGE, "pratu_password_callers",
		"Password checks admitted now, computing or waiting.", figures.within);
	metrics_one(out, METRICS_GAUGE, "pratu_password_queue",
		"Of those, the ones that no thread works for yet.", figures.queued);
	metrics_one(out, METRICS_GAUGE, "pratu_password_capacity",
		"How many password checks are admitted at once.", figures.capacity);
	metrics_one(out, METRICS_GAUGE, "pratu_password_threads",
		"Threads that compute password hashes.", figures.threads);
}

static void put_pool(struct buf *out, struct pool *pool)
{
	static const char name[] = "pratu_database_pool_connections";
	const struct pool_figures figures = pool_figures(pool);
	metrics_family(out, name, METRICS_GAUGE, "Connections of the pool, in use and free.");
	metrics_int(out, &(struct metrics_sample){name, {{"state", "used"}}},
		figures.size - figures.free);
	metrics_int(out, &(struct metrics_sample){name, {{"state", "free"}}}, figures.free);
	metrics_one(out, METRICS_COUNTER, "pratu_database_pool_refused_total",
		"Waits for a connection of the pool that ended without one.", figures.refused);
}

struct result op_metrics(struct op_call *call, struct vault_metrics_out *reply)
{
	struct vault *const vault = call->vault;
	struct buf out = buf_new(call->arena);
	metrics_process(&out, "vault", vault->started_at_s);
	metrics_one(&out, METRICS_GAUGE, "pratu_vault_ready",
		"Whether it has a key of each algorithm and the database tells it of new ones.",
		keyring_ready(vault->keyring, call->now_s));
	meter_write(vault->operations, &out);
	meter_write(vault->checks, &out);
	meter_write(vault->calls, &out);
	put_hasher(&out, vault->hasher);
	put_pool(&out, vault->pool);
	metrics_refusals(&out, vault->tally);
	reply->text = out.text;
	reply->outcome = VAULT_OK;
	return OK;
}
