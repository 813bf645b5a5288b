/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/courier/sender.h"
#include "idp/base/clock.h"
#include "idp/base/log.h"
#include "queries_courier.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define POLL_MS 2000 /* of the first thread of a channel; the others are rung for */
#define SLEEP_MS 60000
#define AWAY_MS 1000 /* where database or vault are */
#define LEASE_SPARE_S 20 /* over one exchange: what the database may take meanwhile */
#define END_TRIES 3
#define KEY_WAIT_MS 2000

struct sender {
	struct courier *courier;
	struct channel *channel;
	bool first;
	pthread_t thread;
	struct db *db;
	struct transfer *transfer;
};

/* A message that this thread has claimed. */
struct claim {
	struct sender *sender;
	struct arena *arena;
	const struct q_courier_message_claim_row *row;
	struct gateway *gateway;
};

/* ---- the row */

static bool note_begun(void *arg)
{
	const struct claim *const claim = arg;
	const struct q_courier_message_begin_in in = {claim->row->message_id,
		claim->row->created_ms, claim->row->attempts, claim->gateway->name};
	int64_t affected = 0;
	return q_courier_message_begin(claim->sender->db, claim->arena, &in, &affected).err ==
		       ERR_NONE &&
	       affected == 1;
}

struct end {
	const char *state, *outcome, *reason;
};

/* If the database does not hear of it the row stays as it is, begun, and becomes unknown. */
static void end(const struct claim *claim, const struct end *how)
{
	const struct sender *const sender = claim->sender;
	const struct q_courier_message_end_in in = {claim->row->message_id, claim->row->created_ms,
		claim->row->attempts, claim->gateway ? claim->gateway->name : "none", how->state,
		how->outcome, how->reason};
	int64_t affected = 0;
	struct result done = FAILED(ERR_DB);
	for (int i = 0; done.err != ERR_NONE && i < END_TRIES; i++)
		done = q_courier_message_end(sender->db, claim->arena, &in, &affected);
	if (done.err == ERR_NONE && affected == 1)
		courier_count(sender->courier, sender->channel->kind->name, how->state);
	log_info("courier.message", "message_id", in.message_id, "channel",
		sender->channel->kind->name, "gateway", in.gateway, "state", how->state, "reason",
		how->reason, "noted", done.err == ERR_NONE ? "yes" : "no");
}

/* It has not left. Where its time would be over before the next try, this was the last. */
static void wait_again(const struct claim *claim, int64_t delay_ms, const char *reason)
{
	const struct q_courier_message_retry_in in = {claim->row->message_id,
		claim->row->created_ms, claim->row->attempts,
		claim->gateway ? claim->gateway->name : NULL, delay_ms, reason};
	if (delay_ms >= claim->row->left_ms) {
		end(claim, &(struct end){"expired", "failed", reason});
		return;
	}
	log_warn("courier.again", "message_id", in.message_id, "channel",
		claim->sender->channel->kind->name, "gateway", in.gateway, "reason", reason);
	(void)q_courier_message_retry(claim->sender->db, claim->arena, &in, NULL).err;
}

/* ---- the try */

static struct result open_text(const struct claim *claim, struct outbox_text *text, bool *keyed)
{
	uint8_t key[KEY_LEN];
	const struct outbox_seal seal = {
		claim->arena, claim->row->message_id, claim->row->epoch, key};
	*keyed = courier_keys_find(claim->sender->courier->keys, claim->row->epoch, key);
	if (!*keyed)
		FAIL(ERR_VAULT);
	const struct result opened = outbox_open(&seal, claim->row->sealed, text);
	explicit_bzero(key, sizeof key);
	return opened;
}

static void count_hand_over(const struct claim *claim)
{
	const struct clock clock = clock_system();
	const int64_t took_ms = clock_now_ms(&clock) - claim->row->created_ms;
	meter_add(claim->sender->courier->hand_overs, claim->sender->channel->kind->name,
		str_eq(claim->row->purpose, "notice"), (took_ms > 0 ? took_ms : 0) * 1000);
}

static void settle(const struct claim *claim, const struct judgement *judged)
{
	const struct gateways *const gateways = &claim->sender->channel->gateways;
	switch (judged->verdict) {
	case VERDICT_SENT:
		count_hand_over(claim);
		end(claim, &(struct end){"handed_over", "sent", NULL});
		break;
	case VERDICT_REFUSED:
		end(claim, &(struct end){"failed", "failed", judged->reason});
		break;
	case VERDICT_UNKNOWN:
		end(claim, &(struct end){"unknown", "unknown", judged->reason});
		break;
	case VERDICT_AGAIN:
		wait_again(
			claim, gateways_delay_ms(gateways, claim->row->attempts), judged->reason);
		break;
	case VERDICT_LEFT:
		break;
	}
}

static void hand_over(struct claim *claim, const struct outbox_text *text)
{
	const struct sender *const sender = claim->sender;
	const struct channel_kind *const kind = sender->channel->kind;
	const struct attempt attempt = {
		.courier = sender->courier,
		.arena = claim->arena,
		.transfer = sender->transfer,
		.gateway = claim->gateway,
		.message_id = claim->row->message_id,
		.language = claim->row->language,
		.text = *text,
		.leave = {note_begun, claim},
	};
	const int64_t began_us = clock_monotonic_us();
	const struct transfer_report report = kind->send(&attempt);
	const struct judgement judged = kind->judge(&report);
	const int64_t now_us = clock_monotonic_us();
	meter_add(sender->courier->tries, claim->gateway->name, judged.verdict, now_us - began_us);
	if (judged.verdict == VERDICT_LEFT)
		breaker_unused(&claim->gateway->breaker);
	else
		breaker_note(&claim->gateway->breaker, judged.works, now_us);
	settle(claim, &judged);
}

static void process(struct claim *claim)
{
	struct channel *const channel = claim->sender->channel;
	struct outbox_text text = {0};
	bool keyed = false;
	if (open_text(claim, &text, &keyed).err != ERR_NONE) {
		if (keyed)
			end(claim, &(struct end){"failed", "failed", "unreadable"});
		else
			wait_again(claim, KEY_WAIT_MS, "no_key");
		return;
	}
	if (!channel->kind->takes(text.to)) {
		end(claim, &(struct end){"failed", "failed", "recipient"});
		return;
	}
	const int64_t now_us = clock_monotonic_us();
	claim->gateway = gateways_pick(&channel->gateways, claim->row->gateway, now_us);
	if (claim->gateway)
		hand_over(claim, &text);
	else
		wait_again(
			claim, gateways_wait_us(&channel->gateways, now_us) / 1000, "no_gateway");
}

/* ---- the thread */

/* Claim one and hand it over. *claimed: there was one. */
static struct result work(struct sender *sender, struct arena *arena, bool *claimed)
{
	const struct q_courier_message_claim_in in = {sender->channel->kind->name,
		sender->courier->settings->gateway_timeout_s + LEASE_SPARE_S};
	struct claim claim = {.sender = sender, .arena = arena};
	TRY(q_courier_message_claim(sender->db, arena, &in, &claim.row));
	*claimed = claim.row != NULL;
	if (!*claimed)
		return OK;
	bell_ring(&sender->channel->bell); /* there may be more */
	process(&claim);
	return OK;
}

/* Work until nothing is due. How long to sleep, in ms. */
static int64_t drain(struct sender *sender)
{
	const int64_t idle_ms = sender->first ? POLL_MS : SLEEP_MS;
	bool claimed = true;
	while (claimed && !atomic_load(&sender->courier->stopping)) {
		const int64_t wait_us =
			gateways_wait_us(&sender->channel->gateways, clock_monotonic_us());
		if (!courier_keys_known(sender->courier->keys))
			return AWAY_MS;
		if (wait_us > 0)
			return wait_us / 1000 < idle_ms ? wait_us / 1000 + 1 : idle_ms;
		struct arena *const arena = arena_new();
		const struct result done = work(sender, arena, &claimed);
		arena_free(arena);
		if (done.err != ERR_NONE)
			return AWAY_MS;
	}
	return idle_ms;
}

static void *run(void *arg)
{
	struct sender *const sender = arg;
	while (bell_wait(&sender->channel->bell, drain(sender)))
		continue;
	return NULL;
}

static void release(struct sender *sender)
{
	transfer_free(sender->transfer);
	db_free(sender->db);
	free(sender);
}

struct result sender_start(
	struct courier *courier, struct channel *channel, bool first, struct sender **out)
{
	struct sender *const sender = calloc(1, sizeof *sender);
	if (!sender)
		abort();
	*sender = (struct sender){.courier = courier, .channel = channel, .first = first};
	sender->db = db_new_admitted(courier->settings->courier_database, "pratu courier sender");
	db_observe(sender->db, courier->observe->database);
	struct result made = transfer_new(courier->settings, &courier->stopping, &sender->transfer);
	if (made.err == ERR_NONE && pthread_create(&sender->thread, NULL, run, sender) != 0)
		made = FAILED(ERR_IO);
	if (made.err != ERR_NONE) {
		release(sender);
		return made;
	}
	*out = sender;
	return OK;
}

void sender_stop(struct sender *sender)
{
	if (!sender)
		return;
	pthread_join(sender->thread, NULL);
	release(sender);
}
