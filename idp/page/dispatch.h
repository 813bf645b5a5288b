/* SPDX-License-Identifier: Apache-2.0 */
/* From a request to its answer, by a site's table of routes. No socket is needed. */
#ifndef PRATU_PAGE_DISPATCH_H
#define PRATU_PAGE_DISPATCH_H

#include "idp/page/site.h"

/* Answer ctx->request into ctx->response: find the route, refuse what its method, origin or path
 * does not allow, call the endpoint, and answer its failure with 503. */
void dispatch_request(struct context *ctx);
/* Is there a route at this path? For a log: other paths may hold anything, a password even. */
bool dispatch_knows(const struct site *site, const char *path);
/* The route's own path, as its table has it: a constant; NULL: there is none. */
const char *dispatch_route(const struct site *site, const char *path);
/* The lane of a request, by method and path alone. */
enum http_lane dispatch_lane(const struct site *site, enum http_method method, const char *path);
/* Answer what no endpoint will see: a broken request or a full lane. ctx->db and ctx->vault are not
 * used, and ctx->request may be half filled. */
void dispatch_refuse(struct context *ctx, int status, const char *reason);

#endif
