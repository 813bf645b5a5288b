/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A form that another site's page posts to us is sent without our cookies: they are SameSite=Lax.
 * The browser sends them with a GET, so such a request is sent once more as one. Its parameters
 * travel sealed: an id_token_hint, or what is asked for, is not to be read in the logs of proxies
 * or in the browser's history.
 */
#ifndef PRATU_WEB_BOUNCE_H
#define PRATU_WEB_BOUNCE_H

#include "idp/web/web.h"

/* The parameters of a request, wherever they are. */
struct bounce_params {
	const struct params *params;
	enum params_verdict verdict;
};

/* Of a POST its form; of a GET its query, or what bounce_to_get sealed into that, for
 * transaction_ttl_s; later it is a query as any other, of a parameter that is unknown. In the
 * arena. ERR_VAULT: there is no key at present to tell. */
MUST_CHECK struct result bounce_params(struct context *ctx, struct bounce_params *out);

/* If this is a POST from another origin's page, without a session cookie: answer 303 to the same
 * path with params sealed in its query, and *done is true. Not where that query would be
 * over-long. ERR_VAULT: no key. */
MUST_CHECK struct result bounce_to_get(
	struct context *ctx, const struct params *params, bool *done);

#endif
