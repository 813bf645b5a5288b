/* SPDX-License-Identifier: Apache-2.0 */
/* Which connections have had their time: pure decisions. */
#ifndef PRATU_IO_HTTP_REAP_H
#define PRATU_IO_HTTP_REAP_H

#include <stdbool.h>
#include <stdint.h>

/* What a connection is about. */
enum http_state {
	HTTP_STATE_RECEIVING, /* from the connection's start, or a request's first byte, to its last
			       */
	HTTP_STATE_HANDLING, /* a handler has it, and its own time-outs */
	HTTP_STATE_SENDING, /* the answer is on its way */
	HTTP_STATE_IDLE, /* answered; another request may follow */
};

struct http_limits {
	int64_t receive_us, send_us, idle_us;
	int64_t evict_after_us; /* how long a connection may receive before it may be evicted for
				   another's sake */
	int64_t evict_silent_us; /* the same for one that has not sent a byte */
	int64_t idle_max; /* idle connections that a loop keeps */
	int64_t idle_many; /* with more than these, each only for idle_many_us */
	int64_t idle_many_us;
};

/* Is it over for a connection that has been in state for age_us, beside n_idle idle ones? The time
 * runs from the state's begin, whatever is received or sent meanwhile: dripping bytes does not
 * lengthen it. */
bool http_reap_due(
	const struct http_limits *limits, enum http_state state, int64_t age_us, int64_t n_idle);
/* Which connection is given up for another: 0 never, the greater the sooner. Idle ones go before
 * those that have not sent a byte yet (silent), these before those that receive, and the older of a
 * kind before the younger. */
int64_t http_reap_rank(
	const struct http_limits *limits, enum http_state state, bool silent, int64_t age_us);

#endif
