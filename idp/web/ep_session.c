/* SPDX-License-Identifier: Apache-2.0 */
/* POST /session/end: from the citizen's own page, end this session, one other or all others. */
#include "idp/page/page.h"
#include "idp/web/session.h"

static struct result sign_out(struct context *ctx, const struct session *session)
{
	struct page page = {.name = "signed_out", .data = json_object()};

	if (session)
		TRY(session_end_own(ctx, session, "sign_out"));
	session_forget_cookie(ctx);
	json_put(page.data, "return_to", "/");
	page_show(ctx, &page);
	return OK;
}

struct result ep_session_end(struct context *ctx)
{
	const struct params *form = ctx->request->form;
	const char *which = params_value(form, "which");
	const char *session_id = params_value(form, "session_id");
	const struct session *session = NULL;
	struct session_ending ending = {SESSION_OTHERS, session_id, "sign_out"};
	bool ended = false;

	TRY(session_load(ctx, NULL, &session));
	if (str_eq(which, "this"))
		return sign_out(ctx, session);
	if (str_eq(which, "one"))
		ending.which = SESSION_ONE;
	const bool one = ending.which == SESSION_ONE && str_is_uuid(session_id);
	const bool own = session && str_eq(session_id, session->session_id);
	if (session && ((one && !own) || str_eq(which, "others")))
		TRY(session_end(ctx, session, &ending, &ended));
	http_redirect(ctx->response, 303, ended ? "/?ended=1" : "/?ended=0");
	http_add(ctx->response, "Cache-Control", "no-store");
	return OK;
}
