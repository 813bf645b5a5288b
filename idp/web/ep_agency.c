/* SPDX-License-Identifier: Apache-2.0 */
/* POST /agency/end: from the citizen's own page, end all that one agency may do in their name. */
#include "idp/page/page.h"
#include "idp/web/record.h"
#include "idp/web/session.h"
#include "queries_web.h"

static struct result end(
	struct context *ctx, const struct session *session, const char *client_id, int64_t *ended)
{
	const struct record_asker asker = record_asker(ctx);
	const struct q_web_agency_end_in in = {.subject_id = session->subject_id,
		.client_id = client_id,
		.actor_id = session->actor_id,
		.address = asker.address,
		.device = asker.device,
		.user_agent = asker.user_agent,
		.correlation_id = asker.correlation_id};
	struct q_web_agency_end_row row = {0};
	TRY(q_web_agency_end(ctx->db, ctx->arena, &in, &row));
	*ended = row.ended;
	return OK;
}

struct result ep_agency_end(struct context *ctx)
{
	const char *client_id = params_value(ctx->request->form, "client_id");
	const struct session *session = NULL;
	int64_t ended = 0;
	TRY(session_load(ctx, NULL, &session));
	if (session && client_id)
		TRY(end(ctx, session, client_id, &ended));
	http_redirect(ctx->response, 303, ended > 0 ? "/?ended=agency" : "/?ended=0");
	http_add(ctx->response, "Cache-Control", "no-store");
	return OK;
}
