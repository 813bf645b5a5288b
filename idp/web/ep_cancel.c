/* SPDX-License-Identifier: Apache-2.0 */
/* POST /signin/cancel: the citizen says no; the agency hears access_denied. */
#include "idp/web/signin.h"

struct result ep_cancel_post(struct context *ctx)
{
	AUTO_FLOW struct flow *flow = NULL;

	TRY(signin_take(ctx, &flow));
	return flow ? flow_cancel(ctx, flow) : OK;
}
