/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/bounce.h"
#include "idp/page/origin.h"
#include "idp/web/session.h"
#include <string.h>

#define QUERY_MAX 12288 /* bytes: the request line has its bound */

/* A plain client sends neither header, and keeps its cookies whatever the method. */
static bool from_foreign_page(const struct web *web)
{
	bool browser =
		http_header(web->request, "Origin") || http_header(web->request, "Sec-Fetch-Site");
	return browser && !origin_is_ours(web);
}

bool bounce_to_get(struct web *web, const struct params *params)
{
	if (web->request->method != HTTP_POST || session_token_hash(web) || !from_foreign_page(web))
		return false;
	const char *query = params_encode(web->arena, params);
	if (strlen(query) > QUERY_MAX)
		return false;
	http_redirect(
		web->response, 303, arena_printf(web->arena, "%s?%s", web->request->path, query));
	http_add(web->response, "Cache-Control", "no-store");
	http_add(web->response, "Referrer-Policy", "no-referrer");
	return true;
}
