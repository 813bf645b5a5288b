/* SPDX-License-Identifier: Apache-2.0 */
/* The gateways of the settings, with their users, and which of them gets a message. */
#ifndef PRATU_COURIER_GATEWAY_H
#define PRATU_COURIER_GATEWAY_H

#include "idp/base/arena.h"
#include "idp/base/result.h"
#include "idp/base/settings.h"
#include "idp/courier/breaker.h"

#define GATEWAYS_MAX 2 /* of one channel */

struct gateway {
	const char *name; /* in rows, metrics and logs: "sms1" */
	const char *url;
	const char *user, *password; /* NULL: without */
	struct breaker breaker;
};

struct gateways {
	size_t n;
	struct gateway items[GATEWAYS_MAX];
};

/* Fill those of SMS (smtp false) or the one for e-mail. The texts live in the arena, which wipes
 * the passwords. None in the settings: n is 0. ERR_CONFIG, with a line in the log. */
MUST_CHECK struct result gateways_open(
	const struct settings *settings, bool smtp, struct arena *arena, struct gateways *out);
void gateways_close(struct gateways *gateways);

/* The one to try: the first, or the one behind `last`, on which the message was tried before
 * (NULL: on none); one whose breaker does not permit it is passed over. NULL: none permits. What is
 * returned is noted in its breaker afterwards. */
struct gateway *gateways_pick(struct gateways *gateways, const char *last, int64_t now_us);
/* How long until one may permit; 0: now. */
int64_t gateways_wait_us(struct gateways *gateways, int64_t now_us);
/* After so many tries that certainly came to nothing: how long to wait for the next, in ms. With
 * two gateways the other one is tried at once; then twice as long each time, up to 30 s. */
int64_t gateways_delay_ms(const struct gateways *gateways, int64_t tries);

#endif
