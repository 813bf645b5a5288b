/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a form was sent from our own pages: the check beside SameSite cookies and transaction
 * handles. */
#ifndef PRATU_PAGE_ORIGIN_H
#define PRATU_PAGE_ORIGIN_H

#include "idp/page/context.h"

/* Did a page of the site's origin send this POST? By Sec-Fetch-Site and Origin; by Referer where
 * a browser sends no Origin; without any of them the answer is no. */
bool origin_is_ours(const struct context *ctx);

#endif
