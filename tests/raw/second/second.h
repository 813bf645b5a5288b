/* SPDX-License-Identifier: Apache-2.0 */
/* A second role that answers with HTML, in a folder of its own as a role of Pratu is, for
 * test_second.py: what it shares with the web role is idp/page alone. */
#ifndef PRATU_TESTS_SECOND_H
#define PRATU_TESTS_SECOND_H

#include "idp/page/site.h"
#include <stdatomic.h>

/* One per request, in ctx->role. */
struct second {
	atomic_int *begun, *ended; /* requests */
};

static inline struct second *second_of(const struct context *ctx)
{
	return ctx->role;
}

endpoint ep_visit_get, ep_visit_post, ep_figures;

#endif
