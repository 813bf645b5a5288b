/* SPDX-License-Identifier: Apache-2.0 */
/* What the courier's threads and its one endpoint share: made once by courier_main.c. */
#ifndef PRATU_COURIER_COURIER_H
#define PRATU_COURIER_COURIER_H

#include "idp/base/meter.h"
#include "idp/base/settings.h"
#include "idp/courier/bell.h"
#include "idp/courier/gateway.h"
#include "idp/courier/keys.h"
#include "idp/courier/transfer.h"
#include "idp/io/outbox.h"
#include "idp/page/context.h"
#include "idp/page/observe.h"
#include <stdatomic.h>

/* The states of a message that are counted, as indexes of the meter's outcomes. */
enum courier_count {
	COURIER_HANDED_OVER,
	COURIER_DELIVERED,
	COURIER_FAILED,
	COURIER_UNKNOWN,
	COURIER_EXPIRED,
};

struct channel;

struct courier {
	const struct settings *settings;
	const struct observe *observe;
	struct courier_keys *keys;
	struct channel *channels; /* CHANNELS of them */
	atomic_bool stopping;
	struct meter *messages; /* by channel and state */
	struct meter *tries; /* by gateway and verdict, and how long one took */
	struct meter
		*hand_overs; /* by channel and purpose, and how long after the message was made */
};

/* One try to hand one message over. */
struct attempt {
	const struct courier *courier;
	struct arena *arena;
	struct transfer *transfer;
	const struct gateway *gateway;
	const char *message_id, *language;
	struct outbox_text text;
	struct transfer_leave leave;
};

/* What makes a channel: a row in channel.c. */
struct channel_kind {
	const char *name; /* as courier.message has it */
	bool smtp; /* which of the settings' gateways */
	/* Can it be sent at all to such a recipient? */
	bool (*takes)(const char *to);
	struct transfer_report (*send)(const struct attempt *attempt);
	struct judgement (*judge)(const struct transfer_report *report);
};
extern const struct channel_kind channel_kind_sms, channel_kind_email;

struct channel {
	const struct channel_kind *kind;
	struct gateways gateways;
	struct bell bell; /* rings when a message may be due */
};
#define CHANNELS 2

/* Make the meters and channels. ERR_CONFIG. */
MUST_CHECK struct result courier_fill(struct courier *courier, struct arena *arena);
void courier_clear(struct courier *courier);
/* Messages may be due. */
void courier_ring(struct courier *courier);
/* Count a message by the name of its state in the database. */
void courier_count(const struct courier *courier, const char *channel, const char *state);
/* Meters and gateways, in Prometheus' text format. */
void courier_write(struct courier *courier, struct buf *out);

/* GET /report: what became of an SMS. */
struct result ep_report(struct context *ctx);

#endif
