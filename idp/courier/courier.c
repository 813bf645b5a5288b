/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/courier/courier.h"
#include "idp/base/clock.h"
#include "idp/base/metrics.h"
#include <stdlib.h>

/* A new channel is a row. */
static const struct channel_kind *const kinds[CHANNELS] = {&channel_kind_sms, &channel_kind_email};

static const char *const states[] = {
	[COURIER_HANDED_OVER] = "handed_over",
	[COURIER_DELIVERED] = "delivered",
	[COURIER_FAILED] = "failed",
	[COURIER_UNKNOWN] = "unknown",
	[COURIER_EXPIRED] = "expired",
};
#define STATES (sizeof states / sizeof *states)

static const struct meter_kind messages_kind = {
	.counter = "pratu_courier_messages_total",
	.counter_help = "Messages by channel and the state that they have reached.",
	.label = "channel",
	.outcome_label = "state",
	.outcomes = states,
	.n_outcomes = STATES,
};

static const char *const verdicts[] = {
	[VERDICT_SENT] = "sent",
	[VERDICT_AGAIN] = "again",
	[VERDICT_REFUSED] = "refused",
	[VERDICT_UNKNOWN] = "unknown",
	[VERDICT_LEFT] = "left",
};

static const struct meter_kind tries_kind = {
	.counter = "pratu_courier_tries_total",
	.counter_help = "Tries to hand a message to a gateway, and how they ended.",
	.duration = "pratu_courier_try_duration_seconds",
	.duration_help = "From the first packet to a gateway to its answer.",
	.label = "gateway",
	.outcome_label = "outcome",
	.outcomes = verdicts,
	.n_outcomes = sizeof verdicts / sizeof *verdicts,
};

static const char *const purposes[] = {"code", "notice"};
static const struct meter_kind hand_overs_kind = {
	.counter = "pratu_courier_hand_overs_total",
	.counter_help = "Messages that a gateway accepted, by channel and purpose.",
	.duration = "pratu_courier_hand_over_duration_seconds",
	.duration_help = "From the moment a message was made until a gateway accepted it.",
	.label = "channel",
	.outcome_label = "purpose",
	.outcomes = purposes,
	.n_outcomes = sizeof purposes / sizeof *purposes,
};

struct result courier_fill(struct courier *courier, struct arena *arena)
{
	courier->keys = courier_keys_new();
	courier->messages = meter_new(&messages_kind);
	courier->tries = meter_new(&tries_kind);
	courier->hand_overs = meter_new(&hand_overs_kind);
	courier->channels = calloc(CHANNELS, sizeof *courier->channels);
	if (!courier->channels)
		abort();
	for (size_t i = 0; i < CHANNELS; i++) {
		courier->channels[i].kind = kinds[i];
		bell_init(&courier->channels[i].bell);
	}
	for (size_t i = 0; i < CHANNELS; i++)
		TRY(gateways_open(
			courier->settings, kinds[i]->smtp, arena, &courier->channels[i].gateways));
	return OK;
}

void courier_clear(struct courier *courier)
{
	for (size_t i = 0; i < CHANNELS; i++) {
		gateways_close(&courier->channels[i].gateways);
		bell_destroy(&courier->channels[i].bell);
	}
	free(courier->channels);
	meter_free(courier->messages);
	meter_free(courier->tries);
	meter_free(courier->hand_overs);
	courier_keys_free(courier->keys);
}

void courier_ring(struct courier *courier)
{
	for (size_t i = 0; i < CHANNELS; i++)
		bell_ring(&courier->channels[i].bell);
}

/* A name that lives as long as the meter. */
static const char *channel_name(const char *name)
{
	for (size_t i = 0; i < CHANNELS; i++)
		if (str_eq(kinds[i]->name, name))
			return kinds[i]->name;
	return METER_OTHER;
}

void courier_count(const struct courier *courier, const char *channel, const char *state)
{
	for (size_t i = 0; i < STATES; i++)
		if (str_eq(states[i], state))
			meter_add(courier->messages, channel_name(channel), i, 0);
}

static void put_gateways(struct gateways *gateways, const char *name, struct buf *out)
{
	const int64_t now_us = clock_monotonic_us();
	for (size_t i = 0; i < gateways->n; i++)
		metrics_int(out,
			&(struct metrics_sample){name, {{"gateway", gateways->items[i].name}}},
			breaker_wait_us(&gateways->items[i].breaker, now_us) == 0);
}

void courier_write(struct courier *courier, struct buf *out)
{
	static const char name[] = "pratu_courier_gateway_up";
	meter_write(courier->messages, out);
	meter_write(courier->tries, out);
	meter_write(courier->hand_overs, out);
	metrics_family(out, name, METRICS_GAUGE,
		"Whether messages are given to a gateway; 0 for a while after failures in a row.");
	for (size_t i = 0; i < CHANNELS; i++)
		put_gateways(&courier->channels[i].gateways, name, out);
}
